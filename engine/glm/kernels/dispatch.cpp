#include <cstring>
#include <initializer_list>

#include "engine/core/instruction_set.hpp"
#include "engine/glm/kernels/kernels.hpp"

namespace sociometer::kernels {

extern const KernelSet kKernels_sse2;
#ifdef SOCIOMETER_X86_KERNELS
extern const KernelSet kKernels_avx2;
extern const KernelSet kKernels_avx512;
#endif

long solver_work_size(int n, int n_working, int n_contrasts) {
  const auto padded = [](long k) { return (k + 3) / 4 * 4; };
  const long m = padded(n);
  return (m * (m + 1) / 2 + padded(n_contrasts + 2) * m + n_working) * kGroupWidth;
}

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

}  // namespace sociometer::kernels
