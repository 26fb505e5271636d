#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/bootstrap.hpp"
#include "engine/roi/region_tests.hpp"
#include "engine/roi/repeated_measures.hpp"
#include "engine/roi/verdict.hpp"

namespace sociometer {

/// Effects of several signals in several regions, per participant.
struct DissociationData {
  std::vector<std::string> regions, signals, participants;
  Eigen::MatrixXd cells;  ///< (n_participants, n_regions * n_signals); column r * n_signals + s
  Eigen::Index column(size_t region, size_t signal) const {
    return Eigen::Index(region * signals.size() + signal);
  }
};

/// Leaves only the participants that have every value.
/// @return the others.
std::vector<std::string> keep_complete(DissociationData& data);

struct DissociationOptions {
  RegionTestOptions tests;  ///< level, priors, permutations, seed
  BootstrapInterval interval = BootstrapInterval::bca;
  uint64_t bootstraps = 10000;
  EvidenceRule rule;  ///< criteria for an effect or its absence
};

std::string to_string(Finding finding);

/// A t test with its labels and bootstrap interval.
struct NamedTest {
  std::string region, other_region;  ///< the second for differences between regions
  std::string signal, other_signal;  ///< the second for differences between signals
  RegionTestResult test;
  Interval bootstrap{};
  Finding finding = Finding::undecided;
};

/// Two regions and two signals, as indices into the data, with their figures and verdict.
struct PairOfRegions {
  size_t region, other_region, signal, other_signal;
  PairFigures figures;
  PairVerdict verdict;
};

struct Dissociation {
  /// Permutations of each test, with the identity; 0: none.
  uint64_t shuffles = 0;
  bool exhaustive = false;  ///< these are all there are
  WithinAnova anova;
  double interaction_p_permutation = 0;
  std::vector<NamedTest> cells;  ///< each signal in each region
  std::vector<NamedTest>
      simple;  ///< signal differences within a region, region differences within a signal
  std::vector<NamedTest> interactions;  ///< each pair of regions and of signals; p_holm across them
  std::vector<PairOfRegions> pairs;     ///< as `interactions`, with the verdicts
};

/// Region x signal analysis: which region responds to which signal.
///
/// All tests use the same participants. For regions (A, B) and signals (x, y) the interaction is
/// (A_x - A_y) - (B_x - B_y), the difference of differences; its interval resamples participants.
/// It compares signals and is therefore meaningful only if they are in comparable units
/// (signal_units.hpp); verdicts do not depend on the units (verdict.hpp).
/// @param data  finite.
/// @throws Error{bad_input} for fewer than two regions, signals or participants.
Dissociation dissociate(const DissociationData& data, const DissociationOptions& options,
                        int n_threads = 1);

/// The 1 - 2 alpha interval of an effect in standard deviations over participants. Where it lies
/// within the bounds of the rule, the effect is equivalent to none.
struct EquivalenceInterval {
  double lower, upper;
  bool within;
};
/// @return nothing where the rule asks for no equivalence, or without spread.
std::optional<EquivalenceInterval> equivalence_interval(const RegionTestResult& test,
                                                        const EvidenceRule& rule);

/// The test with these names; the second region or signal empty for a cell or simple effect.
const NamedTest& find_test(const std::vector<NamedTest>& tests, const std::string& region,
                           const std::string& other_region, const std::string& signal,
                           const std::string& other_signal);

}  // namespace sociometer
