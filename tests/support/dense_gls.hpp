#pragma once
#include <vector>

#include <Eigen/Dense>

namespace sociometer::testing {

/// Generalised least squares the slow, obvious way, as a reference for the streaming solver.
struct DenseGls {
  Eigen::VectorXd beta;
  Eigen::MatrixXd unit_covariance;  ///< (X' V^-1 X)^-1
  double residual_variance = 0;     ///< r' V^-1 r / (n - rank)
};

/// Covariance of a stationary AR process of any order at the given scan times, unit innovations.
inline Eigen::MatrixXd ar_covariance(const Eigen::VectorXd& phi,
                                     const std::vector<Eigen::Index>& scans) {
  constexpr Eigen::Index kLong = 3000;
  Eigen::VectorXd psi = Eigen::VectorXd::Zero(kLong);
  psi[0] = 1;
  for (Eigen::Index t = 1; t < kLong; ++t)
    for (Eigen::Index k = 1; k <= std::min<Eigen::Index>(t, phi.size()); ++k)
      psi[t] += phi[k - 1] * psi[t - k];
  Eigen::VectorXd by_lag(scans.back() + 1);
  for (Eigen::Index d = 0; d < by_lag.size(); ++d)
    by_lag[d] = psi.head(kLong - d).dot(psi.tail(kLong - d));
  Eigen::MatrixXd v(Eigen::Index(scans.size()), Eigen::Index(scans.size()));
  for (Eigen::Index i = 0; i < v.rows(); ++i)
    for (Eigen::Index j = 0; j < v.cols(); ++j)
      v(i, j) = by_lag[std::abs(scans[size_t(i)] - scans[size_t(j)])];
  return v;
}

inline DenseGls dense_gls(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                          const Eigen::MatrixXd& v) {
  const Eigen::MatrixXd l = v.llt().matrixL();
  const Eigen::MatrixXd wx = l.triangularView<Eigen::Lower>().solve(x);
  const Eigen::VectorXd wy = l.triangularView<Eigen::Lower>().solve(y);
  DenseGls out;
  out.beta = wx.colPivHouseholderQr().solve(wy);
  out.unit_covariance = (wx.transpose() * wx).inverse();
  out.residual_variance = (wy - wx * out.beta).squaredNorm() / double(x.rows() - x.cols());
  return out;
}

}  // namespace sociometer::testing
