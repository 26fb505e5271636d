#pragma once
#include "engine/design/regressors.hpp"

namespace sociometer {

/// SPM's microtime: bins per scan (T), and the bin, counted from 1, at which a scan is taken (T0).
struct MicrotimeOptions {
  int bins_per_scan = 16;
  int sampled_bin = 8;
};

/// SPM starts its microtime series so many bins before the first scan.
inline constexpr Eigen::Index kSpmLeadBins = 32;

/// Regressors of one condition and its modulators exactly as SPM12 makes them.
///
/// Onset bin round(onset/dt) + 33, offset bin that + round(duration/dt) + 1; when all durations of
/// the condition are 0, weights are divided by dt; convolution with SPM's basis on microtime bins;
/// scan k is bin k T + T0 + 32. Afterwards columns are orthogonalised one after the other: over the
/// whole condition with its modulators when `orthogonalise` is set, else within each stimulus.
///
/// @param stimuli  the condition's main effect first, then its modulators, sharing onsets.
/// @return one group per stimulus, in order.
/// @source SPM12 conventions, tests/golden/spm/README.md and CONVENTIONS.md.
std::vector<RegressorGroup> spm_regressors(const std::vector<Stimulus>& stimuli,
                                           Eigen::Index n_scans, double tr_s, const HrfModel& hrf,
                                           const MicrotimeOptions& microtime, bool orthogonalise);

}  // namespace sociometer
