#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/arma_fit.hpp"
#include "engine/glm/lagged_basis.hpp"
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

/// One atom under a run's design.
class AtomSystem {
 public:
  AtomSystem(const SpectralAtom& atom, const LaggedBasis& basis);

  const Eigen::VectorXd& lag_weights() const { return weights_; }  ///< of lags 0 .. q
  /// -1/2 (ln |V| + ln |Z' Omega Z|).
  double log_factor() const { return -0.5 * log_determinants_; }
  /// Of a tile: half = L^-1 Z' Omega e, L L' = Z' Omega Z.
  /// @param combined  sums over lags d > 0 of weights times ResidualProducts::on_columns, (n).
  /// @param ends      ResidualProducts::ends.
  /// @param squares   in: sums over lags of weights times products of e; out: e' Omega e less the
  /// squares of half. kTileWidth.
  void solve(const kernels::KernelSet& kernels, const TileArray& combined, const TileArray& ends,
             double* half, double* squares) const;
  /// coordinates += the first rows of L'^-1 half: what the atom adds to least squares.
  void add_change(const kernels::KernelSet& kernels, const double* half,
                  TileArray& coordinates) const;
  /// C (Z' Omega Z)^-1 C', lower triangle by rows.
  Eigen::VectorXd covariance(const Eigen::MatrixXd& contrast) const;

 private:
  Eigen::VectorXd weights_;
  Eigen::MatrixXd root_;  ///< T, T'T what the bands have too much at either end, (q, q)
  Eigen::MatrixXd inverse_, inverse_transposed_;  ///< L^-1, (n, n)
  Eigen::MatrixXd of_ends_;                       ///< what the ends add to half, (n, 2 q)
  double log_determinants_ = 0;
};

/// All atoms of a run under its design. `kernels` and `basis` must outlive it.
class SpectralMixture {
 public:
  static constexpr Eigen::Index kWidth = kernels::kTileWidth;
  using Row = Eigen::Array<double, kWidth, 1>;

  SpectralMixture(const LaggedBasis& basis, const std::vector<SpectralAtom>& atoms,
                  const kernels::KernelSet& kernels);

  Eigen::Index n_atoms() const { return Eigen::Index(systems_.size()); }

  /// A tile under all atoms.
  struct Solution {
    TileArray squares;            ///< Q = e' Omega e less what the columns explain
    TileArray halves;             ///< AtomSystem::solve, (n n_atoms)
    TileArray combined, of_atom;  ///< work space
  };
  /// @cost  per voxel and atom about 3 n q + n^2 / 2 + 2 q^2 multiply-adds.
  void solve(const ResidualProducts& products, Solution& out) const;
  /// Log likelihoods of a solved tile, (n_atoms, kWidth).
  Eigen::MatrixXd log_likelihoods(const Solution& solution) const;

  struct Voxels {
    TileArray probabilities;  ///< (n_atoms), single precision, unlikely atoms 0
    TileArray variances;      ///< residual variance under each atom, likewise
    TileArray coordinates;    ///< posterior means, on RunDesign::space, (rank)
  };
  /// Voxels without residual keep the least-squares coordinates; their probabilities are 0.
  /// @param log_weights  of the atoms.
  /// @param solution     of the products; halves are consumed.
  void average(const ResidualProducts& products, const Eigen::VectorXd& log_weights,
               Solution& solution, Voxels& out) const;

  /// Variances of contrasts per voxel, scaled so that effect / sqrt(variance) has a t distribution
  /// with `dof` degrees of freedom, and those.
  /// @param contrast  rows of weights on RunDesign::space.
  /// @param posterior  probabilities, then variances: (2 n_atoms, n_voxels).
  struct Covariance {
    Eigen::MatrixXd lower;  ///< triangle by rows, (n_rows (n_rows + 1) / 2, n_voxels)
    Eigen::VectorXd dof;
  };
  Covariance covariance(const Eigen::MatrixXd& contrast, const Eigen::MatrixXf& posterior,
                        int n_threads) const;

 private:
  const LaggedBasis& basis_;
  const kernels::KernelSet& kernels_;
  std::vector<AtomSystem> systems_;
  Eigen::MatrixXd own_weights_;  ///< of the residuals' products at lags 0 .. q, (n_atoms, q + 1)
  Eigen::MatrixXd lag_weights_;  ///< of those with columns at lags 1 .. q, (n_atoms, q)
};

/// The coefficients of each voxel's most probable atom, (order, n_voxels); NaN where it has none.
/// @param atoms      RunEstimates::atoms.
/// @param posterior  RunEstimates::posterior.
Eigen::MatrixXd most_probable_atoms(const Eigen::MatrixXd& atoms, const Eigen::MatrixXf& posterior);

/// Weights of atoms that maximise the likelihood of voxels, by `steps` steps of EM.
/// @param log_likelihoods  (n_atoms, n_voxels).
/// @param weights  where it starts, of sum 1; zeros stay zeros.
Eigen::VectorXd learn_weights(const Eigen::MatrixXd& log_likelihoods, Eigen::VectorXd weights,
                              int steps);

/// The atoms of a run and their weights, learned from at most kLearningVoxels of its voxels.
struct LearnedAtoms {
  std::vector<SpectralAtom> atoms;
  Eigen::VectorXd log_weights;
};
inline constexpr Eigen::Index kMixtureAtoms = 32, kLearningVoxels = 2000;
/// Atoms whose likelihoods are taken together while learning: their matrices are large where
/// columns are many.
inline constexpr Eigen::Index kAtomsAtATime = 12;
/// @param candidates  at least kMixtureAtoms.
/// @param voxels  those that can be fitted.
/// @param read    kept scans, one voxel after another.
/// @return kMixtureAtoms of the candidates. Without voxels: the first ones, equally weighted.
LearnedAtoms learn_atoms(const LaggedBasis& basis, const std::vector<SpectralAtom>& candidates,
                         const std::vector<Eigen::Index>& voxels, const ReadSeries& read,
                         const kernels::KernelSet& kernels, int n_threads);

}  // namespace sociometer
