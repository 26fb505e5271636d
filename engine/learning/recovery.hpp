#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/learning/choices.hpp"
#include "engine/learning/model_selection.hpp"
#include "engine/learning/study_fit.hpp"

namespace sociometer {

/// Source of simulated participants' feedback.
enum class FeedbackOrder {
  drawn,  ///< at random from everything the partner showed in the study
  study   ///< the participant's own sequence: the k-th time a partner is chosen it shows what
          ///< it showed the k-th time in the study, starting over after the last
};
constexpr std::array<Name<FeedbackOrder>, 2> names_of(std::type_identity<FeedbackOrder>) {
  return {{{FeedbackOrder::drawn, "drawn"}, {FeedbackOrder::study, "study"}}};
}

/// Source of simulated participants' parameters.
enum class RecoverAt {
  prior,  ///< the learner's priors, stratified into equal shares of probability
  fitted  ///< the study's participants in turn, each at the fitted values
};
constexpr std::array<Name<RecoverAt>, 2> names_of(std::type_identity<RecoverAt>) {
  return {{{RecoverAt::prior, "prior"}, {RecoverAt::fitted, "fitted"}}};
}

/// Rounds as offered in a study: the options shown to its participants, and each
/// partner's feedback in order.
class StudyRounds {
 public:
  /// @throws Error{bad_input} if there is no round with a response and feedback.
  explicit StudyRounds(const std::vector<Participant>& participants);
  int n_options() const { return int(options_.size()); }
  const std::vector<std::string>& options() const { return options_; }
  /// Rounds of one participant (number `index`, cycling through the participants); the feedback of
  /// each option is drawn from what that partner gave in the study. A partner that
  /// never gave any shows nothing.
  std::vector<Round> draw(size_t index, const CounterRandom& random) const;
  /// Choices of a learner in the rounds of one participant. A partner that never gave feedback to
  /// this participant shows what it gave to all participants, in order.
  std::vector<Trial> simulate(const Learner& learner, const LearningSettings& settings,
                              std::span<const double> p, size_t index, FeedbackOrder order,
                              const CounterRandom& feedback, const CounterRandom& choices) const;

 private:
  std::vector<std::string> options_;
  std::vector<std::vector<Round>> rounds_;               ///< [participant]
  std::vector<std::vector<std::vector<Feedback>>> own_;  ///< [participant][option], in order
  std::vector<std::vector<Feedback>> shown_;             ///< [option], over all participants
  size_t most_offered_ = 2;                              ///< largest number of options in a round
};

/// The u-quantile of the prior.
/// @throws Error{bad_input} for a family without quantiles.
double prior_quantile(const Parameter& parameter, double u);

struct RecoveryOptions {
  int n_simulated = 100;
  uint64_t seed = 1;
  FitOptions fit;
  RecoverAt at = RecoverAt::prior;
  FeedbackOrder feedback = FeedbackOrder::drawn;
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

/// Simulates participants with parameters drawn from the learner's priors (stratified into equal
/// shares of probability, in random order) or at the fitted values, and fits the same learner.
/// @param fitted  the study's fits, required for RecoverAt::fitted; participants without a fit are
/// skipped, and `rounds` must be those of the others.
ParameterRecovery recover_parameters(const Learner& learner, const LearningSettings& settings,
                                     const StudyRounds& rounds, const RecoveryOptions& options,
                                     int n_threads, const StudyFit* fitted = nullptr);

/// Which model is selected when another is true.
struct ModelRecovery {
  std::vector<std::string> models;
  Eigen::MatrixXd best;  ///< row: true, column: share of participants whose evidence is best there
  Eigen::MatrixXd frequency;  ///< expected frequency in random-effects selection over the group
  Eigen::MatrixXd protected_exceedance;
};

/// Simulates n_simulated participants for each learner and fits all learners to them.
/// @cost  models^2 * n_simulated fits.
ModelRecovery recover_models(const std::vector<std::shared_ptr<const Learner>>& learners,
                             const LearningSettings& settings, const StudyRounds& rounds,
                             const RecoveryOptions& options, int n_threads,
                             const StudyFit* fitted = nullptr);

}  // namespace sociometer
