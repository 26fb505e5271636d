#pragma once
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/stats/distributions.hpp"

namespace sociometer {

/// z and p of many statistics with the same degrees of freedom: interpolated in the
/// usual range, exact elsewhere.
///
/// ln p and z are piecewise polynomials (12 Chebyshev nodes per piece) in |t| or sqrt(F), in which
/// both are analytic with their nearest singularities at about +-i sqrt(dof); pieces that are short
/// relative to that distance leave less than rounding error. Agrees with tails_from_t and
/// tails_from_f to 1e-12 relative for z, and for p to 1e-12 times max(1, |ln p|); for F with a dof2
/// of 100,000 to 5e-12.
/// @cost  a few milliseconds to build, about 20 ns per call within the table.
class TailTable {
 public:
  static TailTable of_t(double dof);
  static TailTable of_f(double dof1, double dof2);

  /// @param statistic  t or F.
  Tails operator()(double statistic) const;

 private:
  static constexpr int kNodes = 12;
  /// ln p, and z (for t: z / t).
  typedef double Pair __attribute__((vector_size(2 * sizeof(double))));
  struct Piece {
    Pair powers[kNodes];  ///< polynomial coefficients in the position within the piece, -1 .. 1
  };
  TailTable(bool of_t, double first, double last, double width, std::function<Tails(double)> exact);
  Tails in_table(double x) const;

  bool of_t_;
  double first_, last_, width_;
  std::function<Tails(double)> exact_;
  std::vector<Piece> pieces_;
};

/// Tables by degrees of freedom, each built on first use. Not thread-safe.
class TailTables {
 public:
  /// @param dof1  numerator dof of F; 0 for t.
  const std::shared_ptr<const TailTable>& of(double dof1, double dof2);

 private:
  std::map<std::pair<double, double>, std::shared_ptr<const TailTable>> tables_;
};

}  // namespace sociometer
