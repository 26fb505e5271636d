#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"

namespace sociometer {

/// The source of p-values of a permutation test when few permutations reach the observed value.
enum class TailMethod {
  none,   ///< the permutations themselves
  gpd,    ///< generalized Pareto distribution of the largest values
  gamma,  ///< Pearson type III distribution of all values
};

constexpr std::array<Name<TailMethod>, 3> names_of(std::type_identity<TailMethod>) {
  return {{{TailMethod::none, "none"}, {TailMethod::gpd, "gpd"}, {TailMethod::gamma, "gamma"}}};
}

/// P(X > x) = share (1 - shape (x - threshold) / scale)^(1 / shape) above the threshold; bounded
/// where shape > 0 (Hosking & Wallis write the shape with this sign; scipy's c is its negative).
struct ParetoTail {
  double threshold = 0, scale = 0, shape = 0;
  double share = 0;          ///< of the values above the threshold
  long n_above = 0;          ///< values above the threshold
  double p(double x) const;  ///< for x >= threshold
};

/// Moment-matched distribution of null values, from three moments.
struct PearsonThree {
  double mean = 0, sd = 0, skewness = 0;
  double p(double x) const;
};

/// Scale and shape by moments of the excesses over the threshold: scale = m (m^2 / s^2 + 1) / 2,
/// shape = (m^2 / s^2 - 1) / 2.
///
/// The largest quarter is tried first, then, in steps of a hundredth of all values, smaller shares,
/// until the Anderson-Darling test does not reject the fit at .05. The threshold lies halfway
/// between the smallest value above it and the next below. Fewer than kLeastAbove values are not
/// enough for a fit.
/// @param largest  the upper end of the sorted values, ascending: a quarter plus one, or all.
/// @param n        number of all values.
/// @return null when no share fits: values with many ties, or too few.
/// @cost  a logarithm and a power per value and share tried.
/// @source Knijnenburg et al. 2009, Bioinformatics 25 (steps); Hosking & Wallis 1987, Technometrics
/// 29 (moments); Choulakian & Stephens 2001, Technometrics 43, table 2 (critical values, of shape
/// .5 for smaller shapes, as in PALM); Winkler et al. 2016, NeuroImage 141.
std::optional<ParetoTail> fit_pareto_tail(std::span<const double> largest, size_t n);
inline constexpr long kLeastAbove = 5;

/// Anderson-Darling statistic of values above a threshold against their fitted tail.
/// @param above  ascending.
double anderson_darling(std::span<const double> above, const ParetoTail& tail);

/// @return null when all values are equal.
/// @source Winkler et al. 2016: variance with n - 1, skewness with the correction
/// sqrt(n (n - 1)) / (n - 2).
std::optional<PearsonThree> fit_pearson_three(std::span<const double> values);
/// The same from sums of powers of differences from any point, for values that are not stored.
std::optional<PearsonThree> fit_pearson_three(double from, double n, double sum, double squares,
                                              double cubes);

/// The tail of one null distribution, for reading p-values.
class NullTail {
 public:
  NullTail() = default;
  /// @param sorted  all values, ascending.
  /// @param below   gpd: p-values of the permutations not below this are unchanged.
  NullTail(TailMethod method, std::span<const double> sorted, double below);
  /// gpd, from the upper end of the sorted values (see fit_pareto_tail).
  static NullTail pareto_of(std::span<const double> largest, size_t n, double below);
  /// @param shuffled  p of the permutations.
  double p(double x, double shuffled) const;
  bool fitted() const { return pareto_ || pearson_; }
  const std::optional<ParetoTail>& pareto() const { return pareto_; }
  const std::optional<PearsonThree>& pearson() const { return pearson_; }

 private:
  double below_ = 0;
  std::optional<ParetoTail> pareto_;
  std::optional<PearsonThree> pearson_;
};

}  // namespace sociometer
