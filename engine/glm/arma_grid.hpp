#pragma once
#include "engine/glm/noise_model.hpp"

namespace sociometer {

/// Grid points of the ARMA(1,1) parameters: indices (ia, jb) from (0, 0) to (n_a, n_b).
///
/// AFNI's grid is even in a and b. Ours is even in a and lambda: the likelihood is smooth in
/// these, whereas along b it changes abruptly where b is near -a and lambda near 0.
class ArmaGrid {
 public:
  /// @throws Error{usage} for levels and limits that do not define a grid.
  explicit ArmaGrid(const ArmaOptions& options);

  int n_a() const { return n_a_; }
  int n_b() const { return n_b_; }
  int n_points() const { return (n_a_ + 1) * (n_b_ + 1); }
  int index(int ia, int jb) const { return jb * (n_a_ + 1) + ia; }
  int ia(int index) const { return index % (n_a_ + 1); }
  int jb(int index) const { return index / (n_a_ + 1); }
  /// The point without correlation.
  int white_a() const { return options_.negative ? n_a_ / 2 : 0; }
  int white_b() const { return white_b_; }
  /// Parameters at a point, or between points.
  ArmaParameters parameters(double ia, double jb) const;
  bool allowed(int ia, int jb) const;
  const ArmaOptions& options() const { return options_; }

 private:
  ArmaOptions options_;
  int n_a_ = 0, n_b_ = 0, white_b_ = 0;
};

/// The b, |b| < 1, for which lambda(a, b) has a given value.
double b_of_lambda(double a, double lambda);

}  // namespace sociometer
