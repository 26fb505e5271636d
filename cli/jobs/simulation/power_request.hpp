#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/simulate/power.hpp"

namespace sociometer::jobs {

/// Power of the claims of a study. Designs come from the simulator's game, or from events tables;
/// defaults are those of PowerAssumptions and PowerPlan.
struct PowerRequest {
  // The game.
  std::vector<int> trials;    ///< per run; none: 60
  std::optional<int> runs;    ///< 2
  std::optional<int> people;  ///< players; 12
  std::string settings;       ///< JSON, as simulate reads it
  // Events.
  std::vector<std::string> events;
  std::optional<double> tr_s;
  std::vector<Eigen::Index> n_scans;  ///< one for all, or one per table
  std::string modulators;             ///< TYPE:COLUMN,COLUMN; empty: those that learn writes
  // Assumptions.
  std::vector<Eigen::Index> participants = PowerPlan{}.participants;
  std::vector<double> effects = PowerPlan{}.effects;  ///< own effects
  EffectUnit unit = PowerPlan{}.unit;
  double effect_ratio = PowerAssumptions{}.effect_ratio;
  std::pair<double, double> shared_effect{0, 0};  ///< Y in A, X in B
  double between_sd = PowerAssumptions{}.between_sd;
  std::pair<double, double> noise_sd{PowerAssumptions{}.noise_sd[0],
                                     PowerAssumptions{}.noise_sd[1]};
  double noise_ar = PowerDesignOptions{}.noise_ar;
  double noise_correlation = PowerAssumptions{}.noise_correlation;
  double region_correlation = PowerAssumptions{}.region_correlation;
  double signal_correlation = PowerAssumptions{}.signal_correlation;
  double score_correlation = PowerAssumptions{}.score_correlation;
  double other_score_correlation = PowerAssumptions{}.other_score_correlation;
  // Criteria for a claim.
  double alpha = EvidenceRule{}.alpha, evidence = EvidenceRule{}.evidence;
  double equivalence_d = EvidenceRule{}.equivalence_d, cauchy_scale = EvidenceRule{}.cauchy_scale;
  int slope_tests = PowerPlan{}.slope_tests;
  double target = 0.8;  ///< target power
  uint64_t studies = PowerPlan{}.studies, seed = PowerPlan{}.seed;
  std::string output, prefix;
};
SOCIOMETER_FIELDS(PowerRequest) {
  visit("trials", self.trials);
  visit("runs", self.runs);
  visit("people", self.people);
  visit("settings", self.settings);
  visit("events", self.events);
  visit("tr_s", self.tr_s);
  visit("n_scans", self.n_scans);
  visit("modulators", self.modulators);
  visit("participants", self.participants);
  visit("effects", self.effects);
  visit("unit", self.unit);
  visit("effect_ratio", self.effect_ratio);
  visit("shared_effect", self.shared_effect);
  visit("between_sd", self.between_sd);
  visit("noise_sd", self.noise_sd);
  visit("noise_ar", self.noise_ar);
  visit("noise_correlation", self.noise_correlation);
  visit("region_correlation", self.region_correlation);
  visit("signal_correlation", self.signal_correlation);
  visit("score_correlation", self.score_correlation);
  visit("other_score_correlation", self.other_score_correlation);
  visit("alpha", self.alpha);
  visit("evidence", self.evidence);
  visit("equivalence_d", self.equivalence_d);
  visit("cauchy_scale", self.cauchy_scale);
  visit("slope_tests", self.slope_tests);
  visit("target", self.target);
  visit("studies", self.studies);
  visit("seed", self.seed);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

inline constexpr int kMostPowerStudies = 10000000;

/// @throws Error{usage} for choices that contradict each other, Error{bad_input} for values that
/// cannot be used.
void check(const PowerRequest& request);

/// The engine's plan for this request.
PowerPlan power_plan(const PowerRequest& request);

}  // namespace sociometer::jobs
