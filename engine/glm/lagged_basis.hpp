#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/kernels/kernels.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// Rows of a tile, each kTileWidth voxels long: column r of the array is row r of the tile.
using TileArray = Eigen::Array<double, kernels::kTileWidth, Eigen::Dynamic>;

/// What the likelihoods of all AR processes of an order q depend on, for the voxels of a tile: sums
/// of products of the least-squares residuals e, at all lags up to q.
struct ResidualProducts {
  TileArray coordinates;  ///< least squares on RunDesign::space, (rank)
  TileArray lags;         ///< sum_t e_t e_{t+d}, d = 0 .. q
  TileArray on_columns;   ///< sum_t z_t (e_{t-d} + e_{t+d}), d = 1 .. q within z: (n q)
  TileArray ends;         ///< first q residuals, then the last q from the end
  TileArray residuals;    ///< e between q rows of zeros on either side; work space
};

/// The fitted columns of a run and their products at lags: Z, orthonormal columns over the kept
/// scans, then an indicator per censored scan, (n_scans, n).
class LaggedBasis {
 public:
  /// @param order  q.
  LaggedBasis(const RunDesign& design, Eigen::Index order);

  Eigen::Index order() const { return order_; }
  Eigen::Index rank() const { return rank_; }
  Eigen::Index n_columns() const { return rank_ + Eigen::Index(censored_.size()); }
  Eigen::Index n_kept() const { return Eigen::Index(scans_.size()); }
  double dof() const { return dof_; }

  /// @param tile  kept scans, (n_kept, kTileWidth).
  /// @cost  per voxel n_scans (q + 1) (rank + 1) multiply-adds.
  void products(const kernels::KernelSet& kernels, const double* tile, ResidualProducts& out) const;

  /// Z' Omega Z, Omega the inverse covariance of an AR(q) process of unit innovation variance.
  /// @param weights  of its lags 0 .. q.
  /// @param corner   what the banded matrix has too much at either end, (q, q).
  Eigen::MatrixXd normal_matrix(const Eigen::VectorXd& weights,
                                const Eigen::MatrixXd& corner) const;
  const Eigen::MatrixXd& head() const { return head_; }  ///< first q rows of Z
  const Eigen::MatrixXd& tail() const { return tail_; }  ///< last q rows, from the end

 private:
  Eigen::Index order_, n_scans_, rank_;
  double dof_;
  std::vector<Eigen::Index> scans_, censored_;
  Eigen::MatrixXd by_scan_;      ///< Z over kept scans, (rank, n_kept)
  Eigen::MatrixXd minus_basis_;  ///< -Z over kept scans, (n_kept, rank)
  std::vector<Eigen::MatrixXd>
      lagged_;  ///< by up to kRowBlock rows of on_columns, (n rows, n_scans)
  std::vector<Eigen::MatrixXd> lag_products_;  ///< sum_t z_t z_{t+d}' + transpose, d from 1
  Eigen::MatrixXd head_, tail_;
};

}  // namespace sociometer
