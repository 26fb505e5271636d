// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/elementary.hpp"
#include "engine/group/kernels/kernels.hpp"

namespace sociometer::shuffle_kernels {
namespace {

using kernels::kLanes;
using kernels::Vector;
typedef float Floats __attribute__((vector_size(SOCIOMETER_VECTOR_BYTES), aligned(4), may_alias));
constexpr int kFloats = 2 * kLanes;
constexpr int kWide = 2;  ///< vectors at a time
static_assert(kTile % (kWide * kFloats) == 0 && kTailNodes % kLanes == 0);

/// Vectors v and after of row i of a tile.
Floats* floats(float* rows, long i, int v) {
  return reinterpret_cast<Floats*>(rows + i * kTile) + v;
}
const Floats* floats(const float* rows, long i, int v) {
  return reinterpret_cast<const Floats*>(rows + i * kTile) + v;
}

/// B'y of some voxels.
void project(const GroupedShuffle& s, const float* data, float* coordinates, int v) {
  for (int c = 0; c < s.rank; ++c) {
    Floats sum[kWide] = {};
    for (int i = 0; i < s.n; ++i) {
      const float weight = s.sign[i] * s.basis[i * s.rank + c];
      for (int k = 0; k < kWide; ++k) sum[k] += weight * floats(data, s.from[i], v)[k];
    }
    for (int k = 0; k < kWide; ++k) floats(coordinates, c, v)[k] = sum[k];
  }
}

/// Squared residuals of some voxels, by group.
void sum_squares(const GroupedShuffle& s, const float* data, const float* coordinates,
                 float* squares, int v) {
  for (int g = 0; g < s.n_groups; ++g)
    for (int k = 0; k < kWide; ++k) floats(squares, g, v)[k] = Floats{};
  for (int i = 0; i < s.n; ++i) {
    Floats rest[kWide];
    for (int k = 0; k < kWide; ++k) rest[k] = s.sign[i] * floats(data, s.from[i], v)[k];
    for (int c = 0; c < s.rank; ++c)
      for (int k = 0; k < kWide; ++k)
        rest[k] -= s.basis[i * s.rank + c] * floats(coordinates, c, v)[k];
    for (int k = 0; k < kWide; ++k) floats(squares, s.group[i], v)[k] += rest[k] * rest[k];
  }
  for (int g = 0; g < s.n_groups; ++g)
    for (int k = 0; k < kWide; ++k) {
      const Floats sum = floats(squares, g, v)[k];
      floats(squares, g, v)[k] = sum > s.least ? sum : Floats{} + s.least;
    }
}

void fit_groups(const GroupedShuffle& shuffle, const float* data, float* coordinates,
                float* squares) {
  for (int v = 0; v * kFloats < kTile; v += kWide) {
    project(shuffle, data, coordinates, v);
    sum_squares(shuffle, data, coordinates, squares, v);
  }
}

Vector widened(const float* from) {
  Vector out;
  for (int l = 0; l < kLanes; ++l) out[l] = double(from[l]);
  return out;
}

// Pointers, not references: through a reference, clang takes vectors to be aligned as their size.
Vector* at(double* rows, long i) { return reinterpret_cast<Vector*>(rows + i * kLanes); }

/// Welch's v of one vector of voxels.
/// @param work  (r (r + 1)) vectors.
void welch(const WelchTask& t, const float* coordinates, const float* squares, double* work,
           double* statistic, double* dof) {
  const int r = t.rank;
  double *normal = work, *x = work + long(r) * r * kLanes;
  for (int e = 0; e < r * r; ++e) *at(normal, e) = Vector{};
  Vector total{}, spread{}, effect{}, variance{};
  for (int g = 0; g < t.n_groups; ++g) {
    const Vector weight = t.freedom[g] / widened(squares + long(g) * kTile);
    total += t.n_members[g] * weight;
    for (int e = 0; e < r * r; ++e) *at(normal, e) += t.products[long(g) * r * r + e] * weight;
  }
  for (int g = 0; g < t.n_groups; ++g) {
    const Vector weight = t.freedom[g] / widened(squares + long(g) * kTile),
                 rest = 1.0 - t.n_members[g] * weight / total;
    spread += rest * rest / t.freedom[g];
  }
  for (int j = 0; j < r; ++j) {  // Cholesky's factor, and L^-1 of the contrast
    for (int i = j; i < r; ++i)
      for (int k = 0; k < j; ++k)
        *at(normal, i * r + j) -= *at(normal, i * r + k) * *at(normal, j * r + k);
    const Vector reciprocal = 1.0 / kernels::square_root(*at(normal, j * r + j));
    for (int i = j; i < r; ++i) *at(normal, i * r + j) *= reciprocal;
    *at(x, j) = Vector{} + t.effect[j];
    for (int k = 0; k < j; ++k) *at(x, j) -= *at(normal, j * r + k) * *at(x, k);
    *at(x, j) *= reciprocal;
    variance += *at(x, j) * *at(x, j);
    effect += t.effect[j] * widened(coordinates + long(j) * kTile);
  }
  *at(statistic, 0) = effect / kernels::square_root(variance);
  *at(dof, 0) = t.n_groups == 1 ? Vector{} + t.freedom[0] : 1.0 / spread;
}

void compute_welch(const WelchTask& task, const float* coordinates, const float* squares,
                   double* work, double* statistic, double* dof) {
  for (int lane = 0; lane < kTile; lane += kLanes)
    welch(task, coordinates + lane, squares + lane, work, statistic + lane, dof + lane);
}

double total(const Vector* x) {
  double sum = 0;
  for (int v = 0; v < kTailNodes / kLanes; ++v)
    for (int l = 0; l < kLanes; ++l) sum += x[v][l];
  return sum;
}

/// z at each node's degrees of freedom by its polynomial, then between the nodes.
double tail_of(const TailNodes& t, double statistic, double log_dof) {
  constexpr int kVectors = kTailNodes / kLanes;
  const double at = (statistic < 0 ? -statistic : statistic) / t.width;
  const int piece = int(at);
  const double place = 2 * (at - piece) - 1;
  const Vector* powers = kernels::as_vectors(t.powers + long(piece) * kTailPowers * kTailNodes);
  Vector z[kVectors], above[kVectors], below[kVectors];
  for (int v = 0; v < kVectors; ++v) z[v] = powers[(kTailPowers - 1) * kVectors + v];
  for (int k = kTailPowers - 2; k >= 0; --k)
    for (int v = 0; v < kVectors; ++v) z[v] = z[v] * place + powers[k * kVectors + v];
  for (int v = 0; v < kVectors; ++v) {
    below[v] = kernels::as_vectors(t.weights)[v] / (log_dof - kernels::as_vectors(t.nodes)[v]);
    above[v] = below[v] * z[v];
  }
  return statistic * total(above) / total(below);
}

void compute_tails(const TailNodes& t, const double* statistic, const double* dof, double* z) {
  alignas(64) double logs[kTile];
  for (int lane = 0; lane < kTile; lane += kLanes)
    kernels::as_vectors(logs + lane)[0] = kernels::logarithm(kernels::as_vectors(dof + lane)[0]);
  const double last = t.width * t.n_pieces;
  for (int v = 0; v < kTile; ++v) {
    const bool inside = dof[v] >= t.least_dof && dof[v] <= t.most_dof && statistic[v] < last &&
                        statistic[v] > -last;
    z[v] = inside ? tail_of(t, statistic[v], logs[v]) : __builtin_nan("");
  }
}

}  // namespace

void SOCIOMETER_KERNEL(fit_variance_groups)(const GroupedShuffle& shuffle, const float* data,
                                            float* coordinates, float* squares);
void SOCIOMETER_KERNEL(fit_variance_groups)(const GroupedShuffle& shuffle, const float* data,
                                            float* coordinates, float* squares) {
  fit_groups(shuffle, data, coordinates, squares);
}

void SOCIOMETER_KERNEL(welch_of_groups)(const WelchTask& task, const float* coordinates,
                                        const float* squares, double* work, double* statistic,
                                        double* dof);
void SOCIOMETER_KERNEL(welch_of_groups)(const WelchTask& task, const float* coordinates,
                                        const float* squares, double* work, double* statistic,
                                        double* dof) {
  compute_welch(task, coordinates, squares, work, statistic, dof);
}

void SOCIOMETER_KERNEL(tails_between_nodes)(const TailNodes& nodes, const double* statistic,
                                            const double* dof, double* z);
void SOCIOMETER_KERNEL(tails_between_nodes)(const TailNodes& nodes, const double* statistic,
                                            const double* dof, double* z) {
  compute_tails(nodes, statistic, dof, z);
}

}  // namespace sociometer::shuffle_kernels
