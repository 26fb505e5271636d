#include "engine/core/carpet.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Less its mean and linear trend, over the standard deviation of the rest; false if no more is
/// left than the rounding of float32, or if values are not finite.
bool standardise(Eigen::VectorXd& values) {
  const double size = values.cwiseAbs().maxCoeff(), n = double(values.size());
  if (!values.allFinite()) return false;
  Eigen::VectorXd time = Eigen::VectorXd::LinSpaced(values.size(), -1, 1);
  values.array() -= values.mean();
  values -= time.dot(values) / time.squaredNorm() * time;
  const double sd = std::sqrt(values.squaredNorm() / (n - 2));
  if (!(sd > 1e-6 * size)) return false;
  values /= sd;
  return true;
}

}  // namespace

Eigen::MatrixXf carpet_rows(const Eigen::Ref<const Eigen::MatrixXf>& series,
                            std::span<const Eigen::Index> order, Eigen::Index n_rows) {
  require(series.rows() > 2 && n_rows > 0, "scans and rows of a carpet");
  std::vector<Eigen::Index> voxels;
  for (const Eigen::Index v : order) {
    require(v >= 0 && v < series.cols(), "a voxel of the series");
    Eigen::VectorXd z = series.col(v).cast<double>();
    if (standardise(z)) voxels.push_back(v);
  }
  const Eigen::Index n = Eigen::Index(voxels.size());
  n_rows = std::min(n_rows, n);
  Eigen::MatrixXf rows(n_rows, series.rows());
  for (Eigen::Index row = 0; row < n_rows; ++row) {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(series.rows());
    for (Eigen::Index i = row * n / n_rows; i < (row + 1) * n / n_rows; ++i) {
      Eigen::VectorXd z = series.col(voxels[size_t(i)]).cast<double>();
      standardise(z);
      sum += z;
    }
    // Voxels that cancel out leave a row of zeros.
    if (!standardise(sum)) sum.setZero();
    rows.row(row) = sum.transpose().cast<float>();
  }
  return rows;
}

std::vector<Eigen::Index> by_mean(std::span<const double> means) {
  std::vector<Eigen::Index> order;
  for (size_t v = 0; v < means.size(); ++v)
    if (std::isfinite(means[v])) order.push_back(Eigen::Index(v));
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return means[size_t(a)] > means[size_t(b)];
  });
  return order;
}

std::vector<Eigen::Index> by_mean(const Eigen::Ref<const Eigen::MatrixXf>& series) {
  std::vector<double> means;
  for (Eigen::Index v = 0; v < series.cols(); ++v) means.push_back(double(series.col(v).mean()));
  return by_mean(means);
}

}  // namespace sociometer
