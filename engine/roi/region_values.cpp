#include "engine/roi/region_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Eigenvalues>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double sd_of(const std::vector<double>& values, double mean) {
  double squares = 0;
  for (double v : values) squares += (v - mean) * (v - mean);
  return values.size() > 1 ? std::sqrt(squares / double(values.size() - 1)) : kNaN;
}

RegionSummary summary_of(std::vector<double>& covered, std::span<const double> weights,
                         double all_weight) {
  RegionSummary s{};
  s.n_covered = Eigen::Index(covered.size());
  s.mean = s.median = s.sum = s.sd = s.minimum = s.peak = s.weighted_mean = s.weighted_sum = kNaN;
  double weight = 0, absolute = 0, weighted = 0, sum = 0;
  for (size_t i = 0; i < covered.size(); ++i) {
    const double w = weights.empty() ? 1.0 : weights[i];
    weight += w;
    absolute += std::abs(w);
    weighted += w * covered[i];
    sum += covered[i];
  }
  s.coverage = all_weight > 0 ? absolute / all_weight : 0;
  if (covered.empty()) return s;
  s.sum = sum;
  s.mean = sum / double(covered.size());
  s.sd = sd_of(covered, s.mean);
  s.minimum = *std::min_element(covered.begin(), covered.end());
  s.peak = *std::max_element(covered.begin(), covered.end());
  s.weighted_sum = weighted;
  // Weights of both signs can cancel: a mean by them would be a number without meaning.
  s.weighted_mean = std::abs(weight) > 1e-9 * absolute ? weighted / weight : kNaN;
  s.median = median_of(covered);
  return s;
}

/// The eigenvector of the largest eigenvalue of a symmetric matrix, and that eigenvalue.
std::pair<Eigen::VectorXd, double> leading(const Eigen::MatrixXd& symmetric) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);
  return {solver.eigenvectors().rightCols<1>(), solver.eigenvalues().tail<1>()[0]};
}

}  // namespace

const std::vector<std::string>& region_statistics() {
  static const std::vector<std::string> names{
      "mean", "weighted-mean", "median", "peak", "minimum", "sum", "sd", "weighted-sum", "count"};
  return names;
}

double statistic_of(const RegionSummary& s, const std::string& statistic) {
  if (statistic == "mean") return s.mean;
  if (statistic == "weighted-mean") return s.weighted_mean;
  if (statistic == "median") return s.median;
  if (statistic == "peak") return s.peak;
  if (statistic == "minimum") return s.minimum;
  if (statistic == "sum") return s.sum;
  if (statistic == "sd") return s.sd;
  if (statistic == "weighted-sum") return s.weighted_sum;
  if (statistic == "count") return double(s.n_covered);
  fail(ErrorCode::usage, "unknown statistic '{}'; known: {}", statistic,
       fmt::join(region_statistics(), ", "));
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
  }
}

std::vector<RegionSummary> RegionGather::summarise(std::span<const double> values) const {
  require(values.size() == voxels_.size(), "one value for each voxel of the regions");
  std::vector<RegionSummary> summaries;
  std::vector<double> covered, covered_weights;
  for (size_t r = 0; r < positions_.size(); ++r) {
    covered.clear();
    covered_weights.clear();
    double all_weight = 0;
    for (size_t i = 0; i < positions_[r].size(); ++i) {
      const double value = values[positions_[r][i]];
      const double weight = weights_[r].empty() ? 1.0 : weights_[r][i];
      all_weight += std::abs(weight);
      if (!std::isfinite(value)) continue;
      covered.push_back(value);
      if (!weights_[r].empty()) covered_weights.push_back(weight);
    }
    summaries.push_back(summary_of(covered, covered_weights, all_weight));
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

}  // namespace sociometer
