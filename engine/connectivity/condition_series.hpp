#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/connectivity/beta_series.hpp"

namespace sociometer {

/// Amplitudes of the trials of all participants.
struct TrialAmplitudes {
  std::vector<std::string> participant, condition;  ///< per trial; empty: left out
  std::vector<std::string> run;  ///< per trial, within which amplitudes are centred; empty: one run
  std::vector<std::string> regions;
  Eigen::VectorXd seed;
  Eigen::MatrixXd values;  ///< (n_trials, n_regions)
};

/// One correlation.
struct ConditionSeries {
  std::string participant, condition, region;
  SeriesCorrelation correlation;
};

/// Mean Fisher z of one region over participants, in one condition or of a difference.
struct ConditionSeriesTest {
  std::string condition, other;  ///< other: of a difference condition - other; else empty
  std::string region;
  ZTest test;
};

/// Of each participant, condition and region, in order of their names. Amplitudes are less their
/// means over the run's trials of the condition: a signal that differs between runs is no
/// correlation over trials.
std::vector<ConditionSeries> condition_series(const TrialAmplitudes& trials);

/// Means against 0, and of the differences of every two conditions within participants.
std::vector<ConditionSeriesTest> test_condition_series(const std::vector<ConditionSeries>& all);

}  // namespace sociometer
