#include "engine/roi/region_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Eigenvalues>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/quantiles.hpp"

namespace sociometer {
namespace {

/// Running sums of one region.
class Accumulator {
 public:
  /// @param outside  size of the region's part beyond the grid, which no map can cover.
  explicit Accumulator(double outside) : all_weight_(outside) {}
  void add(double value, double weight) {
    all_weight_ += std::abs(weight);
    if (!std::isfinite(value)) return;
    n_ += 1;
    sum_ += value;
    weight_ += weight;
    absolute_ += std::abs(weight);
    weighted_ += weight * value;
    minimum_ = std::min(minimum_, value);
    peak_ = std::max(peak_, value);
  }
  RegionSummary summary() const {
    RegionSummary s{};
    s.n_covered = n_;
    s.mean = s.median = s.sum = s.sd = s.minimum = s.peak = s.weighted_mean = s.weighted_sum = kNaN;
    s.coverage = all_weight_ > 0 ? absolute_ / all_weight_ : 0;
    if (n_ == 0) return s;
    s.sum = sum_;
    s.mean = sum_ / double(n_);
    s.minimum = minimum_;
    s.peak = peak_;
    s.weighted_sum = weighted_;
    // Weights of opposite sign can cancel, which makes a weighted mean meaningless.
    if (std::abs(weight_) > 1e-9 * absolute_) s.weighted_mean = weighted_ / weight_;
    return s;
  }

 private:
  Eigen::Index n_ = 0;
  double sum_ = 0, weight_ = 0, absolute_ = 0, weighted_ = 0, all_weight_;
  double minimum_ = std::numeric_limits<double>::infinity(), peak_ = -minimum_;
};

double sd_of(std::span<const double> values, const std::vector<uint32_t>& positions,
             const RegionSummary& s) {
  double squares = 0;
  for (uint32_t p : positions)
    if (std::isfinite(values[p])) squares += (values[p] - s.mean) * (values[p] - s.mean);
  return s.n_covered > 1 ? std::sqrt(squares / double(s.n_covered - 1)) : kNaN;
}

/// The largest eigenvalue of a symmetric matrix and its eigenvector.
std::pair<Eigen::VectorXd, double> leading(const Eigen::MatrixXd& symmetric) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);
  return {solver.eigenvectors().rightCols<1>(), solver.eigenvalues().tail<1>()[0]};
}

}  // namespace

bool is_of_summary(RegionStatistic statistic) {
  return statistic != RegionStatistic::eigenvariate && statistic != RegionStatistic::psc;
}

void require_statistic_of_scans(RegionStatistic statistic) {
  if (is_of_summary(statistic) || statistic == RegionStatistic::eigenvariate) return;
  std::vector<std::string> known;
  for (const auto& name : names_of(std::type_identity<RegionStatistic>{}))
    if (is_of_summary(name.value)) known.emplace_back(name.word);
  fail(ErrorCode::usage, "unknown statistic '{}'; known: {}", name_of(statistic),
       fmt::join(known, ", "));
}

double statistic_of(const RegionSummary& s, RegionStatistic statistic) {
  switch (statistic) {
    case RegionStatistic::mean:
      return s.mean;
    case RegionStatistic::weighted_mean:
      return s.weighted_mean;
    case RegionStatistic::median:
      return s.median;
    case RegionStatistic::peak:
      return s.peak;
    case RegionStatistic::minimum:
      return s.minimum;
    case RegionStatistic::sum:
      return s.sum;
    case RegionStatistic::sd:
      return s.sd;
    case RegionStatistic::weighted_sum:
      return s.weighted_sum;
    case RegionStatistic::count:
      return double(s.n_covered);
    case RegionStatistic::eigenvariate:
    case RegionStatistic::psc:
      break;
  }
  require(false, "a statistic of one region's summary");
  return kNaN;
}

RegionGather::RegionGather(const std::vector<Region>& regions) {
  for (const auto& region : regions)
    voxels_.insert(voxels_.end(), region.voxels.begin(), region.voxels.end());
  std::sort(voxels_.begin(), voxels_.end());
  voxels_.erase(std::unique(voxels_.begin(), voxels_.end()), voxels_.end());
  for (const auto& region : regions) {
    std::vector<uint32_t> positions;
    for (uint32_t voxel : region.voxels)
      positions.push_back(
          uint32_t(std::lower_bound(voxels_.begin(), voxels_.end(), voxel) - voxels_.begin()));
    positions_.push_back(std::move(positions));
    weights_.push_back(region.weights);
    outside_.push_back(region.outside);
  }
}

std::vector<RegionSummary> RegionGather::summarise(std::span<const double> values,
                                                   SummaryParts parts) const {
  require(values.size() == voxels_.size(), "one value for each voxel of the regions");
  std::vector<RegionSummary> summaries;
  summaries.reserve(positions_.size());
  std::vector<double> covered;
  for (size_t r = 0; r < positions_.size(); ++r) {
    const auto& positions = positions_[r];
    const auto& weights = weights_[r];
    Accumulator sums(outside_[r]);
    for (size_t i = 0; i < positions.size(); ++i)
      sums.add(values[positions[i]], weights.empty() ? 1.0 : weights[i]);
    RegionSummary s = sums.summary();
    if (parts.sd) s.sd = sd_of(values, positions, s);
    if (parts.median && s.n_covered > 0) {
      covered.clear();
      for (uint32_t p : positions)
        if (std::isfinite(values[p])) covered.push_back(values[p]);
      s.median = median_of(covered);
    }
    summaries.push_back(s);
  }
  return summaries;
}

Eigen::VectorXd first_eigenvariate(const Eigen::MatrixXd& y) {
  if (y.size() == 0) return Eigen::VectorXd::Zero(y.rows());
  Eigen::VectorXd u, v;
  double square;
  if (y.rows() > y.cols()) {
    std::tie(v, square) = leading(y.transpose() * y);
    u = y * v;
  } else {
    std::tie(u, square) = leading(y * y.transpose());
    v = y.transpose() * u;
  }
  if (!(square > 0)) return Eigen::VectorXd::Zero(y.rows());
  const double sign = v.sum() < 0 ? -1 : 1;
  return sign * u.normalized() * std::sqrt(square / double(y.cols()));
}

Eigen::MatrixXd eigenvariates(const std::vector<std::span<const double>>& maps,
                              const RegionGather& gather) {
  Eigen::MatrixXd out =
      Eigen::MatrixXd::Constant(Eigen::Index(maps.size()), Eigen::Index(gather.n_regions()), kNaN);
  for (size_t r = 0; r < gather.n_regions(); ++r) {
    const auto& positions = gather.positions(r);
    const auto has = [&](size_t map) {
      return [&, map](uint32_t p) { return std::isfinite(maps[map][p]); };
    };
    std::vector<Eigen::Index> rows;
    for (size_t i = 0; i < maps.size(); ++i)
      if (std::any_of(positions.begin(), positions.end(), has(i))) rows.push_back(Eigen::Index(i));
    std::vector<uint32_t> shared;
    for (uint32_t p : positions)
      if (std::all_of(rows.begin(), rows.end(), [&](Eigen::Index i) { return has(size_t(i))(p); }))
        shared.push_back(p);
    if (shared.empty() || rows.empty()) continue;
    Eigen::MatrixXd y(Eigen::Index(rows.size()), Eigen::Index(shared.size()));
    for (Eigen::Index i = 0; i < y.rows(); ++i)
      for (Eigen::Index j = 0; j < y.cols(); ++j)
        y(i, j) = maps[size_t(rows[size_t(i)])][shared[size_t(j)]];
    out(rows, Eigen::Index(r)) = first_eigenvariate(y);
  }
  return out;
}

void drop_uncovered(std::vector<double>& values, std::span<const double> mask, bool include_zeros) {
  require(mask.empty() || mask.size() == values.size(), "a mask of the map's voxels");
  for (size_t i = 0; i < values.size(); ++i) {
    const bool outside =
        mask.empty() ? !include_zeros && values[i] == 0 : !std::isfinite(mask[i]) || mask[i] == 0;
    if (outside) values[i] = kNaN;
  }
}

std::vector<double> mean_of_maps(const std::vector<std::vector<double>>& maps) {
  require(!maps.empty(), "the mean of one map or more");
  std::vector<double> mean(maps[0].size(), 0.0);
  for (const auto& map : maps) {
    require(map.size() == mean.size(), "maps of the same voxels");
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += map[i];
  }
  for (double& v : mean) v /= double(maps.size());
  return mean;
}

std::vector<double> baselines(const RegionGather& gather, std::span<const double> effects,
                              std::span<const double> signal) {
  std::vector<double> covered(signal.begin(), signal.end());
  for (size_t i = 0; i < covered.size(); ++i)
    if (!std::isfinite(effects[i])) covered[i] = kNaN;
  std::vector<double> out;
  for (const auto& summary : gather.summarise(covered, {false, false})) out.push_back(summary.mean);
  return out;
}

}  // namespace sociometer
