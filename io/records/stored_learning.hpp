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
  visit("participant_id", self.participant);
  visit("model", self.model);
  visit("parameter", self.parameter);
  visit("estimate", self.estimate);
  visit("standard_error", self.standard_error);
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
  double log_likelihood = 0, log_evidence = 0;
  std::string evidence_method;
  double evidence_error = 0, bic = 0, aic = 0, pseudo_r2 = 0;
  bool converged = false;
  bool operator==(const LearnerFitRow&) const = default;
};
SOCIOMETER_RECORD(LearnerFitRow) {
  visit("participant_id", self.participant);
  visit("model", self.model);
  visit("n_choices", self.n_choices);
  visit("log_likelihood", self.log_likelihood);
  visit("log_evidence", self.log_evidence);
  visit("evidence_method", self.evidence_method);
  visit("evidence_error", self.evidence_error);
  visit("bic", self.bic);
  visit("aic", self.aic);
  visit("pseudo_r2", self.pseudo_r2);
  visit("converged", self.converged);
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
  visit("model", self.model);
  visit("alpha", self.alpha);
  visit("expected_frequency", self.expected_frequency);
  visit("exceedance_probability", self.exceedance);
  visit("protected_exceedance_probability", self.protected_exceedance);
  visit("sum_log_evidence", self.sum_log_evidence);
  visit("sum_bic", self.sum_bic);
  visit("n_best", self.n_best);
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
  visit("model", self.model);
  visit("parameter", self.parameter);
  visit("transform", self.transform);
  visit("mean", self.mean);
  visit("sd", self.sd);
  visit("median", self.median);
  visit("people", self.people);
  visit("mean_error", self.mean_error);
  visit("test_value", self.test_value);
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
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
  visit("term", self.term);
  visit("estimate", self.estimate);
  visit("standard_error", self.standard_error);
  visit("z", self.z);
  visit("p", self.p);
  visit("odds_ratio", self.odds_ratio);
  visit("odds_ratio_low", self.odds_ratio_low);
  visit("odds_ratio_high", self.odds_ratio_high);
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
  visit("effect", self.effect);
  visit("F", self.f);
  visit("dof1", self.dof1);
  visit("dof2", self.dof2);
  visit("p", self.p);
  visit("partial_eta_squared", self.partial_eta_squared);
  visit("mean_difference", self.mean_difference);
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
  visit("statistic", self.statistic);
  visit("level", self.level);
  visit("data", self.data);
  visit("mean", self.mean);
  visit("low", self.low);
  visit("high", self.high);
  visit("p", self.p);
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
  visit("model", self.model);
  visit("simulation", self.simulation);
  visit("parameter", self.parameter);
  visit("truth", self.truth);
  visit("estimate", self.estimate);
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
  visit("model", self.model);
  visit("parameter", self.parameter);
  visit("correlation", self.correlation);
  visit("transformed_correlation", self.transformed_correlation);
  visit("rank_correlation", self.rank_correlation);
  visit("bias", self.bias);
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
  visit("true_model", self.true_model);
  visit("fitted_model", self.fitted_model);
  visit("best", self.best);
  visit("expected_frequency", self.expected_frequency);
  visit("protected_exceedance_probability", self.protected_exceedance);
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
  visit("participant_id", self.participant);
  visit("model", self.model);
  visit("probability", self.probability);
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
