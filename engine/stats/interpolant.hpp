#pragma once
#include <functional>
#include <vector>

namespace sociometer {

/// A smooth function tabulated as polynomials of degree 11 on pieces of equal width; outside the
/// table the function itself is called.
/// For functions that cost microseconds and are needed at every voxel. Analytic functions whose
/// singularities are several widths away are reproduced to rounding error.
class Interpolant {
 public:
  /// @param first,last  range of the table; @param width  of a piece. @cost  12 calls per piece.
  Interpolant(std::function<double(double)> exact, double first, double last, double width);
  /// NaN stays NaN. @cost  about 30 ns within the table.
  double operator()(double x) const;

 private:
  static constexpr int kNodes = 12;
  std::function<double(double)> exact_;
  double first_, last_, width_;
  std::vector<double> values_;  ///< at the Chebyshev nodes of each piece
};

}  // namespace sociometer
