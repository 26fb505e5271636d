#pragma once
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// A stationary AR(q) process of unit innovation variance, of any order: one possible spectrum of
/// noise.
struct SpectralAtom {
  Eigen::VectorXd phi;         ///< y_t = sum phi_k y_{t-k} + e_t
  double log_determinant = 0;  ///< of the covariance of more than q consecutive scans
};

/// The AR(q) process with these autocorrelations at lags 0 .. q.
/// @source Levinson 1947, Durbin 1960; the determinant: Brockwell & Davis 1991, 8.6.
/// @throws std::logic_error when they are not positive definite.
SpectralAtom atom_from_autocorrelations(const Eigen::VectorXd& r);

/// The order at which processes are represented: 16 s of lags, but 4 to 16 of them, and less than
/// half as many as there are scans.
int mixture_order(double tr_s, Eigen::Index n_scans);

/// Components of fMRI noise, as AR(q) processes: white noise, an AR(1) part with a time
/// constant of 1.5 to 14 s, a slow part (60 s), and one or two oscillations with 3 s of memory at
/// frequencies from .12 Hz to the Nyquist frequency, at most 1.2 Hz, in different shares.
/// @cost  515 atoms at a TR of 2 s, 1,595 at 0.5 s, 1,965 below .42 s; q^2 each.
std::vector<SpectralAtom> parametric_atoms(double tr_s, int order);
Eigen::Index n_parametric_atoms(double tr_s);

/// Omega M, Omega the inverse covariance of M's rows as consecutive scans of the process.
/// @cost  rows * columns * q.
Eigen::MatrixXd times_precision(const SpectralAtom& atom, const Eigen::MatrixXd& m);

}  // namespace sociometer
