#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/roi/verdict.hpp"
#include "engine/simulate/power_design.hpp"

namespace sociometer {

/// Who is measured: region A, whose own signal is X, and region B, whose own is Y. Effects are in
/// percent signal change per standard deviation of the regressor. All sizes are defaults of ours;
/// none is an estimate from a study.
struct PowerAssumptions {
  double effect_ratio = 1;                    ///< B's own effect over A's
  std::array<double, 2> shared_effect{0, 0};  ///< of the other's signal: Y in A, X in B
  double between_sd = 0.03;                   ///< of true effects over people, each cell
  std::array<double, 2> noise_sd{0.5, 0.5};   ///< of A's and B's mean series, percent
  double region_correlation = 0.3;            ///< of true effects of one signal in both regions
  double signal_correlation = 0.1;            ///< of a region's true effects of both signals
  double noise_correlation = 0.3;             ///< of both regions' series
  double score_correlation = 0.4;             ///< of a score and A's true effect of X
  double other_score_correlation = 0;         ///< of the score and A's true effect of Y
};

/// How own effects are given.
enum class EffectUnit {
  percent,  ///< percent signal change per standard deviation of the regressor
  d,        ///< mean over the standard deviation of estimates over people, at each number of trials
};
constexpr std::array<Name<EffectUnit>, 2> names_of(std::type_identity<EffectUnit>) {
  return {{{EffectUnit::percent, "percent"}, {EffectUnit::d, "d"}}};
}

struct PowerPlan {
  std::vector<Eigen::Index> participants{20, 30, 40, 60, 80, 100};  ///< ascending
  std::vector<double> effects{0.02, 0.03, 0.05};
  EffectUnit unit = EffectUnit::percent;
  PowerAssumptions people;
  EvidenceRule rule;
  /// Slopes that are tested together: p counts as shown below alpha / slope_tests (Bonferroni, the
  /// first step of Holm).
  int slope_tests = 1;
  uint64_t studies = 2000;
  uint64_t seed = 1;
};

/// @throws Error{bad_input} naming what, its value and what it may be.
void check(const PowerPlan& plan);

/// What a study may end with. The verdicts are those of `judge`.
enum class Claim {
  double_dissociation,  ///< A goes with X and B with Y; selective ones included
  selective,            ///< and both zeros are supported
  single,               ///< the verdict "single dissociation"
  alike,                ///< the verdict "alike"
  open,                 ///< the verdict "open"
  reversed,             ///< a double dissociation the other way round
  zeros,                ///< both other-signal effects supported as zero, whatever else is shown
  interaction,          ///< region x signal at alpha
  slope,                ///< of A's effect of X on the score, in the direction assumed
  slopes_differ,        ///< of A's effects of X and of Y on the score, in the direction assumed
};
inline constexpr size_t kClaims = 10;
/// "double_dissociation", ..: as columns are named.
std::string to_string(Claim claim);

/// Rates of one number of participants, trials and effect.
struct PowerRow {
  Eigen::Index participants = 0;
  size_t design = 0;                    ///< which of the designs given
  size_t effect_index = 0;              ///< which of the effects of the plan
  std::array<double, 2> effect{};       ///< A's of X, B's of Y, percent per standard deviation
  std::array<double, 2> d{};            ///< over the standard deviation of estimates over people
  std::array<double, 2> reliability{};  ///< true variance over that of the estimates
  std::array<double, kClaims> rate{};
  double of(Claim claim) const { return rate[size_t(claim)]; }
};

/// Simulates studies and judges them as `roi dissociate` does.
///
/// A person's true effects of A_X, A_Y, B_X, B_Y are normal; the correlation of two cells is the
/// product of the regions' and the signals'. Estimates add an error whose covariance is that of the
/// design of a person drawn from those given, times the covariance of both regions' noise. The
/// score is normal and correlates with A's true effects; with their estimates it does so by less.
/// Study k draws from stream k of the seed, the same people for every effect and number of trials,
/// and a study of N people has the first N of them: curves are smooth, rows are not independent,
/// and no bit depends on the number of threads.
///
/// @return rows by design, then effect, then participants.
/// @throws as check.
/// @cost   some 0.2 ms per study and row.
std::vector<PowerRow> power_rows(const PowerPlan& plan, const std::vector<StudyDesigns>& designs,
                                 int n_threads = 1);

/// The smallest number of participants from which on all rows of a design and an effect reach a
/// rate; none when the largest does not.
std::optional<Eigen::Index> enough_participants(const std::vector<PowerRow>& rows, size_t design,
                                                size_t effect_index, Claim claim, double target);

/// Monte-Carlo standard error of a rate.
double rate_error(double rate, uint64_t studies);

}  // namespace sociometer
