#include "engine/core/instruction_set.hpp"

#include <atomic>
#include <cstring>

namespace sociometer {
namespace {
// Of the process, as the processor is: kernels are chosen in many places, which must agree.
std::atomic<const char*> g_chosen = nullptr;
}  // namespace

bool runs_instruction_set(const char* name) {
#ifdef __x86_64__
  if (std::strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  if (std::strcmp(name, "avx2") == 0)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return std::strcmp(name, "sse2") == 0;
}

bool choose_instruction_set(const std::string& name) {
  for (const char* known : {"sse2", "avx2", "avx512"}) {
    if (name != known || !runs_instruction_set(known)) continue;
    g_chosen = known;
    return true;
  }
  return false;
}

const char* chosen_instruction_set() { return g_chosen; }

}  // namespace sociometer
