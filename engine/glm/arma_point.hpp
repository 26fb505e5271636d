#pragma once
#include <Eigen/Dense>

#include "engine/glm/arma_process.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "engine/glm/noise_model.hpp"

namespace sociometer {

/// A design in the layout of the ARMA code: a column per scan.
struct ArmaDesign {
  ArmaDesign(const Eigen::MatrixXd& basis_by_rows, PseudoTimes pseudo_times, double log_det);
  Eigen::MatrixXd basis;  ///< Z', (rank, n_rows)
  PseudoTimes times;
  double log_det_gram = 0;  ///< ln|X'X| of the design whose basis is Z
  /// Z and the constant as a tile: (kTileWidth, n_rows); empty if they do not fit.
  Eigen::MatrixXd tile;
  Eigen::Index rank() const { return basis.rows(); }
  Eigen::Index n_rows() const { return basis.cols(); }
};

/// The noise (a, b), and the design whitened for it.
struct ArmaPoint {
  /// @param kernels  used if the design fits a tile; null: plain products, the slow equivalent.
  /// @cost  n_rows (rank^2 / 2 + 14 rank) multiply-adds.
  ArmaPoint(const ArmaDesign& design, const ArmaOptions& options, const ArmaParameters& p,
            const kernels::KernelSet* kernels);

  /// Whitens the first n_lanes voxels of a tile, and multiplies with the whitened design.
  /// @param series    (n_rows, kTileWidth).
  /// @param whitened  out, the same.
  /// @param products  out, (rank + 1, kTileWidth): on Q and on the whitened constant.
  /// @param squares   out, (kTileWidth).
  void apply(const kernels::KernelSet& kernels, int n_lanes, const double* series, double* whitened,
             double* products, double* squares) const;
  /// (n - m) ln q + ln|X'R^-1X| + ln|R|; NaN if nothing of `whitened_squares` is left unexplained.
  double minus_two_log_likelihood(double whitened_squares, double explained) const;

  ArmaParameters parameters;
  ArmaWhitening whitening;
  bool valid = false;
  /// C^-1 Z = Q L' and C^-1 1, R = C C': a column of rank + 1 numbers per scan. Q itself is not
  /// formed: that would double the cost, and products with Q follow by applying L^-1.
  Eigen::MatrixXd weights;
  Eigen::LLT<Eigen::MatrixXd> normal;  ///< L L' = Z'R^-1Z
  Eigen::MatrixXd inverse;             ///< L^-1
  Eigen::VectorXd constant_on_q;       ///< Q'C^-1 1
  double constant_squares = 0, log_determinants = 0;

 private:
  void whiten(const kernels::KernelSet& kernels, int n_lanes, const double* series,
              double* whitened, double* squares) const;
  /// Weights, and their products with each other: the lower triangle, (rank + 1, rank + 1).
  Eigen::MatrixXd by_kernels(const ArmaDesign& design, const kernels::KernelSet& kernels);
  Eigen::MatrixXd by_products(const ArmaDesign& design);
};

}  // namespace sociometer
