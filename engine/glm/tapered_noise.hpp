#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/arma_fit.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// FILM's rule for the length of the Tukey taper: int(2 sqrt(n_scans)) / 2, at least 2.
Eigen::Index default_tukey_lags(Eigen::Index n_scans);

/// Noise of any spectrum: each voxel's residual autocorrelations, tapered, then prewhitening of
/// data and design by the square root of their spectrum.
///
/// As in FSL's FILM: autocorrelations of the least-squares residuals over pairs (divided by their
/// number), times .5 (1 + cos(pi (k + 1) / M)) at lag k < M, which ends the taper one lag early and
/// also reduces lag 0; Fourier transforms of series zero-padded to a power of
/// two. Unlike FILM, if a spectrum is not positive its autocorrelations are shrunk until it is,
/// and censored scans are left out (indicator columns).
/// @source Woolrich et al. 2001 NeuroImage 14:1370; tests/golden/fsl/film.
class TaperedModel {
 public:
  /// @param design  its spikes are not needed.
  /// @param n_lags  M, 2 or more and below the number of scans.
  TaperedModel(const RunDesign& design, Eigen::Index n_lags);

  /// Tapered autocorrelations at lags 1 .. M - 1 in units of lag 0, (M - 1, n_voxels); NaN where
  /// the series has no residual.
  Eigen::MatrixXd autocorrelations(Eigen::Index n_voxels, const ReadSeries& read,
                                   int n_threads) const;

  struct Estimates {
    Eigen::MatrixXd coordinates;  ///< on RunDesign::space, (rank, n_voxels)
    Eigen::VectorXd residual_squares, total_squares;
    std::vector<Eigen::MatrixXd> covariances;  ///< per contrast, lower triangles by rows
  };
  /// Least squares of prewhitened voxels; unwhitened if a series has no autocorrelations. The
  /// filter's mean power gain is 1.
  /// @param autocorrelations  as returned above.
  /// @param read  series over kept scans; empty: covariances only.
  /// @param contrasts  rows of weights on the coordinates.
  /// @cost  per voxel rank / 2 forward and inverse Fourier transforms, and n rank^2 multiply-adds.
  Estimates fit(const Eigen::MatrixXd& autocorrelations, const ReadSeries& read,
                const std::vector<Eigen::MatrixXd>& contrasts, int n_threads) const;

 private:
  Eigen::VectorXd filter(Eigen::VectorXd lags) const;
  void least_squares(const Eigen::Ref<const Eigen::VectorXd>& y, Eigen::Index voxel,
                     Estimates& out) const;

  std::vector<Eigen::Index> scans_;  ///< kept ones
  Eigen::Index n_scans_, n_kept_, rank_, n_lags_, n_padded_;
  Eigen::MatrixXd basis_;     ///< Z over kept scans
  Eigen::MatrixXcd spectra_;  ///< of basis, spikes and constant in pairs: (n_padded, pairs)
  Eigen::Index n_columns_;    ///< basis and spikes
  std::vector<double> n_pairs_;
};

/// The filter of one voxel, as TaperedModel::fit applies it.
class TaperedWhitening : public SeriesWhitening {
 public:
  /// @param autocorrelations  TaperedModel::autocorrelations of the voxel, finite.
  TaperedWhitening(const RunDesign& design, Eigen::Index n_lags,
                   const Eigen::VectorXd& autocorrelations);
  Eigen::MatrixXd whiten(const Eigen::MatrixXd& columns) const override;
  /// Indicators of censored scans.
  Eigen::MatrixXd nuisance() const override;

 private:
  Eigen::MatrixXd filtered(const Eigen::MatrixXd& all_scans) const;

  std::vector<Eigen::Index> kept_, censored_;
  Eigen::Index n_scans_, n_padded_;
  Eigen::VectorXcd gain_;
};

}  // namespace sociometer
