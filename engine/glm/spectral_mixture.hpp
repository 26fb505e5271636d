#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/arma_fit.hpp"
#include "engine/glm/run_design.hpp"
#include "engine/glm/spectral_atoms.hpp"

/// Noise of a run as a mixture: each voxel's noise is one of a few processes ("atoms"), of which
/// one is not known; how common each is in the run is learned from its voxels.
///
/// The model. y = X b + e, cov(e) = s2 V_g with probability w_g. The weights w maximise the
/// restricted likelihood of a sample of voxels (non-parametric maximum likelihood: Kiefer &
/// Wolfowitz 1956, by EM from equal weights; stopped early, which keeps it smooth). A voxel's
/// estimates are means over its posterior of the atoms.
///
/// Exact: the restricted likelihood of each atom (Patterson & Thompson 1971) and generalised
/// least squares under it, at the ends of the run and across censored scans too, for designs of
/// any rank. Approximate: the noise is one of finitely many AR(q) processes; the mean of t
/// distributions over the posterior is replaced by one t that has its second and fourth moments,
/// with degrees of freedom of its own per voxel and contrast.
///
/// How it fails. Kinds of noise that few voxels have are shrunk towards the common ones: their
/// rates of false positives are too high. Frequencies below those that q lags resolve are
/// represented by the slow parts of the atoms only.
namespace sociometer {

/// What the likelihoods of all atoms depend on: products of the least-squares residuals e of some
/// voxels, one voxel per column.
struct ResidualProducts {
  Eigen::MatrixXd lags;        ///< sum_t e_t e_{t+d}, d = 0 .. q: (q + 1, n_voxels)
  Eigen::MatrixXd on_columns;  ///< sum_t z_t (e_{t-d} + e_{t+d}), by lag 1 .. q: (q n, n_voxels)
  Eigen::MatrixXd head, tail;  ///< first and last q residuals, from either end: (q, n_voxels)
};

/// One atom under a run's design.
class AtomSystem {
 public:
  /// @param basis  Z: orthonormal columns, with indicators of censored scans, (n_scans, n).
  AtomSystem(const SpectralAtom& atom, const Eigen::MatrixXd& basis);

  struct Fit {
    Eigen::MatrixXd half;             ///< L^-1 Z' Omega e, L L' = Z' Omega Z: (n, n_voxels)
    Eigen::ArrayXd residual_squares;  ///< e' Omega e less what the columns explain
  };
  Fit fit(const ResidualProducts& e) const;
  /// -1/2 [dof ln Q + ln |V| + ln |Z' Omega Z|].
  Eigen::ArrayXd log_likelihood(const Eigen::ArrayXd& residual_squares, double dof) const;
  /// L'^-1 half: what the atom adds to the least-squares coordinates.
  Eigen::MatrixXd change(const Eigen::MatrixXd& half) const;
  /// C (Z' Omega Z)^-1 C', lower triangle by rows.
  Eigen::VectorXd covariance(const Eigen::MatrixXd& contrast) const;

 private:
  Eigen::VectorXd weights_;            ///< of lags 0 .. q
  Eigen::MatrixXd corner_;             ///< (q, q)
  Eigen::MatrixXd at_head_, at_tail_;  ///< Z' at either end times the corner, (n, q)
  Eigen::LLT<Eigen::MatrixXd> normal_;
  double log_determinants_ = 0;
};

class SpectralMixture {
 public:
  SpectralMixture(const RunDesign& design, const std::vector<SpectralAtom>& atoms);

  Eigen::Index n_atoms() const { return Eigen::Index(systems_.size()); }

  /// @param y  kept scans of some voxels, (n_kept, n_voxels); becomes their residuals.
  /// @param coordinates  out: least squares on RunDesign::space and the spikes, (n, n_voxels).
  ResidualProducts products(Eigen::MatrixXd& y, Eigen::MatrixXd& coordinates) const;

  /// Log likelihoods of voxels, (n_atoms, n_voxels).
  /// @cost  per voxel and atom about n q + n^2 / 2 + q^2 multiply-adds.
  Eigen::MatrixXd log_likelihoods(const ResidualProducts& e) const;

  struct Voxels {
    Eigen::MatrixXd coordinates;       ///< posterior means, on RunDesign::space: (rank, n_voxels)
    Eigen::MatrixXd probabilities;     ///< (n_atoms, n_voxels), single precision, unlikely atoms 0
    Eigen::MatrixXd variances;         ///< residual variance under each atom, likewise
    Eigen::VectorXd residual_squares;  ///< of least squares
  };
  /// Voxels without residual keep the least-squares coordinates; their probabilities are 0.
  /// @param log_weights  of the atoms.
  Voxels fit(Eigen::MatrixXd y, const Eigen::VectorXd& log_weights) const;

  /// Variances of contrasts per voxel, scaled so that effect / sqrt(variance) has a t distribution
  /// with `dof` degrees of freedom, and those.
  /// @param contrast  rows of weights on RunDesign::space.
  /// @param noise  probabilities, then variances: (2 n_atoms, n_voxels).
  struct Covariance {
    Eigen::MatrixXd lower;  ///< triangle by rows, (n_rows (n_rows + 1) / 2, n_voxels)
    Eigen::VectorXd dof;
  };
  Covariance covariance(const Eigen::MatrixXd& contrast, const Eigen::MatrixXd& noise,
                        int n_threads) const;

 private:
  std::vector<Eigen::Index> scans_;  ///< kept ones
  Eigen::Index n_scans_, rank_, order_;
  double dof_;
  Eigen::MatrixXd kept_basis_;  ///< Z over kept scans
  Eigen::MatrixXd basis_;       ///< Z and spikes over all scans
  std::vector<AtomSystem> systems_;
};

/// Weights of atoms that maximise the likelihood of voxels, by `steps` steps of EM.
/// @param log_likelihoods  (n_atoms, n_voxels).
/// @param weights  where it starts, of sum 1; zeros stay zeros.
Eigen::VectorXd learn_weights(const Eigen::MatrixXd& log_likelihoods, Eigen::VectorXd weights,
                              int steps);

/// Posterior probabilities of atoms, one column per voxel.
Eigen::MatrixXd atom_posteriors(const Eigen::MatrixXd& log_likelihoods,
                                const Eigen::VectorXd& log_weights);

/// The atoms of a run and their weights, learned from at most kLearningVoxels of its voxels.
struct LearnedAtoms {
  std::vector<SpectralAtom> atoms;
  Eigen::VectorXd log_weights;
};
inline constexpr Eigen::Index kMixtureAtoms = 32, kLearningVoxels = 2000;
/// @param candidates  at least kMixtureAtoms.
/// @param voxels  those that can be fitted.
/// @return kMixtureAtoms of the candidates. Without voxels: the first ones, equally weighted.
LearnedAtoms learn_atoms(const RunDesign& design, const std::vector<SpectralAtom>& candidates,
                         const std::vector<Eigen::Index>& voxels, const ReadSeries& read,
                         int n_threads);

}  // namespace sociometer
