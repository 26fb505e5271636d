#include "engine/design/spm_regressors.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

Eigen::VectorXd microtime_series(const Stimulus& s, Eigen::Index n_bins, double dt) {
  Eigen::VectorXd series = Eigen::VectorXd::Zero(n_bins + 1);
  const bool impulses =
      std::all_of(s.duration_s.begin(), s.duration_s.end(), [](double d) { return d == 0; });
  for (size_t i = 0; i < s.onset_s.size(); ++i) {
    // Stay in floating point until within the grid: onsets and durations can be absurd.
    const double first = std::round(s.onset_s[i] / dt) + double(kSpmLeadBins);
    const double last = first + std::round(s.duration_s[i] / dt) + 1;
    if (first >= double(n_bins) || last <= 0) continue;  // outside the grid: no effect
    const auto on = static_cast<Eigen::Index>(std::max(first, 0.0));
    const double weight = impulses ? s.weight[i] / dt : s.weight[i];
    series[on] += weight;
    if (last < double(n_bins)) series[static_cast<Eigen::Index>(last)] -= weight;
  }
  for (Eigen::Index i = 1; i < n_bins; ++i) series[i] += series[i - 1];
  return series.head(n_bins);
}

Eigen::MatrixXd sampled_convolution(const Eigen::VectorXd& series, const Eigen::MatrixXd& basis,
                                    Eigen::Index n_scans, const MicrotimeOptions& m) {
  Eigen::MatrixXd out(n_scans, basis.cols());
  for (Eigen::Index scan = 0; scan < n_scans; ++scan) {
    const Eigen::Index bin = scan * m.bins_per_scan + m.sampled_bin - 1 + kSpmLeadBins;
    const Eigen::Index n = std::min(basis.rows(), bin + 1);
    out.row(scan) = series.segment(bin - n + 1, n).reverse().transpose() * basis.topRows(n);
  }
  return out;
}

void check_microtime(const HrfModel& hrf, const MicrotimeOptions& microtime) {
  if (hrf.shape != HrfShape::spm)
    fail(ErrorCode::usage,
         "the SPM microtime grid goes with the HRF 'spm' (+ derivatives), not '{}'",
         to_string(hrf));
  if (microtime.bins_per_scan < 1 || microtime.sampled_bin < 1 ||
      microtime.sampled_bin > microtime.bins_per_scan)
    fail(ErrorCode::usage, "microtime onset {} must lie in 1 .. {} (the bins of one scan)",
         microtime.sampled_bin, microtime.bins_per_scan);
  constexpr int kMostBins = 10000;
  if (microtime.bins_per_scan > kMostBins)
    fail(ErrorCode::usage, "microtime of {} bins per scan; at most {} can be used",
         microtime.bins_per_scan, kMostBins);
}

}  // namespace

RegressorGroup linear_spm_regressors(const Stimulus& stimulus, Eigen::Index n_scans, double tr_s,
                                     const HrfModel& hrf, const MicrotimeOptions& microtime) {
  check_microtime(hrf, microtime);
  const double dt = tr_s / microtime.bins_per_scan;
  const Eigen::Index n_bins = n_scans * microtime.bins_per_scan + kSpmLeadBins;
  RegressorGroup group;
  group.values = sampled_convolution(microtime_series(stimulus, n_bins, dt), spm_basis(hrf, dt),
                                     n_scans, microtime);
  group.names.push_back(stimulus.name);
  if (hrf.time_derivative) group.names.push_back(stimulus.name + "_derivative");
  if (hrf.dispersion_derivative) group.names.push_back(stimulus.name + "_dispersion");
  return group;
}

std::vector<RegressorGroup> spm_regressors(const std::vector<Stimulus>& stimuli,
                                           Eigen::Index n_scans, double tr_s, const HrfModel& hrf,
                                           const MicrotimeOptions& microtime, bool orthogonalise) {
  std::vector<RegressorGroup> groups;
  for (const auto& stimulus : stimuli)
    groups.push_back(linear_spm_regressors(stimulus, n_scans, tr_s, hrf, microtime));
  if (!orthogonalise) {
    for (auto& group : groups) orthogonalise_serially(group.values);
    return groups;
  }
  if (groups.empty()) return groups;
  const Eigen::Index n_functions = groups[0].values.cols();
  Eigen::MatrixXd all(n_scans, n_functions * Eigen::Index(groups.size()));
  for (size_t i = 0; i < groups.size(); ++i)
    all.middleCols(Eigen::Index(i) * n_functions, n_functions) = groups[i].values;
  orthogonalise_serially(all);
  for (size_t i = 0; i < groups.size(); ++i)
    groups[i].values = all.middleCols(Eigen::Index(i) * n_functions, n_functions);
  return groups;
}

}  // namespace sociometer
