#pragma once
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/stats/distributions.hpp"

namespace sociometer {

/// z and p of many statistics with the same degrees of freedom, interpolated where data lie and
/// exact elsewhere.
///
/// ln p and z are piecewise polynomials (12 Chebyshev nodes a piece) of |t|, or of sqrt(F): there
/// both are analytic, with their nearest singularities at +-i sqrt(dof) or its like, so pieces that
/// are short beside that leave less than rounding error. Agrees with tails_from_t and tails_from_f
/// to 1e-12 relative for z, and for p to 1e-12 times the larger of 1 and |ln p|; F with dof2 of
/// 100,000: to 5e-12.
/// @cost  a few milliseconds to build, some 20 ns per call within the table.
class TailTable {
 public:
  static TailTable of_t(double dof);
  static TailTable of_f(double dof1, double dof2);

  /// @param statistic  t or F.
  Tails operator()(double statistic) const;

 private:
  static constexpr int kNodes = 12;
  /// ln p, and z (of t: z / t).
  typedef double Pair __attribute__((vector_size(2 * sizeof(double))));
  struct Piece {
    Pair powers[kNodes];  ///< coefficients of the powers of the place within it, -1 .. 1
  };
  TailTable(bool of_t, double first, double last, double width, std::function<Tails(double)> exact);
  Tails in_table(double x) const;

  bool of_t_;
  double first_, last_, width_;
  std::function<Tails(double)> exact_;
  std::vector<Piece> pieces_;
};

/// Tables by their degrees of freedom, each made when it is first asked for.
class TailTables {
 public:
  /// @param dof1  of F; 0: t.
  const std::shared_ptr<const TailTable>& of(double dof1, double dof2);

 private:
  std::map<std::pair<double, double>, std::shared_ptr<const TailTable>> tables_;
};

}  // namespace sociometer
