#pragma once
#include <array>
#include <string>
#include <vector>

#include "engine/roi/mean_figures.hpp"

namespace sociometer {

/// Verdicts on two regions, A and B, and two signals, X and Y.
///
/// The claim "A goes with X and B with Y" rests on tests that compare regions *within* a signal:
/// A exceeds B in X, and B exceeds A in Y. Each is a paired test, free of the signal's unit; that
/// they point in opposite directions cannot come from one region merely responding more. Besides,
/// A follows X and B follows Y. All must hold: an intersection-union test, whose p is the largest
/// of its parts (Berger 1982, Technometrics 24). A claim is made with probability of at most alpha
/// when one of its parts is false, whatever the others are.
///
/// The differences are signed, in the direction in which the signals are coded: the two regions'
/// differences point in opposite ways, and each region's own effect lies on the side on which it
/// exceeds the other. A region that follows a signal downwards is told as such; for a claim about
/// it the signal is to be turned over (a contrast with the opposite sign).
///
/// That A does not follow Y is not shown by a test that fails. A zero counts as supported when the
/// Bayes factor is for it (BF01 >= evidence) and the equivalence test at the bound passes; both
/// zeros lift the claim to "selective".
enum class Verdict {
  double_dissociation,            ///< crossover over the regions, each follows its own signal
  selective_double_dissociation,  ///< and neither follows the other's, with evidence
  single_dissociation,            ///< A follows X, B does not (evidence), A exceeds B in X
  alike,                          ///< evidence for no difference, or for none but in gain
  open,                           ///< none of these is shown
};
std::string to_string(Verdict verdict);

/// Everything that a verdict on two regions (first index 0, 1) and two signals rests on.
struct PairFigures {
  std::array<std::array<MeanFigures, 2>, 2> cell;  ///< [region][signal]
  std::array<MeanFigures, 2> difference;           ///< region 0 - region 1, per signal
  /// Of mean(A_X) mean(B_Y) - mean(A_Y) mean(B_X), which is 0 when the regions' effects stand in
  /// one ratio, whatever the units and the gains: its first-order terms per participant.
  MeanFigures kind;
  bool kind_is_exactly_zero = false;  ///< the ratio is the same in every participant
};

/// @param cells  (n_participants, 4), finite: A_X, A_Y, B_X, B_Y.
/// @cost  some 200 microseconds.
PairFigures pair_figures(const Eigen::Ref<const Eigen::MatrixXd>& cells, const EvidenceRule& rule);

/// One region follows a signal, the other does not, and the first exceeds the second in it.
struct SingleDissociation {
  int region = 0, signal = 0;  ///< of the region that follows
  double p = 1;                ///< larger of its own effect's and the difference's
};

struct PairVerdict {
  Verdict verdict = Verdict::open;
  /// Which signal region 0 goes with in the better supported of the two claims; region 1 goes with
  /// the other one.
  int signal_of_first = 0;
  double p_crossover = 1;  ///< larger of the two paired tests, when they point in opposite ways
  double p = 1;            ///< of the whole claim: largest over all of its tests
  double p_holm = 1;       ///< after Holm over the pairs that were judged together
  bool first_zero = false, second_zero = false;  ///< region does not follow the other's signal
  std::vector<SingleDissociation> singles;
  bool only_gain = false;       ///< alike because the effects stand in one ratio
  bool opposite_ratio = false;  ///< and it is negative: one region answers with the opposite sign
  /// The two region differences point in opposite ways, so that the interaction's estimate has the
  /// same sign in any units; whether both are shown.
  bool crosses = false, both_differences_shown = false;
};

/// p of "region 0 goes with this signal and region 1 with the other": the largest over its tests; 1
/// where an estimate points the other way.
double p_of_claim(const PairFigures& figures, int signal_of_first);

/// Judges pairs together; p of the double dissociations after Holm over the pairs.
/// @return one verdict per pair, in their order.
std::vector<PairVerdict> judge(const std::vector<PairFigures>& pairs, const EvidenceRule& rule);

/// Whether the null is supported by Bayes factor and equivalence.
bool zero_supported(const MeanFigures& figures, const EvidenceRule& rule);

}  // namespace sociometer
