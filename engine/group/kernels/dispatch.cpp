#include <cstring>
#include <initializer_list>

#include "engine/group/kernels/kernels.hpp"

namespace sociometer::shuffle_kernels {

extern const KernelSet kKernels_sse2;
#ifdef SOCIOMETER_X86_KERNELS
extern const KernelSet kKernels_avx2;
extern const KernelSet kKernels_avx512;
#endif

const KernelSet* find_kernels(const char* name) {
#ifdef SOCIOMETER_X86_KERNELS
  if (std::strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
               ? &kKernels_avx512
               : nullptr;
  if (std::strcmp(name, "avx2") == 0)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kKernels_avx2
                                                                           : nullptr;
#endif
  return std::strcmp(name, "sse2") == 0 ? &kKernels_sse2 : nullptr;
}

const KernelSet& best_kernels() {
  for (const char* name : {"avx512", "avx2"})
    if (const KernelSet* found = find_kernels(name)) return *found;
  return kKernels_sse2;
}

}  // namespace sociometer::shuffle_kernels
