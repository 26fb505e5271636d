#include "engine/glm/arma_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

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
  const Eigen::MatrixXd products =
      kernels && design.tile.size() > 0 ? by_kernels(design, *kernels) : by_products(design);
  const Eigen::Index m = design.rank();
  normal.compute(products.topLeftCorner(m, m));
  if (normal.info() != Eigen::Success) return;
  inverse.setIdentity(m, m);
  normal.matrixL().solveInPlace(inverse);
  constant_on_q = inverse * products.row(m).head(m).transpose();
  constant_squares = products(m, m);
  log_determinants = 2 * normal.matrixLLT().diagonal().array().log().sum() + design.log_det_gram +
                     whitening.log_determinant();
  valid = std::isfinite(log_determinants);
}

Eigen::MatrixXd ArmaPoint::by_products(const ArmaDesign& design) {
  const Eigen::Index n = design.n_rows(), m = design.rank();
  Eigen::MatrixXd columns(m + 1, n);
  columns << design.basis, Eigen::RowVectorXd::Ones(n);
  weights = whitening.whiten(columns);
  return weights * weights.transpose();
}

/// The columns of the design are the lanes of a tile.
Eigen::MatrixXd ArmaPoint::by_kernels(const ArmaDesign& design, const kernels::KernelSet& kernels) {
  const Eigen::Index n = design.n_rows(), m = design.rank();
  thread_local Eigen::MatrixXd whitened, products;
  // Lanes past the design's columns are ignored; they only have to hold numbers.
  if (whitened.cols() != n) whitened.setZero(kWidth, n);
  alignas(64) double squares[kWidth];
  whiten(kernels, int(m + 1), design.tile.data(), whitened.data(), squares);
  weights = whitened.topRows(m + 1);
  // Row by row with the lanes up to the row's own.
  constexpr Eigen::Index kRows = 16;
  products.setZero(kWidth, m + 1);
  for (Eigen::Index r = 0; r <= m; r += kRows) {
    const Eigen::Index rows = std::min(kRows, m + 1 - r);
    kernels.accumulate_lane_products(whitened.data() + r, kWidth, int(n), int(rows), int(r + rows),
                                     whitened.data(), products.col(r).data());
  }
  return products.topRows(m + 1).transpose();
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
  const Eigen::Index n = weights.cols(), m = inverse.rows();
  whiten(kernels, n_lanes, series, whitened, squares);
  thread_local std::vector<double> on_weights;
  on_weights.assign(size_t((m + 1) * kWidth), 0.0);
  kernels.accumulate_lane_products(weights.data(), long(m + 1), int(n), int(m + 1), n_lanes,
                                   whitened, on_weights.data());
  std::fill_n(products, m * kWidth, 0.0);
  kernels.accumulate_lane_products(inverse.data(), long(m), int(m), int(m), n_lanes,
                                   on_weights.data(), products);
  std::copy_n(on_weights.data() + m * kWidth, kWidth, products + m * kWidth);
}

double ArmaPoint::minus_two_log_likelihood(double whitened_squares, double explained) const {
  const double q = whitened_squares - explained;
  if (!(q > kLeastResidual * whitened_squares)) return std::numeric_limits<double>::quiet_NaN();
  return double(weights.cols() - normal.rows()) * std::log(q) + log_determinants;
}

}  // namespace sociometer
