#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/learning/recovery.hpp"
#include "engine/learning/stay_switch.hpp"
#include "engine/learning/study_analysis.hpp"

namespace sociometer::jobs {

/// Recoveries and checks of the fitted models: how many participants or studies are simulated, none
/// with 0.
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

/// Learning models of the choices of a study. Choices that are left open follow the group priors.
struct LearnRequest {
  std::string bids;  ///< a BIDS folder, or one table of all people
  std::string output;
  std::string task;                       ///< empty: the only one
  std::vector<std::string> participants;  ///< labels; none: all
  std::vector<std::string> models;        ///< none: those of the study that the columns allow
  std::string signals_model;              ///< whose signals are written; empty: the first
  std::string settings, columns;          ///< JSON files; empty: defaults
  std::string ratings;                    ///< empty: phenotype/ratings.tsv, if there
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

/// @throws Error{usage} for choices that contradict each other or are out of range.
void check(const LearnRequest& request);

/// How the models are fitted.
FitOptions fit_options(const LearnRequest& request);

}  // namespace sociometer::jobs
