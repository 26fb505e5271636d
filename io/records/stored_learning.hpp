#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/learning_facts.hpp"
#include "io/records/table_rows.hpp"

/// What `learn` wrote, read back (learning_tables.hpp, behaviour_tables.hpp and
/// model_check_tables.hpp write it). Columns are described in the records themselves.
namespace sociometer {

struct ParameterRow {
  std::string participant, model, parameter;
  double estimate = 0, standard_error = 0;
  bool operator==(const ParameterRow&) const = default;
};
SOCIOMETER_RECORD(ParameterRow) {
  visit("participant_id", self.participant, "participant");
  visit("model", self.model, "learning model");
  visit("parameter", self.parameter, "free parameter of the model");
  visit("estimate", self.estimate, "maximum a posteriori estimate");
  visit("standard_error", self.standard_error,
        "from the Hessian of the log posterior at the estimate; n/a without one");
}
/// What all tables of fits say of themselves.
struct FitFacts {
  LearnerFacts models;
  LearningFacts learning;
  std::vector<std::string> left_out;  ///< participants, with the reason
  std::vector<InputFile> inputs;      ///< tables of choices
  bool operator==(const FitFacts&) const = default;
};
SOCIOMETER_RECORD(FitFacts) {
  visit("Models", self.models);
  visit_record(self.learning, visit);
  visit("ParticipantsLeftOut", self.left_out);
  visit("Inputs", self.inputs);
}
struct ParameterFacts {
  static constexpr RecordKind kKind = RecordKind::learning_parameters;
  FitFacts fit;
  bool operator==(const ParameterFacts&) const = default;
};
SOCIOMETER_RECORD(ParameterFacts) { visit_record(self.fit, visit); }
using StoredParameters = StoredTable<ParameterRow, ParameterFacts>;

/// Which model has the signals, from the record of the wide table of parameters.
struct SignalsModelFacts {
  static constexpr RecordKind kKind = RecordKind::learning_parameters_wide;
  FitFacts fit;
  std::string model;
};
SOCIOMETER_RECORD(SignalsModelFacts) {
  visit_record(self.fit, visit);
  visit("Model", self.model);
}

struct LearnerFitRow {
  std::string participant, model;
  long n_choices = 0;
  double log_likelihood = 0, log_posterior = 0, log_evidence = 0;
  std::string evidence_method;
  double evidence_error = 0, effective_points = 0, bic = 0, aic = 0, pseudo_r2 = 0;
  bool converged = false;
  long n_starts_agreeing = 0;
  bool operator==(const LearnerFitRow&) const = default;
};
SOCIOMETER_RECORD(LearnerFitRow) {
  visit("participant_id", self.participant, "participant");
  visit("model", self.model, "learning model");
  visit("n_choices", self.n_choices, "rounds with a response");
  visit("log_likelihood", self.log_likelihood, "of the choices at the estimate, nats");
  visit("log_posterior", self.log_posterior,
        "log likelihood plus log prior density at the estimate");
  visit("log_evidence", self.log_evidence, "log probability of the choices given the model, nats");
  visit("evidence_method", self.evidence_method,
        "exact (no free parameter), importance (sampling), laplace (in the space of "
        "EvidenceSpace), laplace_transformed (fallback: few effective points, or no positive "
        "definite Hessian), bic (-BIC/2: asked for, or the last fallback)");
  visit("evidence_error", self.evidence_error,
        "standard error of an evidence by importance sampling, nats; n/a for other methods");
  visit("effective_points", self.effective_points,
        "of the importance sample: (sum of weights)^2 / sum of squared weights");
  visit("bic", self.bic, "-2 log likelihood + K log n_choices");
  visit("aic", self.aic, "-2 log likelihood + 2 K");
  visit("pseudo_r2", self.pseudo_r2, "1 - log likelihood / log likelihood of chance (McFadden)");
  visit("converged", self.converged, "1 when the gradient vanishes at the estimate");
  visit("n_starts_agreeing", self.n_starts_agreeing, "starts that ended at the same optimum");
}
struct LearnerFitFacts {
  static constexpr RecordKind kKind = RecordKind::learning_fits;
  FitFacts fit;
};
SOCIOMETER_RECORD(LearnerFitFacts) { visit_record(self.fit, visit); }
using StoredFits = StoredTable<LearnerFitRow, LearnerFitFacts>;

struct ComparisonRow {
  std::string model;
  double alpha = 0, expected_frequency = 0, exceedance = 0, protected_exceedance = 0;
  double sum_log_evidence = 0, sum_bic = 0;
  long n_best = 0;
  bool operator==(const ComparisonRow&) const = default;
};
SOCIOMETER_RECORD(ComparisonRow) {
  visit("model", self.model, "learning model");
  visit("alpha", self.alpha, "Dirichlet posterior over model frequencies");
  visit("expected_frequency", self.expected_frequency, "posterior mean of the model's frequency");
  visit("exceedance_probability", self.exceedance,
        "probability that the model is the most frequent one");
  visit("protected_exceedance_probability", self.protected_exceedance,
        "the same, allowing for all models being equally frequent (Bayes omnibus risk)");
  visit("sum_log_evidence", self.sum_log_evidence,
        "over participants: fixed-effects comparison, nats");
  visit("sum_bic", self.sum_bic, "over participants");
  visit("n_best", self.n_best, "participants for whom the model has the largest evidence");
}
struct ComparisonFacts {
  static constexpr RecordKind kKind = RecordKind::learning_comparison;
  FitFacts fit;
  long participants = 0;
  double omnibus_risk = 0;
  std::string selection;  ///< how, in words
};
SOCIOMETER_RECORD(ComparisonFacts) {
  visit_record(self.fit, visit);
  visit("NumberOfParticipants", self.participants);
  visit("BayesOmnibusRisk", self.omnibus_risk);
  visit("ModelSelection", self.selection);
}
using StoredComparison = StoredTable<ComparisonRow, ComparisonFacts>;

/// Group distribution of a parameter; the tests are of hierarchical inference only.
struct GroupParameterRow {
  std::string model, parameter, transform;
  double mean = 0, sd = 0, median = 0;
  std::optional<double> people, mean_error, test_value, t, dof, p;
};
SOCIOMETER_RECORD(GroupParameterRow) {
  visit("model", self.model, "learning model");
  visit("parameter", self.parameter, "free parameter of the model");
  visit("transform", self.transform, "identity, log or logit: the group is normal on this scale");
  visit("mean", self.mean, "of the transformed parameter over the group");
  visit("sd", self.sd, "standard deviation of the transformed parameter over the group");
  visit("median", self.median, "of the parameter itself: mean, transformed back");
  visit("people", self.people, "sum of the participants' probabilities of following the model");
  visit("mean_error", self.mean_error,
        "hierarchical error: scale of the group mean's Student posterior");
  visit("test_value", self.test_value, "0 of the transformed parameter, transformed back");
  visit("t", self.t,
        "mean / mean_error; n/a below 3 people, where it would say what the prior says");
  visit("dof", self.dof, "degrees of freedom of the group mean's Student posterior");
  visit("p", self.p, "twice the posterior mass of the group mean beyond the test value");
}
/// How hierarchical inference ended.
struct HierarchicalFacts {
  int iterations = 0;
  bool converged = false;
  double bound = 0;
  std::optional<double> null_bound;  ///< with all models equally frequent
};
SOCIOMETER_RECORD(HierarchicalFacts) {
  visit("Iterations", self.iterations);
  visit("Converged", self.converged);
  visit("Bound", self.bound);
  visit("NullBound", self.null_bound);
}
struct GroupParameterFacts {
  static constexpr RecordKind kKind = RecordKind::learning_group;
  std::string estimation;
  std::optional<HierarchicalFacts> hierarchical;
  LearningFacts learning;
};
SOCIOMETER_RECORD(GroupParameterFacts) {
  visit("Estimation", self.estimation);
  visit_part(self.hierarchical, visit);
  visit_record(self.learning, visit);
}
using StoredGroupParameters = StoredTable<GroupParameterRow, GroupParameterFacts>;

struct StaySwitchRow {
  std::string term;
  double estimate = 0, standard_error = 0, z = 0, p = 0;
  double odds_ratio = 0, odds_ratio_low = 0, odds_ratio_high = 0;
  bool operator==(const StaySwitchRow&) const = default;
};
SOCIOMETER_RECORD(StaySwitchRow) {
  visit("term", self.term, "fixed effect");
  visit("estimate", self.estimate, "log odds of staying");
  visit("standard_error", self.standard_error,
        "from the Hessian of the deviance by all parameters");
  visit("z", self.z, "estimate / standard error");
  visit("p", self.p, "two-sided");
  visit("odds_ratio", self.odds_ratio, "exp(estimate)");
  visit("odds_ratio_low", self.odds_ratio_low, "lower end of its 95 % Wald interval");
  visit("odds_ratio_high", self.odds_ratio_high, "upper end");
}
struct StaySwitchFacts {
  static constexpr RecordKind kKind = RecordKind::stay_switch;
  std::string model, note, estimation;
  std::optional<std::string> previous_rank;  ///< its coding
  std::string previous_outcome, occasion;
  long occasions = 0, participants = 0;
  std::vector<std::vector<double>> covariance;  ///< of the random effects
  double log_likelihood = 0;
  bool converged = false, singular = false;
  LearningFacts learning;
};
SOCIOMETER_RECORD(StaySwitchFacts) {
  visit("Model", self.model);
  visit("ModelNote", self.note);
  visit("Estimation", self.estimation);
  visit("PreviousRank", self.previous_rank);
  visit("PreviousOutcome", self.previous_outcome);
  visit("Occasion", self.occasion);
  visit("NumberOfOccasions", self.occasions);
  visit("NumberOfParticipants", self.participants);
  visit("RandomEffectsCovariance", self.covariance);
  visit("LogLikelihood", self.log_likelihood);
  visit("Converged", self.converged);
  visit("Singular", self.singular);
  visit_record(self.learning, visit);
}
using StoredStaySwitch = StoredTable<StaySwitchRow, StaySwitchFacts>;

struct RatingRow {
  std::string effect;
  double f = 0, dof1 = 0, dof2 = 0, p = 0, partial_eta_squared = 0, mean_difference = 0;
  bool operator==(const RatingRow&) const = default;
};
SOCIOMETER_RECORD(RatingRow) {
  visit("effect", self.effect, "within-participant factor");
  visit("F", self.f, "mean square of the effect / that of its error");
  visit("dof1", self.dof1, "of the effect");
  visit("dof2", self.dof2, "of the error");
  visit("p", self.p, "P(F > f)");
  visit("partial_eta_squared", self.partial_eta_squared, "SS effect / (SS effect + SS error)");
  visit("mean_difference", self.mean_difference,
        "better - worse rank, high - low match; difference of differences");
}
struct RatingFacts {
  static constexpr RecordKind kKind = RecordKind::ratings;
  std::string design, rank_levels, outcome_levels;
  long participants = 0;
  ByName<double> cell_means;
  InputFile ratings;
  LearningFacts learning;
};
SOCIOMETER_RECORD(RatingFacts) {
  visit("Design", self.design);
  visit("RankLevels", self.rank_levels);
  visit("OutcomeLevels", self.outcome_levels);
  visit("NumberOfParticipants", self.participants);
  visit("CellMeans", self.cell_means);
  visit("Ratings", self.ratings);
  visit_record(self.learning, visit);
}
using StoredRatings = StoredTable<RatingRow, RatingFacts>;

struct PredictiveRow {
  std::string statistic, level;
  double data = 0, mean = 0, low = 0, high = 0, p = 0;
  bool operator==(const PredictiveRow&) const = default;
};
SOCIOMETER_RECORD(PredictiveRow) {
  visit("statistic", self.statistic,
        "choice_share: chosen / offered; learning_curve_outcome, learning_curve_rank: share of "
        "choices of the partner with the better mean outcome, rank; stay_switch: slope of the "
        "logistic regression of staying over all participants together");
  visit("level", self.level, "partner, block of rounds, or term");
  visit("data", self.data, "of the study");
  visit("mean", self.mean, "of the simulated studies");
  visit("low", self.low, "2.5 % quantile of the simulated studies");
  visit("high", self.high, "97.5 % quantile");
  visit("p", self.p, "two-sided tail probability of the data among the simulated studies");
}
struct PredictiveFacts {
  static constexpr RecordKind kKind = RecordKind::predictive;
  std::string model;
  long simulated = 0;
  uint64_t seed = 0;
  long blocks = 0;
  std::string feedback, parameters;
  LearningFacts learning;
};
SOCIOMETER_RECORD(PredictiveFacts) {
  visit("Model", self.model);
  visit("Simulated", self.simulated);
  visit("Seed", self.seed);
  visit("Blocks", self.blocks);
  visit("Feedback", self.feedback);
  visit("Parameters", self.parameters);
  visit_record(self.learning, visit);
}
using StoredPredictive = StoredTable<PredictiveRow, PredictiveFacts>;

/// How simulated participants came about.
struct RecoveryFacts {
  long simulated = 0;
  uint64_t seed = 0;
  std::string at, true_parameters, feedback, rounds;
  LearnerFacts models;
  LearningFacts learning;
};
SOCIOMETER_RECORD(RecoveryFacts) {
  visit("Simulated", self.simulated);
  visit("Seed", self.seed);
  visit("RecoverAt", self.at);
  visit("TrueParameters", self.true_parameters);
  visit("RecoverFeedback", self.feedback);
  visit("Rounds", self.rounds);
  visit("Models", self.models);
  visit_record(self.learning, visit);
}
struct RecoveryRow {
  std::string model;
  long simulation = 0;
  std::string parameter;
  double truth = 0, estimate = 0;
  bool operator==(const RecoveryRow&) const = default;
};
SOCIOMETER_RECORD(RecoveryRow) {
  visit("model", self.model, "learning model, both true and fitted");
  visit("simulation", self.simulation, "simulated participant");
  visit("parameter", self.parameter, "free parameter");
  visit("truth", self.truth, "value that made the choices");
  visit("estimate", self.estimate, "maximum a posteriori estimate");
}
struct ParameterRecoveryFacts {
  static constexpr RecordKind kKind = RecordKind::parameter_recovery;
  RecoveryFacts recovery;
};
SOCIOMETER_RECORD(ParameterRecoveryFacts) { visit_record(self.recovery, visit); }
using StoredRecovery = StoredTable<RecoveryRow, ParameterRecoveryFacts>;

struct RecoverySummaryRow {
  std::string model, parameter;
  double correlation = 0, transformed_correlation = 0, rank_correlation = 0, bias = 0;
  bool operator==(const RecoverySummaryRow&) const = default;
};
SOCIOMETER_RECORD(RecoverySummaryRow) {
  visit("model", self.model, "learning model");
  visit("parameter", self.parameter, "free parameter");
  visit("correlation", self.correlation, "Pearson, of truth and estimate");
  visit("transformed_correlation", self.transformed_correlation,
        "Pearson, of transformed values (log beta, logit w)");
  visit("rank_correlation", self.rank_correlation, "Spearman");
  visit("bias", self.bias, "mean of estimate - truth");
}
struct RecoverySummaryFacts {
  static constexpr RecordKind kKind = RecordKind::parameter_recovery_summary;
  RecoveryFacts recovery;
};
SOCIOMETER_RECORD(RecoverySummaryFacts) { visit_record(self.recovery, visit); }
using StoredRecoverySummary = StoredTable<RecoverySummaryRow, RecoverySummaryFacts>;

struct ConfusionRow {
  std::string true_model, fitted_model;
  double best = 0, expected_frequency = 0, protected_exceedance = 0;
  bool operator==(const ConfusionRow&) const = default;
};
SOCIOMETER_RECORD(ConfusionRow) {
  visit("true_model", self.true_model, "model that made the choices");
  visit("fitted_model", self.fitted_model, "model fitted to them");
  visit("best", self.best, "share of simulated participants with the largest evidence here");
  visit("expected_frequency", self.expected_frequency,
        "random-effects selection over the simulated group");
  visit("protected_exceedance_probability", self.protected_exceedance, "likewise");
}
struct ConfusionFacts {
  static constexpr RecordKind kKind = RecordKind::model_recovery;
  RecoveryFacts recovery;
};
SOCIOMETER_RECORD(ConfusionFacts) { visit_record(self.recovery, visit); }
using StoredConfusion = StoredTable<ConfusionRow, ConfusionFacts>;

/// How likely each participant follows each model, given everybody's choices.
struct ProbabilityRow {
  std::string participant, model;
  double probability = 0;
  bool operator==(const ProbabilityRow&) const = default;
};
SOCIOMETER_RECORD(ProbabilityRow) {
  visit("participant_id", self.participant, "participant");
  visit("model", self.model, "learning model");
  visit("probability", self.probability,
        "that the participant follows the model, given everybody's choices (model frequencies of "
        "the group are the prior)");
}
struct ProbabilityFacts {
  static constexpr RecordKind kKind = RecordKind::learning_probabilities;
  FitFacts fit;
  std::string selection;  ///< how, in words
};
SOCIOMETER_RECORD(ProbabilityFacts) {
  visit_record(self.fit, visit);
  visit("ModelSelection", self.selection);
}
using StoredProbabilities = StoredTable<ProbabilityRow, ProbabilityFacts>;

/// What stands beside each participant's own slopes: the same as of the regression.
struct StaySwitchSlopeFacts {
  static constexpr RecordKind kKind = RecordKind::stay_switch_slopes;
  StaySwitchFacts regression;
};
SOCIOMETER_RECORD(StaySwitchSlopeFacts) { visit_record(self.regression, visit); }
/// A slope and its standard error.
struct StoredSlopeOfTerm {
  double estimate = 0, standard_error = 0;
  bool operator==(const StoredSlopeOfTerm&) const = default;
};
struct StoredStaySwitchSlopes {
  StaySwitchFacts facts;
  std::vector<std::string> terms, participants;
  std::vector<std::vector<StoredSlopeOfTerm>> slopes;  ///< [participant][term]
};
/// @param record_path  of the JSON; its table is read too.
/// @throws Error{bad_input}, also for a term without standard errors.
StoredStaySwitchSlopes read_stay_switch_slopes(const std::string& record_path);

/// The sidecar of trial-wise signals.
struct LearningSignalsRecord {
  static constexpr RecordKind kKind = RecordKind::learning_signals;
  std::string model;
  LearningFacts learning;
  /// By name, of the participant; where one table has all participants, that of each by "sub-01".
  Json parameters;
  std::vector<InputFile> inputs;  ///< tables of choices
  bool operator==(const LearningSignalsRecord&) const = default;
};
SOCIOMETER_RECORD(LearningSignalsRecord) {
  visit("Model", self.model);
  visit_record(self.learning, visit);
  visit("ModelParameters", self.parameters);
  visit("Inputs", self.inputs);
}

}  // namespace sociometer
