#include "engine/design/drift.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/error.hpp"
#include "engine/core/volume_times.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

/// A drift matrix approaching a gigabyte is an option set by mistake.
void require_possible_size(Eigen::Index n_scans, double order) {
  constexpr double kMost = 1e8;
  if (double(n_scans) * order > kMost)
    fail(ErrorCode::usage,
         "{} drift columns for {} scans are more than fit in memory; lower the high-pass "
         "cutoff, the drift order or the number of scans",
         order, n_scans);
}

void require_below_nyquist(double high_pass_hz, double distance_s) {
  if (!(high_pass_hz >= 0) || high_pass_hz * distance_s >= 0.5)
    fail(ErrorCode::usage,
         "high-pass cutoff {} Hz with TR {} s: it must be at least 0 and below the Nyquist "
         "frequency {} Hz",
         high_pass_hz, distance_s, 0.5 / distance_s);
}

}  // namespace

DriftModel parse_drift_model(const std::string& text) {
  return value_of<DriftModel>(text, "drift");
}

std::string to_string(DriftModel model) { return name_of(model); }

Eigen::MatrixXd cosine_drift(Eigen::Index n_scans, double tr_s, double high_pass_hz) {
  require_below_nyquist(high_pass_hz, tr_s);
  const double n = double(n_scans);
  const auto order = std::min(n_scans - 1, Eigen::Index(std::floor(2 * n * high_pass_hz * tr_s)));
  require_possible_size(n_scans, double(order));
  Eigen::MatrixXd drift(n_scans, order);
  for (Eigen::Index k = 1; k <= order; ++k)
    for (Eigen::Index t = 0; t < n_scans; ++t)
      drift(t, k - 1) =
          std::sqrt(2.0 / n) * std::cos(std::numbers::pi / n * (double(t) + 0.5) * double(k));
  return drift;
}

Eigen::MatrixXd cosine_drift(const std::vector<double>& onset_s, double high_pass_hz) {
  const auto n = Eigen::Index(onset_s.size());
  const double volume_s = shortest_distance(onset_s);
  const double whole_s = onset_s.back() - onset_s.front() + volume_s;
  require_below_nyquist(high_pass_hz, whole_s / double(n));
  // A whole number of cosines is one also where the sum of distances misses it by rounding.
  const double most = std::floor(2 * whole_s * high_pass_hz * (1 + 1e-12));
  const auto order = std::min(n - 1, Eigen::Index(most));
  require_possible_size(n, double(order));
  Eigen::MatrixXd drift(n, order);
  for (Eigen::Index k = 1; k <= order; ++k)
    for (Eigen::Index t = 0; t < n; ++t)
      drift(t, k - 1) = std::sqrt(2.0 / double(n)) *
                        std::cos(std::numbers::pi / whole_s * double(k) *
                                 (onset_s[size_t(t)] - onset_s.front() + volume_s / 2));
  return drift;
}

Eigen::MatrixXd polynomial_drift(const Eigen::VectorXd& frame_times_s, int order) {
  if (order < 0 || order >= frame_times_s.size())
    fail(ErrorCode::usage, "drift order is {}; it must be 0 or more and below the {} scans", order,
         frame_times_s.size());
  require_possible_size(frame_times_s.size(), order);
  const Eigen::ArrayXd t = frame_times_s.array() / frame_times_s.maxCoeff();
  Eigen::MatrixXd powers(t.size(), order + 1);
  for (int k = 0; k <= order; ++k) powers.col(k) = t.pow(k).matrix();
  orthogonalise_serially(powers);
  return powers.rightCols(order);
}

}  // namespace sociometer
