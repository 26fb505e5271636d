#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "io/records/column_words.hpp"

/// power.json: what the writer fills and a reader returns.
namespace sociometer {

struct StoredSharedEffects {
  double y_in_a = 0, x_in_b = 0;
  bool operator==(const StoredSharedEffects&) const = default;
};
SOCIOMETER_RECORD(StoredSharedEffects) {
  visit("YInA", self.y_in_a);
  visit("XInB", self.x_in_b);
}

/// What was assumed of people and noise (PowerAssumptions has the units).
struct StoredAssumptions {
  std::string note, effect_unit;
  std::vector<double> own_effects;
  double effect_ratio = 0;
  StoredSharedEffects shared;
  double between_sd = 0;
  std::array<double, 2> noise_sd{};
  double noise_ar = 0, noise_correlation = 0, region_correlation = 0, signal_correlation = 0;
  double score_correlation = 0, other_score_correlation = 0;
  bool operator==(const StoredAssumptions&) const = default;
};
SOCIOMETER_RECORD(StoredAssumptions) {
  visit("Note", self.note);
  visit("EffectUnit", self.effect_unit);
  visit("OwnEffects", self.own_effects);
  visit("EffectRatio", self.effect_ratio);
  visit("SharedEffects", self.shared);
  visit("BetweenSD", self.between_sd);
  visit("NoiseSD", self.noise_sd);
  visit("NoiseAR1", self.noise_ar);
  visit("NoiseCorrelation", self.noise_correlation);
  visit("RegionCorrelation", self.region_correlation);
  visit("SignalCorrelation", self.signal_correlation);
  visit("ScoreCorrelation", self.score_correlation);
  visit("OtherScoreCorrelation", self.other_score_correlation);
}

/// A bound in standard deviations, or words where there is none.
struct StoredBound {
  double d = 0;  ///< infinite: none
  static Json to_json(const StoredBound& bound);
  static StoredBound from_json(const Json& json, const RecordPlace& place);
  bool operator==(const StoredBound&) const = default;
};

/// When a claim counts as made, and how many studies were simulated.
struct StoredPowerRule {
  double alpha = 0, bayes_factor_needed = 0;
  StoredBound equivalence;
  double cauchy_scale = 0;
  int slope_tests = 0;
  double power = 0;
  uint64_t studies = 0, seed = 0;
  bool operator==(const StoredPowerRule&) const = default;
};
SOCIOMETER_RECORD(StoredPowerRule) {
  visit("Alpha", self.alpha);
  visit("BayesFactorNeeded", self.bayes_factor_needed);
  visit("EquivalenceD", self.equivalence);
  visit("CauchyScale", self.cauchy_scale);
  visit("SlopesTestedTogether", self.slope_tests);
  visit("Power", self.power);
  visit("Studies", self.studies);
  visit("Seed", self.seed);
}

struct StoredSignalPair {
  std::string event_type, x, y;
  bool operator==(const StoredSignalPair&) const = default;
};
SOCIOMETER_RECORD(StoredSignalPair) {
  visit("EventType", self.event_type);
  visit("X", self.x);
  visit("Y", self.y);
}

/// Designs of one number of trials.
struct StoredPowerDesign {
  double runs = 0, trials = 0, scans = 0;
  std::array<double, 2> regressor_sd{};
  double height = 0;
  std::array<double, 2> vif{};
  double correlation = 0;
  std::array<double, 2> error_sd{};
  bool operator==(const StoredPowerDesign&) const = default;
};
SOCIOMETER_RECORD(StoredPowerDesign) {
  visit("Runs", self.runs);
  visit("TrialsPerRun", self.trials);
  visit("ScansPerRun", self.scans);
  visit("RegressorSD", self.regressor_sd);
  visit("ResponseHeight", self.height);
  visit("VIF", self.vif);
  visit("Correlation", self.correlation);
  visit("ErrorSDPerPercentNoise", self.error_sd);
}

struct StoredPower {
  static constexpr RecordKind kKind = RecordKind::power;
  std::vector<std::string> sentences;
  StoredAssumptions assumptions;
  StoredPowerRule rule;
  std::string design_source;
  uint64_t people = 0;  ///< whose designs they are
  StoredSignalPair signals;
  std::vector<StoredPowerDesign> designs;
  ByName<ColumnWords> columns;       ///< of power.tsv
  std::vector<ByName<double>> rows;  ///< by the names of these columns
  std::optional<Json> settings;      ///< of a simulated game, see TruthSettings
  std::vector<InputFile> inputs;
  bool operator==(const StoredPower&) const = default;
};
SOCIOMETER_RECORD(StoredPower) {
  visit("Summary", self.sentences);
  visit("Assumptions", self.assumptions);
  visit("Rule", self.rule);
  visit("DesignSource", self.design_source);
  visit("PeopleWithDesigns", self.people);
  visit("Signals", self.signals);
  visit("Designs", self.designs);
  visit("Columns", self.columns);
  visit("Rows", self.rows);
  visit("Settings", self.settings);
  visit("Inputs", self.inputs);
}

}  // namespace sociometer
