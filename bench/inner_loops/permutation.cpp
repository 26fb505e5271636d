// Sign flips of one sample, 40 participants, smooth noise, one thread: 64 flips an iteration.
// Before it is timed, the largest observed statistic is compared with a plain t, and
// TFCE of its voxel with a cluster that grows from the voxel.
#include "engine/group/permutation.hpp"

#include <cmath>
#include <map>
#include <queue>
#include <set>
#include <utility>
#include <vector>

#include "bench/data.hpp"
#include "bench/inner_loops/group_data.hpp"

#include "engine/core/neighbourhood.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer::bench {
namespace {

constexpr uint64_t kFlips = 64;

struct FlipData {
  Mask mask;
  Eigen::MatrixXd values;
};

const FlipData& flip_data(Eigen::Index n_voxels) {
  static std::map<Eigen::Index, FlipData> made;
  const auto found = made.find(n_voxels);
  if (found != made.end()) return found->second;
  const Mask mask = box(n_voxels);
  return made.emplace(n_voxels, FlipData{mask, smooth_noise(mask, kParticipants)}).first->second;
}

Eigen::VectorXd plain_t(const Eigen::MatrixXd& values) {
  Eigen::VectorXd t(values.cols());
  const double n = double(values.rows());
  for (Eigen::Index v = 0; v < t.size(); ++v) {
    const double mean = values.col(v).sum() / n;
    const double squares = (values.col(v).array() - mean).square().sum();
    t[v] = mean / std::sqrt(squares / (n - 1) / n);
  }
  return t;
}

/// TFCE of one voxel, E = .5, H = 2, faces: from the voxel the cluster takes in the highest
/// neighbour again and again, so that its size at each height is seen.
double plain_tfce(const Grid& grid, const Eigen::VectorXd& t, Eigen::Index voxel) {
  std::priority_queue<std::pair<double, Eigen::Index>> border;
  std::set<Eigen::Index> seen;
  const auto see = [&](Eigen::Index v) {
    if (t[v] > 0 && seen.insert(v).second) border.emplace(t[v], v);
  };
  see(voxel);
  double height = t[voxel], size = 0, sum = 0;
  const auto fall_to = [&](double lower) {
    sum += std::sqrt(size) * (std::pow(height, 3) - std::pow(lower, 3)) / 3;
    height = lower;
  };
  while (!border.empty()) {
    const auto [value, v] = border.top();
    border.pop();
    if (value < height) fall_to(value);
    size += 1;
    const auto p = grid.position(v);
    for (size_t axis = 0; axis < 3; ++axis)
      for (const Eigen::Index way : {-1, 1}) {
        auto q = p;
        q[axis] += way;
        if (q[axis] >= 0 && q[axis] < grid.size[axis]) see(grid.index(q[0], q[1], q[2]));
      }
  }
  fall_to(0);
  return sum;
}

/// Welch's v of a mean with two variances, by turns, as z.
Eigen::VectorXd plain_grouped_z(const Eigen::MatrixXd& values) {
  const double n = double(values.rows()), freedom = n / 2 * (1 - 1 / n);
  Eigen::VectorXd z(values.cols());
  for (Eigen::Index v = 0; v < z.size(); ++v) {
    const double mean = values.col(v).sum() / n;
    double squares[2] = {};
    for (Eigen::Index i = 0; i < values.rows(); ++i)
      squares[i % 2] += std::pow(values(i, v) - mean, 2);
    const double weights[2] = {freedom / squares[0] * n / 2, freedom / squares[1] * n / 2};
    const double total = weights[0] + weights[1];
    double spread = 0;
    for (const double w : weights) spread += std::pow(1 - w / total, 2) / freedom;
    z[v] = z_from_t(mean * std::sqrt(total), 1 / spread);
  }
  return z;
}

struct Flipped {
  bool tfce, extent, two_sided, grouped = false;
};

ContrastPermutation test_of(const FlipData& data, const Flipped& what) {
  PermutationOptions options;
  options.n = 100000;
  options.two_sided = what.two_sided;
  options.spatial.tfce = what.tfce;
  options.spatial.extent = what.extent;
  options.spatial.cluster_threshold = 3.3;
  if (what.grouped)
    for (Eigen::Index i = 0; i < kParticipants; ++i) options.variance_groups.push_back(int(i % 2));
  const GroupDesign design = one_sample_design(kParticipants);
  ContrastSpec spec;
  spec.name = "mean";
  spec.rows = {"intercept"};
  return ContrastPermutation({as_group_data(data.values),
                              presence_patterns(data.values, kParticipants), data.mask, design,
                              resolve_group_contrast(spec, design), options});
}

/// Float32 statistics are compared, hence the tolerances.
bool agrees(const ContrastPermutation& test, const FlipData& data, const Flipped& what) {
  const Eigen::VectorXd t = what.grouped ? plain_grouped_z(data.values) : plain_t(data.values);
  const double largest = what.two_sided ? t.cwiseAbs().maxCoeff() : t.maxCoeff();
  if (!(std::abs(test.run(0, 1, 1).voxel.at(0) - largest) <= 1e-5 * largest)) return false;
  if (!what.tfce) return true;
  Eigen::Index peak = 0;
  t.maxCoeff(&peak);
  const double tfce = plain_tfce(data.mask.grid, t, peak);
  return std::abs(test.observed().tfce.at(size_t(peak)) - tfce) <= 1e-4 * tfce;
}

void flips(benchmark::State& state, const Flipped& what) {
  const FlipData& data = flip_data(state.range(0));
  const ContrastPermutation test = test_of(data, what);
  if (!agrees(test, data, what)) return state.SkipWithError("differs from plain t and TFCE");
  for (auto _ : state) benchmark::DoNotOptimize(test.run(0, kFlips, 1).voxel[0]);
  state.SetItemsProcessed(int64_t(state.iterations()) * int64_t(kFlips));
}
BENCHMARK_CAPTURE(flips, voxel, Flipped{false, false, false})->Apply(both_sizes);
BENCHMARK_CAPTURE(flips, voxel_extent, Flipped{false, true, false})->Apply(both_sizes);
BENCHMARK_CAPTURE(flips, voxel_tfce, Flipped{true, false, false})->Apply(both_sizes);
BENCHMARK_CAPTURE(flips, voxel_tfce_extent, Flipped{true, true, false})->Apply(both_sizes);
BENCHMARK_CAPTURE(flips, voxel_tfce_extent_two_sided, Flipped{true, true, true})->Apply(both_sizes);
BENCHMARK_CAPTURE(flips, voxel_variance_groups, Flipped{false, false, false, true})
    ->Apply(both_sizes);

/// What flips are compared with: a plain float32 product of the size needed for the statistics of
/// 64 flips.
void reference_product(benchmark::State& state) {
  const FlipData& data = flip_data(state.range(0));
  const Eigen::MatrixXf values = data.values.cast<float>().transpose(),
                        signs = Eigen::MatrixXf::Ones(kParticipants, kFlips);
  Eigen::MatrixXf out = values * signs;
  if (!(std::abs(double(out(0, 0)) - data.values.col(0).sum()) <= 1e-4))
    return state.SkipWithError("differs from a sum");
  for (auto _ : state) {
    out.noalias() = values * signs;
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(int64_t(state.iterations()) * int64_t(kFlips));
}
BENCHMARK(reference_product)->Apply(both_sizes);

}  // namespace
}  // namespace sociometer::bench
