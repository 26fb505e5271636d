#include <cstring>
#include <initializer_list>

#include "engine/core/instruction_set.hpp"
#include "engine/group/kernels/kernels.hpp"

namespace sociometer::shuffle_kernels {

extern const KernelSet kKernels_sse2;
#ifdef SOCIOMETER_X86_KERNELS
extern const KernelSet kKernels_avx2;
extern const KernelSet kKernels_avx512;
#endif

const KernelSet* find_kernels(const char* name) {
  const KernelSet* const sets[] = {
#ifdef SOCIOMETER_X86_KERNELS
      &kKernels_avx512, &kKernels_avx2,
#endif
      &kKernels_sse2};
  for (const KernelSet* set : sets)
    if (std::strcmp(set->name, name) == 0) return runs_instruction_set(name) ? set : nullptr;
  return nullptr;
}

const KernelSet& best_kernels() {
  for (const char* name : {"avx512", "avx2"})
    if (const KernelSet* found = find_kernels(name)) return *found;
  return kKernels_sse2;
}

}  // namespace sociometer::shuffle_kernels
