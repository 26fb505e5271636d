#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "io/records/region_tests.hpp"

namespace sociometer {

/// A test of region values as dissociation.json has it.
struct DissociationTest {
  std::string about, region;
  std::optional<std::string> other_region;
  std::string signal;
  std::optional<std::string> other_signal;
  std::string finding;  ///< positive, negative, absent, undecided
  TestFigures figures;
  std::array<double, 2> bootstrap{};  ///< interval
  bool operator==(const DissociationTest&) const = default;
};
SOCIOMETER_RECORD(DissociationTest) {
  visit("About", self.about);
  visit("Region", self.region);
  visit("OtherRegion", self.other_region);
  visit("Signal", self.signal);
  visit("OtherSignal", self.other_signal);
  visit("Finding", self.finding);
  visit("Test", self.figures);
  visit("Bootstrap", self.bootstrap);
}

/// A row of dissociation.tsv.
struct DissociationRow {
  std::string signals;  ///< the set of signals
  std::string kind;     ///< cell, simple, interaction
  std::string region, other_region, signal, other_signal, finding;
  TestFigures figures;
  double bootstrap_lower = 0, bootstrap_upper = 0;
};
SOCIOMETER_RECORD(DissociationRow) {
  visit("signals", self.signals);
  visit("kind", self.kind);
  visit("region", self.region);
  visit("other_region", self.other_region);
  visit("signal", self.signal);
  visit("other_signal", self.other_signal);
  visit("finding", self.finding);
  visit_record(self.figures, visit);
  visit("bootstrap_lower", self.bootstrap_lower);
  visit("bootstrap_upper", self.bootstrap_upper);
}

struct SingleDissociationRecord {
  std::string region, signal;
  double p = 0;
  bool operator==(const SingleDissociationRecord&) const = default;
};
SOCIOMETER_RECORD(SingleDissociationRecord) {
  visit("Region", self.region);
  visit("Signal", self.signal);
  visit("p", self.p);
}

/// The verdict on two regions and two signals.
struct VerdictRecord {
  std::string verdict, sentence;
  ByName<std::string> claim;  ///< the signal of each region
  double p_crossover = 0, p_claim = 0, p_claim_holm = 0;
  ByName<bool> zero_supported;  ///< by region
  std::vector<SingleDissociationRecord> singles;
  bool only_gain = false;
  OrNull<bool> sign_holds;  ///< in any units; null: not known
  bool operator==(const VerdictRecord&) const = default;
};
SOCIOMETER_RECORD(VerdictRecord) {
  visit("Verdict", self.verdict);
  visit("Sentence", self.sentence);
  visit("Claim", self.claim);
  visit("pCrossover", self.p_crossover);
  visit("pClaim", self.p_claim);
  visit("pClaimHolm", self.p_claim_holm);
  visit("ZeroSupported", self.zero_supported);
  visit("SingleDissociations", self.singles);
  visit("DifferOnlyInGain", self.only_gain);
  visit("SignHoldsInAnyUnits", self.sign_holds);
}

/// A mean over participants on which a verdict rests.
struct MeanFiguresRecord {
  long n = 0;
  double mean = 0, t = 0, p = 0, bf10 = 0, p_equivalence = 0;
  bool operator==(const MeanFiguresRecord&) const = default;
};
SOCIOMETER_RECORD(MeanFiguresRecord) {
  visit("n", self.n);
  visit("mean", self.mean);
  visit("t", self.t);
  visit("p", self.p);
  visit("bf10", self.bf10);
  visit("p_equivalence", self.p_equivalence);
}

/// The interaction of two regions and two signals, with its verdict.
struct DissociationPair {
  DissociationTest test;
  VerdictRecord verdict;
  ByName<MeanFiguresRecord> verdict_tests;  ///< by what they are about
  bool operator==(const DissociationPair&) const = default;
};
SOCIOMETER_RECORD(DissociationPair) {
  visit_record(self.test, visit);
  visit_record(self.verdict, visit);
  visit("VerdictTests", self.verdict_tests);
}

/// What was analysed, and the conclusions in sentences.
struct DissociationSubject {
  std::vector<std::string> sentences, regions, signals, participants;
  bool operator==(const DissociationSubject&) const = default;
};
SOCIOMETER_RECORD(DissociationSubject) {
  visit("Summary", self.sentences);
  visit("Regions", self.regions);
  visit("Signals", self.signals);
  visit("Participants", self.participants);
}

/// The unit in which the effects of an analysis are.
struct StoredUnits {
  std::string choice, description;
  ByName<double> factors;  ///< by which the values of each signal were multiplied
  std::optional<ByName<double>> regressor_sd = {};  ///< of the signals of which it is known
  bool operator==(const StoredUnits&) const = default;
};
SOCIOMETER_RECORD(StoredUnits) {
  visit("Choice", self.choice);
  visit("Description", self.description);
  visit("Factors", self.factors);
  visit("RegressorSD", self.regressor_sd);
}

/// An effect of the analysis of variance, both factors within participants.
struct WithinEffectRecord {
  double f = 0, dof = 0, error_dof = 0, p = 0, partial_eta2 = 0;
  double greenhouse_geisser = 0, p_greenhouse_geisser = 0;
  std::optional<double> p_permutation;  ///< of the interaction
  bool operator==(const WithinEffectRecord&) const = default;
};
SOCIOMETER_RECORD(WithinEffectRecord) {
  visit("F", self.f);
  visit("DegreesOfFreedom", self.dof);
  visit("ErrorDegreesOfFreedom", self.error_dof);
  visit("p", self.p);
  visit("PartialEta2", self.partial_eta2);
  visit("GreenhouseGeisserEpsilon", self.greenhouse_geisser);
  visit("pGreenhouseGeisser", self.p_greenhouse_geisser);
  visit("pPermutation", self.p_permutation);
}

/// How two signals were correlated in the designs.
struct CollinearityRecord {
  std::array<std::string, 2> signals;
  size_t participants = 0;
  double mean_correlation = 0, largest_correlation = 0;
  std::string largest_in;  ///< participant
  double largest_vif = 0;
  bool operator==(const CollinearityRecord&) const = default;
};
SOCIOMETER_RECORD(CollinearityRecord) {
  visit("Signals", self.signals);
  visit("Participants", self.participants);
  visit("MeanCorrelation", self.mean_correlation);
  visit("LargestCorrelation", self.largest_correlation);
  visit("LargestCorrelationIn", self.largest_in);
  visit("LargestVIF", self.largest_vif);
}

/// The analysis of one set of signals.
struct StoredAnalysis {
  DissociationSubject subject;
  std::vector<DissociationTest> cells, simple_effects;
  std::vector<DissociationPair> interactions;
  /// Permutations of each test, with the identity, and whether they are all there are; absent
  /// without permutations, and in records of earlier versions.
  std::optional<uint64_t> shuffles;
  std::optional<bool> exhaustive;
  std::optional<StoredUnits> units = {};  ///< absent in records of earlier versions
  WithinEffectRecord interaction = {}, region_effect = {}, signal_effect = {};
  std::vector<CollinearityRecord> collinearity = {};
  bool operator==(const StoredAnalysis&) const = default;
};
SOCIOMETER_RECORD(StoredAnalysis) {
  visit_record(self.subject, visit);
  visit("Cells", self.cells);
  visit("SimpleEffects", self.simple_effects);
  visit("Interactions", self.interactions);
  visit("Shuffles", self.shuffles);
  visit("Exhaustive", self.exhaustive);
  visit("Units", self.units);
  visit("Interaction", self.interaction);
  visit("RegionEffect", self.region_effect);
  visit("SignalEffect", self.signal_effect);
  visit("Collinearity", self.collinearity);
}

/// Half-width of the region of equivalence.
struct EquivalenceRecord {
  OrNull<double> value;  ///< null: infinite
  std::string units;
  bool operator==(const EquivalenceRecord&) const = default;
};
SOCIOMETER_RECORD(EquivalenceRecord) {
  visit("Value", self.value);
  visit("Units", self.units);
}

struct BootstrapRecord {
  std::string interval;
  uint64_t replicates = 0;
  bool operator==(const BootstrapRecord&) const = default;
};
SOCIOMETER_RECORD(BootstrapRecord) {
  visit("Interval", self.interval);
  visit("Replicates", self.replicates);
}

/// dissociation.json.
struct StoredDissociation {
  static constexpr RecordKind kKind = RecordKind::dissociation;
  std::string statistic;  ///< of the region values
  double alpha = 0, bayes_factor_needed = 0;
  EquivalenceRecord equivalence;
  double level = 0, cauchy_scale = 0;
  uint64_t permutations = 0;
  std::string permutation_scheme;
  BootstrapRecord bootstrap;
  uint64_t seed = 0;
  std::vector<InputFile> inputs;
  ByName<std::string> notes;  ///< of regions
  std::vector<StoredAnalysis> analyses;
  bool operator==(const StoredDissociation&) const = default;
};
SOCIOMETER_RECORD(StoredDissociation) {
  visit("Statistic", self.statistic);
  visit("Alpha", self.alpha);
  visit("BayesFactorNeeded", self.bayes_factor_needed);
  visit("EquivalenceBound", self.equivalence);
  visit("Level", self.level);
  visit("CauchyScale", self.cauchy_scale);
  visit("Permutations", self.permutations);
  visit("PermutationScheme", self.permutation_scheme);
  visit("Bootstrap", self.bootstrap);
  visit("Seed", self.seed);
  visit("Inputs", self.inputs);
  visit("Notes", self.notes);
  visit("Analyses", self.analyses);
}

}  // namespace sociometer
