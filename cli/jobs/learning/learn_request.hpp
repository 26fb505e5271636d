#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/learning/recovery.hpp"
#include "engine/learning/stay_switch.hpp"
#include "engine/learning/study_analysis.hpp"

namespace sociometer::jobs {

/// Recoveries and checks of the fitted models: number of simulated participants or studies; 0: do
/// not run.
struct ModelCheckRequest {
  int parameter_recovery = 0, model_recovery = 0, predictive = 0;
  RecoverAt recover_at = RecoverAt::prior;
  FeedbackOrder feedback = FeedbackOrder::drawn;
};
SOCIOMETER_FIELDS(ModelCheckRequest) {
  visit("parameter_recovery", self.parameter_recovery);
  visit("model_recovery", self.model_recovery);
  visit("predictive", self.predictive);
  visit("recover_at", self.recover_at);
  visit("feedback", self.feedback);
}

/// Fits learning models to the choices of a study. Fields left unset follow the group priors.
struct LearnRequest {
  std::string bids;  ///< a BIDS folder, or one table of all participants
  std::string output;
  std::string task;                       ///< empty: the only one
  std::vector<std::string> participants;  ///< labels; none: all
  std::vector<std::string> models;        ///< none: the study's models that the columns allow
  std::string signals_model;              ///< model whose signals are written; empty: the first
  std::string settings, columns;          ///< JSON files; empty: defaults
  std::string ratings;                    ///< empty: phenotype/ratings.tsv, if present
  GroupPriors group_priors = GroupPriors::none;
  std::optional<DensitySpace> density_space, evidence_space;
  std::optional<Evidence> evidence;
  int evidence_points = ImportanceOptions{}.n_points, starts = FitOptions{}.n_starts;
  Standardise standardise = Standardise::none;
  ModelCheckRequest checks;
  uint64_t seed = 1;
};
SOCIOMETER_FIELDS(LearnRequest) {
  visit("bids", self.bids);
  visit("output", self.output);
  visit("task", self.task);
  visit("participants", self.participants);
  visit("models", self.models);
  visit("signals_model", self.signals_model);
  visit("settings", self.settings);
  visit("columns", self.columns);
  visit("ratings", self.ratings);
  visit("group_priors", self.group_priors);
  visit("density_space", self.density_space);
  visit("evidence_space", self.evidence_space);
  visit("evidence", self.evidence);
  visit("evidence_points", self.evidence_points);
  visit("starts", self.starts);
  visit("standardise", self.standardise);
  visit("checks", self.checks);
  visit("seed", self.seed);
}

inline constexpr int kFewestEvidencePoints = 64, kMostEvidencePoints = 1 << 20, kMostStarts = 1000;

/// @throws Error{usage} for contradictory or out-of-range values.
void check(const LearnRequest& request);

/// How the models are fitted.
FitOptions fit_options(const LearnRequest& request);

}  // namespace sociometer::jobs
