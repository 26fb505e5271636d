#include "engine/core/kernel_choice.hpp"
#include "engine/glm/kernels/kernels.hpp"

namespace sociometer::kernels {

extern const KernelSet kKernels_sse2;
#ifdef SOCIOMETER_X86_KERNELS
extern const KernelSet kKernels_avx2;
extern const KernelSet kKernels_avx512;
#endif

namespace {
/// Fastest first.
const KernelSet* const kSets[] = {
#ifdef SOCIOMETER_X86_KERNELS
    &kKernels_avx512, &kKernels_avx2,
#endif
    &kKernels_sse2};
}  // namespace

long solver_work_size(int n, int n_working, int n_contrasts) {
  const auto padded = [](long k) { return (k + 3) / 4 * 4; };
  const long m = padded(n);
  return (m * (m + 1) / 2 + padded(n_contrasts + 2) * m + n_working) * kGroupWidth;
}

long extras_work_size(int n, int n_working, const ExtraSystem& extras) {
  return solver_work_size(n, n_working, extras.n_rows + extras.n_extras);
}

const KernelSet* find_kernels(const char* name) { return find_kernel_set<KernelSet>(kSets, name); }
const KernelSet& best_kernels() { return best_kernel_set<KernelSet>(kSets); }

}  // namespace sociometer::kernels
