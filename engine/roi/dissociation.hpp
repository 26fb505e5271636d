#pragma once
#include <string>
#include <vector>

#include "engine/roi/bootstrap.hpp"
#include "engine/roi/region_tests.hpp"
#include "engine/roi/repeated_measures.hpp"

namespace sociometer {

/// Effects of several signals in several regions, participant by participant.
struct DissociationData {
  std::vector<std::string> regions, signals, participants;
  Eigen::MatrixXd cells;  ///< (n_participants, n_regions * n_signals); column r * n_signals + s
  Eigen::Index column(size_t region, size_t signal) const {
    return Eigen::Index(region * signals.size() + signal);
  }
};

struct DissociationOptions {
  RegionTestOptions tests;  ///< level, priors, permutations, seed
  BootstrapInterval interval = BootstrapInterval::bca;
  uint64_t bootstraps = 10000;
  double alpha = 0.05;  ///< below it an effect counts as shown
  double evidence = 3;  ///< Bayes factor from which a null, or an effect, counts as supported
};

/// What the data say of one effect.
enum class Finding {
  positive,   ///< p < alpha, above 0
  negative,   ///< p < alpha, below 0
  absent,     ///< the Bayes factor speaks for no effect (BF01 >= evidence)
  undecided,  ///< neither
};
std::string to_string(Finding finding);
Finding finding_of(const RegionTestResult& test, const DissociationOptions& options);

/// A t test with what it is about and its bootstrap interval.
struct NamedTest {
  std::string region, other_region;  ///< the second for differences between regions
  std::string signal, other_signal;  ///< the second for differences between signals
  RegionTestResult test;
  Interval bootstrap{};
  Finding finding = Finding::undecided;
};

struct Dissociation {
  WithinAnova anova;
  double interaction_p_permutation = 0;
  std::vector<NamedTest> cells;  ///< each signal in each region
  std::vector<NamedTest>
      simple;  ///< signal differences in a region, region differences of a signal
  std::vector<NamedTest>
      interactions;  ///< each pair of regions and pair of signals; p_holm over them
};

/// Region x signal analysis of who follows what.
///
/// Everything is taken from the same participants. The interaction of a pair of regions (A, B) and
/// a pair of signals (x, y) is (A_x - A_y) - (B_x - B_y), the difference between the differences;
/// its interval resamples participants.
/// @param data  finite.
/// @throws Error{bad_input} for fewer than two regions, signals or participants.
Dissociation dissociate(const DissociationData& data, const DissociationOptions& options,
                        int n_threads = 1);

/// How far the claim "region A follows x and not y, region B y and not x" is borne out.
enum class Verdict {
  double_dissociation,  ///< interaction shown, both effects shown, both zeros supported
  crossover,         ///< interaction shown, and each region prefers its own signal; zeros not both
                     ///< supported
  interaction_only,  ///< the regions differ in how they weigh the signals, no more
  similar,           ///< evidence for no interaction
  undecided,
};
std::string to_string(Verdict verdict);

/// @param a, b  regions; x, y  signals: a is expected to follow x, b to follow y.
Verdict verdict_of(const Dissociation& result, const std::string& a, const std::string& b,
                   const std::string& x, const std::string& y, const DissociationOptions& options);

/// The test with these names; the second region or signal empty for a cell or simple effect.
const NamedTest& find_test(const std::vector<NamedTest>& tests, const std::string& region,
                           const std::string& other_region, const std::string& signal,
                           const std::string& other_signal);

}  // namespace sociometer
