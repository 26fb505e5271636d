#pragma once
#include <array>
#include <string>
#include <vector>

#include "engine/roi/mean_figures.hpp"

namespace sociometer {

/// Verdicts on two regions, A and B, and two signals, X and Y.
///
/// The claim "A goes with X and B with Y" rests on tests that compare regions *within* a signal:
/// A exceeds B in X, and B exceeds A in Y. Each is a paired test, independent of the signal's unit;
/// opposite directions cannot result from one region merely responding more strongly. In addition,
/// A must follow X and B must follow Y. All must hold: an intersection-union test, whose p is the
/// largest of its parts (Berger 1982, Technometrics 24). If one of the parts is false, whatever the
/// others are, the claim is made with probability at most alpha.
///
/// Differences are signed in the direction in which the signals are coded: the two regions'
/// differences have opposite signs, and each region's own effect has the sign of its difference to
/// the other region. A region that follows a signal downwards is reported as such; for a claim
/// about it, reverse the signal (a contrast with the opposite sign).
///
/// A non-significant test does not show that A does not follow Y. A zero counts as supported if the
/// Bayes factor favours it (BF01 >= evidence) and the equivalence test at the bound passes; with
/// both zeros supported the claim becomes "selective".
enum class Verdict {
  double_dissociation,            ///< crossover between the regions, each follows its own signal
  selective_double_dissociation,  ///< and evidence that neither follows the other's
  single_dissociation,            ///< A follows X, B does not (evidence), A exceeds B in X
  alike,                          ///< evidence for no difference, or only for one in gain
  open,                           ///< none of these is shown
};
std::string to_string(Verdict verdict);

/// All figures behind a verdict on two regions (first index 0, 1) and two signals.
struct PairFigures {
  std::array<std::array<MeanFigures, 2>, 2> cell;  ///< [region][signal]
  std::array<MeanFigures, 2> difference;           ///< region 0 - region 1, per signal
  /// Of mean(A_X) mean(B_Y) - mean(A_Y) mean(B_X), which is 0 if the regions' effects are
  /// proportional, whatever the units and gains: its first-order terms per participant.
  MeanFigures kind;
  bool kind_is_exactly_zero = false;  ///< the ratio is the same in every participant
};

/// @param cells  (n_participants, 4), finite: A_X, A_Y, B_X, B_Y.
/// @cost  about 200 microseconds.
PairFigures pair_figures(const Eigen::Ref<const Eigen::MatrixXd>& cells, const EvidenceRule& rule);

/// One region follows a signal, the other does not, and the first exceeds the second in it.
struct SingleDissociation {
  int region = 0, signal = 0;  ///< of the region that follows
  double p = 1;                ///< the larger of its own effect's and the difference's
};

struct PairVerdict {
  Verdict verdict = Verdict::open;
  /// The signal that region 0 goes with in the better supported of the two claims; region 1 goes
  /// with the other one.
  int signal_of_first = 0;
  double p_crossover = 1;  ///< the larger of the two paired tests, if in opposite directions
  double p = 1;            ///< of the whole claim: the largest over its tests
  double p_holm = 1;       ///< after Holm over the pairs judged together
  bool first_zero = false, second_zero = false;  ///< region does not follow the other's signal
  std::vector<SingleDissociation> singles;
  bool only_gain = false;       ///< alike because the effects are proportional
  bool opposite_ratio = false;  ///< and the ratio is negative: opposite signs
  /// The two region differences have opposite signs, so that the sign of the interaction is the
  /// same in any units; and whether both are shown.
  bool crosses = false, both_differences_shown = false;
  bool crossover_shown = false;   ///< they cross, and p_crossover is below alpha
  bool lost_among_pairs = false;  ///< p is below alpha, p_holm is not
};

/// p of "region 0 goes with this signal and region 1 with the other": the largest over its tests; 1
/// if an estimate has the wrong direction.
double p_of_claim(const PairFigures& figures, int signal_of_first);

/// Judges pairs jointly; p of double dissociations are Holm-adjusted over the pairs.
/// @return one verdict per pair, in their order.
std::vector<PairVerdict> judge(const std::vector<PairFigures>& pairs, const EvidenceRule& rule);

/// Whether both the Bayes factor and equivalence support the null.
bool zero_supported(const MeanFigures& figures, const EvidenceRule& rule);

}  // namespace sociometer
