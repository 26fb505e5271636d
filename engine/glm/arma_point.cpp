#include "engine/glm/arma_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/glm/voxel_limits.hpp"

namespace sociometer {

ArmaDesign::ArmaDesign(const Eigen::MatrixXd& basis_by_rows, PseudoTimes pseudo_times,
                       double log_det)
    : basis(basis_by_rows.transpose()), times(std::move(pseudo_times)), log_det_gram(log_det) {
  if (rank() + 1 > kWidth) return;
  tile.setZero(kWidth, n_rows());
  tile.topRows(rank()) = basis;
  tile.row(rank()).setOnes();
}

ArmaPoint::ArmaPoint(const ArmaDesign& design, const ArmaOptions& options, const ArmaParameters& p,
                     const kernels::KernelSet* kernels)
    : parameters(p),
      whitening(options.search == ArmaOptions::Search::afni
                    ? ArmaWhitening::truncated(p, design.times, options.cutoff)
                    : ArmaWhitening::exact(p, design.times)) {
  if (!whitening.valid()) return;
  if (kernels && design.tile.size() > 0)
    by_kernels(design, *kernels);
  else
    by_products(design);
  if (normal.info() != Eigen::Success) return;
  log_determinants = 2 * normal.matrixLLT().diagonal().array().log().sum() + design.log_det_gram +
                     whitening.log_determinant();
  valid = std::isfinite(log_determinants);
}

void ArmaPoint::by_products(const ArmaDesign& design) {
  const Eigen::Index n = design.n_rows(), m = design.rank();
  Eigen::MatrixXd columns(m + 1, n);
  columns << design.basis, Eigen::RowVectorXd::Ones(n);
  weights = whitening.whiten(columns);
  constant_squares = weights.row(m).squaredNorm();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(m, m);
  gram.selfadjointView<Eigen::Lower>().rankUpdate(weights.topRows(m));
  normal.compute(gram.selfadjointView<Eigen::Lower>());
  if (normal.info() == Eigen::Success) normal.matrixL().solveInPlace(weights.topRows(m));
}

/// The columns of the design are the lanes of a tile.
void ArmaPoint::by_kernels(const ArmaDesign& design, const kernels::KernelSet& kernels) {
  const Eigen::Index n = design.n_rows(), m = design.rank();
  thread_local Eigen::MatrixXd whitened, gram, inverse, q, by_column;
  // Lanes past the design's columns are not looked at; they only must hold numbers.
  if (whitened.cols() != n)
    for (Eigen::MatrixXd* tile : {&whitened, &q}) tile->setZero(kWidth, n);
  alignas(64) double squares[kWidth];
  whiten(kernels, int(m + 1), design.tile.data(), whitened.data(), squares);
  constant_squares = squares[m];
  gram.setZero(kWidth, m);
  kernels.accumulate_lane_products(whitened.data(), kWidth, int(n), int(m), int(m), whitened.data(),
                                   gram.data());
  normal.compute(gram.topRows(m));
  if (normal.info() != Eigen::Success) return;
  // Row c, lane r: what column c has in row r of L^-1; the constant stays as it is.
  inverse.setZero(kWidth, m + 1);
  inverse.topLeftCorner(m, m).setIdentity();
  normal.matrixL().solveInPlace(inverse.topLeftCorner(m, m));
  inverse(m, m) = 1;
  by_column.resize(n, m + 1);
  double* columns[kWidth] = {};
  for (Eigen::Index c = 0; c <= m; ++c) columns[c] = by_column.col(c).data();
  kernels.scatter_tile(whitened.data(), int(m + 1), long(n), columns);
  q.topRows(m + 1).setZero();
  kernels.accumulate_lane_products(by_column.data(), long(n), int(m + 1), int(n), int(m + 1),
                                   inverse.data(), q.data());
  weights = q.topRows(m + 1);
}

void ArmaPoint::whiten(const kernels::KernelSet& kernels, int n_lanes, const double* series,
                       double* whitened, double* squares) const {
  const auto n = int(whitening.reciprocals().size());
  const ArmaWhitening& w = whitening;
  if (w.banded())
    kernels.whiten_by_band(n, n_lanes, w.reciprocals().data(), w.first().data(), w.band().data(),
                           series, whitened, squares);
  else
    kernels.whiten_recursively(n, n_lanes, w.reciprocals().data(), w.keep().data(), w.gain().data(),
                               series, whitened, squares);
}

void ArmaPoint::apply(const kernels::KernelSet& kernels, int n_lanes, const double* series,
                      double* whitened, double* products, double* squares) const {
  const auto n = int(weights.cols());
  const Eigen::Index n_products = weights.rows();
  whiten(kernels, n_lanes, series, whitened, squares);
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
