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

/// The population: region A, whose own signal is X, and region B, whose own signal is Y. Effects
/// are in percent signal change per standard deviation of the regressor. All sizes are our
/// defaults; none is an estimate from a study.
struct PowerAssumptions {
  double effect_ratio = 1;                    ///< B's own effect relative to A's
  std::array<double, 2> shared_effect{0, 0};  ///< of the other region's signal: Y in A, X in B
  double between_sd = 0.03;                   ///< of true effects over participants, in each cell
  std::array<double, 2> noise_sd{0.5, 0.5};   ///< of A's and B's mean series, percent
  double region_correlation = 0.3;            ///< between regions, of true effects of one signal
  double signal_correlation = 0.1;            ///< between signals, of a region's true effects
  double noise_correlation = 0.3;             ///< between both regions' series
  double score_correlation = 0.4;             ///< of a score with A's true effect of X
  double other_score_correlation = 0;         ///< of the score with A's true effect of Y
};

/// Unit of the own effects.
enum class EffectUnit {
  percent,  ///< percent signal change per standard deviation of the regressor
  d,        ///< mean over the SD of estimates over participants, for each number of trials
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
  /// Number of slopes tested jointly: p counts as shown below alpha / slope_tests (Bonferroni, the
  /// first step of Holm).
  int slope_tests = 1;
  uint64_t studies = 2000;
  uint64_t seed = 1;
};

/// @throws Error{bad_input} giving the quantity, its value and its allowed range.
void check(const PowerPlan& plan);

/// Possible conclusions of a study. The verdicts are those of `judge`.
enum class Claim {
  double_dissociation,  ///< A goes with X and B with Y; including selective ones
  selective,            ///< and both zeros are supported
  single,               ///< the verdict "single dissociation"
  alike,                ///< the verdict "alike"
  open,                 ///< the verdict "open"
  reversed,             ///< a double dissociation the other way round
  zeros,                ///< both other-signal effects supported as zero, whatever else is shown
  interaction,          ///< region x signal at alpha
  slope,                ///< of A's effect of X on the score, in the assumed direction
  slopes_differ,        ///< of A's effects of X and of Y on the score, in the assumed direction
};
inline constexpr size_t kClaims = 10;
/// "double_dissociation", ..: the column names.
std::string to_string(Claim claim);

/// Rates for one number of participants, design and effect.
struct PowerRow {
  Eigen::Index participants = 0;
  size_t design = 0;                    ///< index into the designs given
  size_t effect_index = 0;              ///< index into the plan's effects
  std::array<double, 2> effect{};       ///< A's of X, B's of Y, percent per standard deviation
  std::array<double, 2> d{};            ///< relative to the SD of estimates over participants
  std::array<double, 2> reliability{};  ///< true variance over the variance of the estimates
  std::array<double, kClaims> rate{};
  double of(Claim claim) const { return rate[size_t(claim)]; }
};

/// Simulates studies and judges them as `roi dissociate` does.
///
/// A participant's true effects of A_X, A_Y, B_X, B_Y are normal; the correlation of two cells is
/// the product of the regions' and the signals'. Estimates add an error whose covariance is that of
/// the design of a participant drawn from those given, times the covariance of both regions' noise.
/// The score is normal and correlated with A's true effects, hence less so with their estimates.
/// Study k draws from stream k of the seed, with the same participants for every effect and number
/// of trials, and a study of N participants has the first N of them: curves are smooth, rows are
/// not independent, and no bit depends on the number of threads.
///
/// @return rows by design, then effect, then participants.
/// @throws as check.
/// @cost   about 0.2 ms per study and row.
std::vector<PowerRow> power_rows(const PowerPlan& plan, const std::vector<StudyDesigns>& designs,
                                 int n_threads = 1);

/// The smallest number of participants from which on all rows of a design and effect reach a rate;
/// nullopt if the largest number does not.
std::optional<Eigen::Index> enough_participants(const std::vector<PowerRow>& rows, size_t design,
                                                size_t effect_index, Claim claim, double target);

/// Monte-Carlo standard error of a rate.
double rate_error(double rate, uint64_t studies);

}  // namespace sociometer
