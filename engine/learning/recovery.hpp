#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/learning/choices.hpp"
#include "engine/learning/model_selection.hpp"
#include "engine/learning/study_fit.hpp"

namespace sociometer {

/// Rounds as a study offered them: options shown to its participants, and for each partner the
/// feedback that anybody got from it.
class StudyRounds {
 public:
  /// @throws Error{bad_input} when there is no round with a response and feedback.
  explicit StudyRounds(const std::vector<Participant>& participants);
  int n_options() const { return int(options_.size()); }
  const std::vector<std::string>& options() const { return options_; }
  /// Rounds of one participant (number `index`, from the beginning again after the last); feedback
  /// that each choice would bring is drawn from what that partner gave in the study. A partner
  /// that never gave any shows nothing.
  std::vector<Round> draw(size_t index, const CounterRandom& random) const;

 private:
  std::vector<std::string> options_;
  std::vector<std::vector<Round>> rounds_;    ///< [participant]
  std::vector<std::vector<Feedback>> shown_;  ///< [option]
  size_t most_offered_ = 2;                   ///< options in a round
};

/// A parameter value that the prior holds below probability u.
/// @throws Error{bad_input} for a family without quantiles.
double prior_quantile(const Parameter& parameter, double u);

struct RecoveryOptions {
  int n_simulated = 100;
  uint64_t seed = 1;
  FitOptions fit;
};

/// True and estimated parameters of simulated participants.
struct ParameterRecovery {
  std::string model;
  std::vector<std::string> names;
  Eigen::MatrixXd truth, estimate;   ///< (n_simulated, n_parameters)
  Eigen::VectorXd correlation;       ///< of truth and estimate (Pearson)
  Eigen::VectorXd log_correlation;   ///< of transformed values (log beta, logit w)
  Eigen::VectorXd rank_correlation;  ///< Spearman
  Eigen::VectorXd bias;              ///< mean of estimate - truth
};

/// Simulates participants with parameters drawn from the learner's priors (equal shares of the
/// prior's probability, in random order) and fits the same learner to them.
ParameterRecovery recover_parameters(const Learner& learner, const LearningSettings& settings,
                                     const StudyRounds& rounds, const RecoveryOptions& options,
                                     int n_threads);

/// Which model is found when another is true.
struct ModelRecovery {
  std::vector<std::string> models;
  Eigen::MatrixXd best;  ///< row: true, column: share of participants whose evidence is best there
  Eigen::MatrixXd frequency;  ///< expected frequency in random-effects selection over the group
  Eigen::MatrixXd protected_exceedance;
};

/// For each learner n_simulated participants that follow it, to whom all learners are fitted.
/// @cost  models^2 * n_simulated fits.
ModelRecovery recover_models(const std::vector<std::shared_ptr<const Learner>>& learners,
                             const LearningSettings& settings, const StudyRounds& rounds,
                             const RecoveryOptions& options, int n_threads);

}  // namespace sociometer
