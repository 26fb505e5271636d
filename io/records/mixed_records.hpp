#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_of.hpp"

/// Records of `mixed`: what its tables say of themselves.
namespace sociometer {

/// In what order rows are trials, for columns made of earlier and later ones.
struct TrialSequenceRecord {
  std::vector<std::string> within;  ///< columns
  bool within_files = false;
  std::string order;  ///< a column, or rows
  bool consecutive_only = false;
  bool operator==(const TrialSequenceRecord&) const = default;
};
SOCIOMETER_RECORD(TrialSequenceRecord) {
  visit("TrialsFollowWithin", self.within);
  visit("TrialsFollowWithinFiles", self.within_files);
  visit("TrialOrder", self.order);
  visit("ConsecutiveOnly", self.consecutive_only);
}

struct JoinRecord {
  std::vector<std::string> keys, columns;
  size_t without_match = 0;  ///< rows
  bool operator==(const JoinRecord&) const = default;
};
SOCIOMETER_RECORD(JoinRecord) {
  visit("JoinedBy", self.keys);
  visit("JoinedColumns", self.columns);
  visit("RowsWithoutMatch", self.without_match);
}

/// The rows that were analysed.
struct MixedRowsFacts {
  std::string coding;
  std::optional<std::vector<std::string>> references, made_columns;
  std::optional<TrialSequenceRecord> sequence;
  std::optional<std::vector<std::string>> where;
  std::optional<JoinRecord> join;
  std::vector<InputFile> inputs;
  bool operator==(const MixedRowsFacts&) const = default;
};
SOCIOMETER_RECORD(MixedRowsFacts) {
  visit("Coding", self.coding);
  visit("References", self.references);
  visit("MadeColumns", self.made_columns);
  visit_part(self.sequence, visit);
  visit("RowsWhere", self.where);
  visit_part(self.join, visit);
  visit("Inputs", self.inputs);
}

/// A fitted model.
struct MixedModelFacts {
  std::string formula, family;
  std::optional<std::string> response;  ///< which value of it is a success
  std::string estimation, tests;
  long rows = 0;
  size_t rows_left_out = 0;
  ByName<size_t> missing_values;         ///< by column
  std::optional<ByName<size_t>> levels;  ///< numbers of them, by grouping factor
  double log_likelihood = 0;
  std::string log_likelihood_kind;
  long parameters = 0;
  double aic = 0, bic = 0;
  bool converged = false;
  double deviance_to_go = 0;
  int evaluations = 0;
  bool flat = false, singular = false;
  std::vector<std::string> singular_because;
  std::optional<bool> separated;  ///< of logistic models
  MixedRowsFacts of_rows;
  bool operator==(const MixedModelFacts&) const = default;
};
SOCIOMETER_RECORD(MixedModelFacts) {
  visit("Formula", self.formula);
  visit("Family", self.family);
  visit("Response", self.response);
  visit("Estimation", self.estimation);
  visit("Tests", self.tests);
  visit("NumberOfRows", self.rows);
  visit("RowsLeftOut", self.rows_left_out);
  visit("MissingValues", self.missing_values);
  visit("Levels", self.levels);
  visit("LogLikelihood", self.log_likelihood);
  visit("LogLikelihoodKind", self.log_likelihood_kind);
  visit("NumberOfParameters", self.parameters);
  visit("AIC", self.aic);
  visit("BIC", self.bic);
  visit("Converged", self.converged);
  visit("DevianceToGo", self.deviance_to_go);
  visit("Evaluations", self.evaluations);
  visit("VariancesNotIdentified", self.flat);
  visit("Singular", self.singular);
  visit("SingularBecause", self.singular_because);
  visit("Separated", self.separated);
  visit_record(self.of_rows, visit);
}
using MixedEffectsRecord = RecordOf<RecordKind::mixed_effects, MixedModelFacts>;
using MixedTestsRecord = RecordOf<RecordKind::mixed_tests, MixedModelFacts>;
using MixedVariancesRecord = RecordOf<RecordKind::mixed_variances, MixedModelFacts>;
using MixedModesRecord = RecordOf<RecordKind::mixed_modes, MixedModelFacts>;
using MixedRowsRecord = RecordOf<RecordKind::mixed_rows, MixedRowsFacts>;

/// A mediation within participants; its table of slopes has the same record.
struct MediationRecord {
  static constexpr RecordKind kKind = RecordKind::mediation;
  std::string mediation, estimation, interval;
  double level = 0;
  uint64_t seed = 0;
  double product_of_means = 0, covariance = 0;  ///< of the paths a and b
  size_t participants = 0, rows = 0, rows_left_out = 0;
  bool response_is_binary = false;
  std::vector<std::string> left_out;  ///< participants
  MixedRowsFacts of_rows;
  bool operator==(const MediationRecord&) const = default;
};
SOCIOMETER_RECORD(MediationRecord) {
  visit("Mediation", self.mediation);
  visit("Estimation", self.estimation);
  visit("Interval", self.interval);
  visit("Level", self.level);
  visit("Seed", self.seed);
  visit("ProductOfMeans", self.product_of_means);
  visit("CovarianceOfAAndB", self.covariance);
  visit("NumberOfParticipants", self.participants);
  visit("NumberOfRows", self.rows);
  visit("RowsLeftOut", self.rows_left_out);
  visit("ResponseIsBinary", self.response_is_binary);
  visit("ParticipantsLeftOut", self.left_out);
  visit_record(self.of_rows, visit);
}

}  // namespace sociometer
