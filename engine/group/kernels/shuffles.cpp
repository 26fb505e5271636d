// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/group/kernels/kernels.hpp"

#define SOCIOMETER_JOIN2(a, b) a##b
#define SOCIOMETER_JOIN(a, b) SOCIOMETER_JOIN2(a, b)
#define SOCIOMETER_STRING2(a) #a
#define SOCIOMETER_STRING(a) SOCIOMETER_STRING2(a)

namespace sociometer::shuffle_kernels {
namespace {

typedef float Vector __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), aligned(4), may_alias));
typedef int32_t Mask __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), aligned(4), may_alias));
constexpr int kLanes = SOCIOMETER_VECTOR_BYTES / 4;
constexpr int kVectors = kTile / kLanes;
/// Sums held in registers: columns times vectors of voxels.
constexpr int kColumns = kLanes == 16 ? 8 : 4;
constexpr int kWide = 2;
static_assert(kVectors % kWide == 0);

const Vector* as_vectors(const float* p) { return reinterpret_cast<const Vector*>(p); }
Vector* as_vectors(float* p) { return reinterpret_cast<Vector*>(p); }

void multiply(int n, const float* weights, int n_columns, const float* residuals, float* products) {
  for (int c = 0; c < n_columns; c += kColumns)
    for (int v = 0; v < kVectors; v += kWide) {
      Vector sum[kColumns][kWide] = {};
      for (int i = 0; i < n; ++i) {
        const Vector* y = as_vectors(residuals + i * kTile) + v;
        const float* w = weights + long(i) * n_columns + c;
        for (int k = 0; k < kColumns; ++k)
          for (int l = 0; l < kWide; ++l) sum[k][l] += w[k] * y[l];
      }
      for (int k = 0; k < kColumns; ++k)
        for (int l = 0; l < kWide; ++l) as_vectors(products + (c + k) * kTile)[v + l] = sum[k][l];
    }
}

void compute_statistics(const TileStatistics& task, const float* residuals, float* products,
                        float* out) {
  const int n_tested = task.n_shuffles * task.n_tested;
  multiply(task.n_participants, task.weights, n_tested + task.n_shuffles * task.n_nuisance,
           residuals, products);
  constexpr float kLeast = 1.1920929e-7F;  // residuals below this are rounding error
  for (int b = 0; b < task.n_shuffles; ++b) {
    const float* a = products + b * task.n_tested * kTile;
    const float* h = products + (n_tested + b * task.n_nuisance) * kTile;
    float explained[kTile] = {}, left[kTile];
    for (int k = 0; k < task.n_tested; ++k)
      for (int v = 0; v < kTile; ++v) explained[v] += a[k * kTile + v] * a[k * kTile + v];
    for (int v = 0; v < kTile; ++v) left[v] = 1 - explained[v];
    for (int k = 0; k < task.n_nuisance; ++k)
      for (int v = 0; v < kTile; ++v) left[v] -= h[k * kTile + v] * h[k * kTile + v];
    for (int v = 0; v < kTile; ++v) left[v] = task.dof / (left[v] > kLeast ? left[v] : kLeast);
    float* o = out + b * kTile;
    if (task.is_t)
      for (int v = 0; v < kTile; ++v) o[v] = a[v] * __builtin_sqrtf(left[v]);
    else
      for (int v = 0; v < kTile; ++v) o[v] = explained[v] * left[v];
  }
}

template <bool kAbsolute>
float compare(const float* values, const float* bar, long n, uint32_t* reached) {
  Vector largest;
  for (int l = 0; l < kLanes; ++l) largest[l] = -__builtin_inff();
  const auto size_of = [](Vector x) { return kAbsolute ? (x < 0 ? -x : x) : x; };
  long v = 0;
  for (; v + kLanes <= n; v += kLanes) {
    const Vector x = size_of(*as_vectors(values + v));
    largest = x > largest ? x : largest;
    *reinterpret_cast<Mask*>(reached + v) -= x >= *as_vectors(bar + v);
  }
  float out = largest[0];
  for (int l = 1; l < kLanes; ++l) out = largest[l] > out ? largest[l] : out;
  for (; v < n; ++v) {
    const float x = kAbsolute && values[v] < 0 ? -values[v] : values[v];
    out = x > out ? x : out;
    reached[v] += x >= bar[v];
  }
  return out;
}

float compare_map(const float* values, const float* bar, long n, bool two_sided,
                  uint32_t* reached) {
  return two_sided ? compare<true>(values, bar, n, reached)
                   : compare<false>(values, bar, n, reached);
}

}  // namespace

void SOCIOMETER_JOIN(evaluate_mixed_, SOCIOMETER_KERNEL_LEVEL)(const MixedTile& tile,
                                                               const double* tau2,
                                                               const MixedPoint& point);
void SOCIOMETER_JOIN(fit_variance_groups_,
                     SOCIOMETER_KERNEL_LEVEL)(const GroupedShuffle& shuffle, const float* data,
                                              float* coordinates, float* squares);
void SOCIOMETER_JOIN(welch_of_groups_, SOCIOMETER_KERNEL_LEVEL)(const WelchTask& task,
                                                                const float* coordinates,
                                                                const float* squares, double* work,
                                                                double* statistic, double* dof);
void SOCIOMETER_JOIN(tails_between_nodes_, SOCIOMETER_KERNEL_LEVEL)(const TailNodes& nodes,
                                                                    const double* statistic,
                                                                    const double* dof, double* z);
extern const KernelSet SOCIOMETER_JOIN(kKernels_, SOCIOMETER_KERNEL_LEVEL);
const KernelSet SOCIOMETER_JOIN(kKernels_, SOCIOMETER_KERNEL_LEVEL) = {
    SOCIOMETER_STRING(SOCIOMETER_KERNEL_LEVEL),
    compute_statistics,
    compare_map,
    SOCIOMETER_JOIN(evaluate_mixed_, SOCIOMETER_KERNEL_LEVEL),
    SOCIOMETER_JOIN(fit_variance_groups_, SOCIOMETER_KERNEL_LEVEL),
    SOCIOMETER_JOIN(welch_of_groups_, SOCIOMETER_KERNEL_LEVEL),
    SOCIOMETER_JOIN(tails_between_nodes_, SOCIOMETER_KERNEL_LEVEL)};

}  // namespace sociometer::shuffle_kernels
