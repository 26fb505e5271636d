#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// y_t = a y_{t-1} + e_t + b e_{t-1}: correlations r(0) = 1, r(k) = lambda a^(k-1).
/// b = 0 is AR(1), a = 0 MA(1), 0 < lambda < a AR(1) with white noise on top.
struct ArmaParameters {
  double a = 0, b = 0;
  double lambda() const { return (b + a) * (1 + a * b) / (1 + 2 * a * b + b * b); }
};

/// Scan times of the rows of one run, or of several runs far apart: rows of different runs, and
/// rows on both sides of censored scans, retain their true distance.
using PseudoTimes = std::vector<int64_t>;

/// z = C^-1 y for the correlation matrix R = C C' of rows at given times.
///
/// Exact: C_ij = a^(tau_i - tau_j - 1) g_j below the diagonal (R is semiseparable), so
///   z_i = (y_i - h_i) / C_ii,  h_{i+1} = a^d h_i + a^(d-1) g_i z_i,  d = tau_{i+1} - tau_i.
/// Truncated: correlations below a cutoff are 0, as in AFNI; C is banded and stored by rows.
/// @source exact: Golub & Van Loan 4th ed. 12.2 (semiseparable matrices); truncated: AFNI
/// 3dREMLfit's help.
class ArmaWhitening {
 public:
  static ArmaWhitening exact(const ArmaParameters& p, const PseudoTimes& times);
  /// @return an invalid object when the truncated matrix is not positive definite.
  static ArmaWhitening truncated(const ArmaParameters& p, const PseudoTimes& times, double cutoff);

  bool valid() const { return valid_; }
  bool banded() const { return !first_.empty(); }
  /// ln |R|.
  double log_determinant() const { return log_determinant_; }
  /// (C^-1 Y)' from Y': a column per scan.
  Eigen::MatrixXd whiten(const Eigen::MatrixXd& y_transposed) const;

  // For the kernels: reciprocal diagonals, then the values needed for each row.
  const std::vector<double>& reciprocals() const { return reciprocals_; }
  const std::vector<double>& keep() const { return keep_; }  ///< a^d, exact
  const std::vector<double>& gain() const { return gain_; }  ///< a^(d-1) g_i, exact
  const std::vector<int>& first() const { return first_; }   ///< first column of a row, banded
  const std::vector<double>& band() const { return band_; }  ///< rows without diagonals, banded

 private:
  bool valid_ = true;
  double log_determinant_ = 0;
  std::vector<double> reciprocals_, keep_, gain_, band_;
  std::vector<int> first_;
};

}  // namespace sociometer
