#pragma once
#include <set>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/missing.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/design/single_trials.hpp"

/// What splitting trials has in common, however a design was made.
namespace sociometer {

/// The trials of one condition.
struct SplitCondition {
  Stimulus stimulus;              ///< of all its events
  std::vector<size_t> trials;     ///< positions among all trials
  std::vector<size_t> positions;  ///< of each of these trials: its event in the stimulus
};

/// A column of the design that contains trials.
struct TrialSum {
  std::vector<std::string> names;  ///< of the response and its derivatives
  std::vector<size_t> trials;
  std::vector<double> weights;  ///< relative to the trials' amplitudes
  double trial_sd = kNaN;
  bool is_condition = false;  ///< a condition's own column
  Eigen::MatrixXd rest{};     ///< what the column has of other events; may be empty
};

struct SplitDesign {
  std::vector<SplitCondition> conditions;
  std::vector<TrialSum> sums;
};

/// Names of the columns of a response and the derivatives that go with it.
std::vector<std::string> function_names(const std::string& name, const HrfModel& hrf);

/// Columns of a stimulus before derivatives are orthogonalised.
RegressorGroup linear_regressors(const Stimulus& stimulus, double tr_s,
                                 const Eigen::VectorXd& frames, const DesignOptions& options);

/// Fills SingleTrials::columns. All events of a condition are in the stimulus, with weight 0 but
/// for one: how SPM's grid treats impulses depends on the durations of all of them.
void fill_columns(const SplitDesign& split, double tr_s, const Eigen::VectorXd& frames,
                  const DesignOptions& options, SingleTrials& out);

/// Columns of a design that contain trials.
std::set<Eigen::Index> columns_of(const SplitDesign& split, const DesignMatrix& design);

/// Weighted sums of the trials' responses, and what the column has of other events.
Eigen::MatrixXd sum_of_trials(const TrialSum& sum, const SingleTrials& trials);

/// Fills SingleTrials::model and shares.
void make_model(const SplitDesign& split, const DesignMatrix& design, const HrfModel& hrf,
                const TrialOptions& trials, SingleTrials& out);

}  // namespace sociometer
