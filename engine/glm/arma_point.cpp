#include "engine/glm/arma_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {}  // namespace

ArmaPoint::ArmaPoint(const ArmaDesign& design, const ArmaOptions& options, const ArmaParameters& p)
    : parameters(p),
      whitening(options.search == ArmaOptions::Search::afni
                    ? ArmaWhitening::truncated(p, design.times, options.cutoff)
                    : ArmaWhitening::exact(p, design.times)) {
  if (!whitening.valid()) return;
  const Eigen::Index n = design.n_rows(), m = design.rank();
  Eigen::MatrixXd columns(m + 1, n);
  columns << design.basis, Eigen::RowVectorXd::Ones(n);
  weights = whitening.whiten(columns);
  constant_squares = weights.row(m).squaredNorm();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(m, m);
  gram.selfadjointView<Eigen::Lower>().rankUpdate(weights.topRows(m));
  normal.compute(gram.selfadjointView<Eigen::Lower>());
  if (normal.info() != Eigen::Success) return;
  normal.matrixL().solveInPlace(weights.topRows(m));
  log_determinants = 2 * normal.matrixLLT().diagonal().array().log().sum() + design.log_det_gram +
                     whitening.log_determinant();
  valid = std::isfinite(log_determinants);
}

void ArmaPoint::apply(const kernels::KernelSet& kernels, int n_lanes, const double* series,
                      double* whitened, double* products, double* squares) const {
  const auto n = int(weights.cols());
  const Eigen::Index n_products = weights.rows();
  const ArmaWhitening& w = whitening;
  if (w.banded())
    kernels.whiten_by_band(n, n_lanes, w.reciprocals().data(), w.first().data(), w.band().data(),
                           series, whitened, squares);
  else
    kernels.whiten_recursively(n, n_lanes, w.reciprocals().data(), w.keep().data(), w.gain().data(),
                               series, whitened, squares);
  std::fill_n(products, n_products * kernels::kTileWidth, 0.0);
  kernels.accumulate_lane_products(weights.data(), n_products, n, int(n_products), n_lanes,
                                   whitened, products);
}

double ArmaPoint::minus_two_log_likelihood(double whitened_squares, double explained) const {
  const double q = whitened_squares - explained;
  if (!(q > kLeastResidual * whitened_squares)) return std::numeric_limits<double>::quiet_NaN();
  return double(weights.cols() - normal.rows()) * std::log(q) + log_determinants;
}

}  // namespace sociometer
