#include "engine/mixed/fixed_basis.hpp"

#include <cmath>

namespace sociometer {

FixedBasis::FixedBasis(const Eigen::MatrixXd& x) {
  const Eigen::Index n = x.rows(), p = x.cols();
  const double root = std::sqrt(double(n));
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(x);
  q = root * (qr.householderQ() * Eigen::MatrixXd::Identity(n, p));
  const Eigen::MatrixXd r = qr.matrixQR().topRows(p).triangularView<Eigen::Upper>();
  r_inverse = root * r.triangularView<Eigen::Upper>().solve(Eigen::MatrixXd::Identity(p, p));
  log_det = 2 * r.diagonal().cwiseAbs().array().log().sum() - double(p) * std::log(double(n));
}

}  // namespace sociometer
