#include "engine/design/estimability.hpp"

#include <limits>

namespace sociometer {

EstimableSpace::EstimableSpace(const Eigen::MatrixXd& design) {
  column_norms_ = design.colwise().norm();
  for (double& norm : column_norms_) {
    zero_columns_.push_back(norm == 0);
    if (norm == 0) norm = 1;
  }
  const Eigen::MatrixXd scaled = design * column_norms_.cwiseInverse().asDiagonal();
  // Jacobi SVD after column-pivoted QR gives small singular values high relative accuracy.
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(scaled, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& s = svd.singularValues();
  const double threshold = s.size() == 0 ? 0.0
                                         : s[0] * double(std::max(design.rows(), design.cols())) *
                                               std::numeric_limits<double>::epsilon();
  Eigen::Index rank = 0;
  while (rank < s.size() && s[rank] > threshold) ++rank;
  basis_ = svd.matrixU().leftCols(rank);
  row_space_ = svd.matrixV().leftCols(rank);
  betas_from_coordinates_ = column_norms_.cwiseInverse().asDiagonal() * row_space_ *
                            s.head(rank).cwiseInverse().asDiagonal();
}

bool EstimableSpace::is_estimable(const Eigen::VectorXd& contrast) const {
  const Eigen::VectorXd scaled = contrast.cwiseQuotient(column_norms_);
  const double size = scaled.norm();
  if (size == 0) return false;
  return (scaled - row_space_ * (row_space_.transpose() * scaled)).norm() <= 1e-8 * size;
}

}  // namespace sociometer
