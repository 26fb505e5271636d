#include "engine/core/instruction_set.hpp"

#include <cstring>

namespace sociometer {

bool runs_instruction_set(const char* name) {
#ifdef __x86_64__
  if (std::strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  if (std::strcmp(name, "avx2") == 0)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return std::strcmp(name, "sse2") == 0;
}

}  // namespace sociometer
