#pragma once
#include "engine/design/regressors.hpp"

namespace sociometer {

/// SPM's microtime: bins per scan (T) and the bin, counted from 1, at which a scan is sampled (T0).
struct MicrotimeOptions {
  int bins_per_scan = 16;
  int sampled_bin = 8;
};

/// Number of bins before the first scan at which SPM's microtime series starts.
inline constexpr Eigen::Index kSpmLeadBins = 32;

/// Regressors of one condition and its modulators exactly as SPM12 computes them.
///
/// Onset bin round(onset/dt) + 33, offset bin onset bin + round(duration/dt) + 1; if all durations
/// of the condition are 0, weights are divided by dt; convolution with SPM's basis on microtime
/// bins; scan k is sampled at bin k T + T0 + 32. Columns are then orthogonalised serially: across
/// the condition and its modulators if `orthogonalise` is set, else within each stimulus.
///
/// @param stimuli  the condition's main effect first, then its modulators, sharing onsets.
/// @return one group of (n_scans, n_functions) per stimulus, in order. @throws Error{usage}
/// @source SPM12 conventions, tests/golden/spm/README.md and CONVENTIONS.md.
std::vector<RegressorGroup> spm_regressors(const std::vector<Stimulus>& stimuli,
                                           Eigen::Index n_scans, double tr_s, const HrfModel& hrf,
                                           const MicrotimeOptions& microtime, bool orthogonalise);

/// The same columns of one stimulus before any is orthogonalised: linear in its weights.
RegressorGroup linear_spm_regressors(const Stimulus& stimulus, Eigen::Index n_scans, double tr_s,
                                     const HrfModel& hrf, const MicrotimeOptions& microtime);

}  // namespace sociometer
