#include "engine/core/kernel_choice.hpp"
#include "engine/group/kernels/kernels.hpp"

namespace sociometer::shuffle_kernels {

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

const KernelSet* find_kernels(const char* name) { return find_kernel_set<KernelSet>(kSets, name); }
const KernelSet& best_kernels() { return best_kernel_set<KernelSet>(kSets); }

}  // namespace sociometer::shuffle_kernels
