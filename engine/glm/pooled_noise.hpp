#pragma once
#include <functional>
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/arma_fit.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// Covariance components of AR(1) about a coefficient of 0.2, for scans at given times: the
/// Toeplitz matrix of 0.2^d and its derivative, d 0.2^(d-1). SPM's two components span the same.
/// @source Friston et al. 2002 NeuroImage 16:484; tests/golden/spm/misc.
std::vector<Eigen::MatrixXd> ar_components(const std::vector<Eigen::Index>& scans);

/// SPM's FAST components: t^j exp(-t / tau) for j = 0, 1, 2 and six time constants tau, powers of
/// two seconds, starting with the one at or below a quarter of TR.
/// @source Corbin et al. 2018 Human Brain Mapping 39:3884; tests/golden/spm/misc.
std::vector<Eigen::MatrixXd> fast_components(const std::vector<Eigen::Index>& scans, double tr_s);

/// A normal prior of each component's weight; the pooled variance should then be about 1.
struct WeightPrior {
  double precision = 0;      ///< 0: none
  bool about_first = false;  ///< about white-noise-like V, the first component alone; else about 0
};

/// Restricted maximum likelihood of V = sum h_i Q_i from a pooled covariance of series.
/// @param pooled  mean of y y' over voxels, (n, n).
/// @param design  all columns whose space is projected out, (n, p).
/// @return h at the optimum (Fisher scoring to 1e-10).
/// @source Patterson & Thompson 1971; Harville 1977 JASA 72:320.
/// @throws Error{bad_input} when no positive definite V is found.
Eigen::VectorXd restricted_maximum_likelihood(const Eigen::MatrixXd& pooled,
                                              const Eigen::MatrixXd& design,
                                              const std::vector<Eigen::MatrixXd>& components,
                                              const WeightPrior& prior = {});
/// The same with a V that is positive definite in all directions, not only in those that the
/// likelihood sees. Where columns absorb what distinguishes components (at a TR of 7 s several are
/// nearly white), the optimum can have negative variance along the columns; a prior about the
/// first component is then strengthened tenfold until V can be inverted.
Eigen::VectorXd positive_definite_weights(const Eigen::MatrixXd& pooled,
                                          const Eigen::MatrixXd& design,
                                          const std::vector<Eigen::MatrixXd>& components,
                                          double precision);
/// Prior precision of FAST's weights. The likelihood hardly depends on correlations that drift and
/// constant absorb, so without a prior weights diverge along them; SPM stops iterating early. The
/// value is chosen so that V is SPM's to .006 in tests/golden/spm/first_level/F_canon_orth0_FAST.
inline constexpr double kFastPriorPrecision = 0.3;

/// Mean of y y' / s2 over the voxels whose F for the columns of interest passes `p`, s2 being their
/// residual mean square; SPM's rule.
/// @param design  X and drift; `interest` flags its columns.
/// @throws Error{bad_input} when no voxel passes.
/// @cost  n_rows^2 per voxel that passes; same bits for any thread count.
Eigen::MatrixXd pooled_covariance(const Eigen::MatrixXd& design,
                                  const std::vector<uint8_t>& interest, Eigen::Index n_voxels,
                                  const ReadSeries& read, double p, int n_threads);

/// One covariance for all voxels of a run; drift is projected out of the whitened data, as in
/// SPM.
class PooledWhitening {
 public:
  /// @param covariance  V over kept scans, up to scale.
  PooledWhitening(const RunDesign& design, const Eigen::MatrixXd& covariance);

  struct Estimates {
    Eigen::MatrixXd betas;  ///< (n_columns, n_voxels)
    Eigen::VectorXd residual_squares, total_squares;
  };
  /// @cost  n_rows^2 multiply-adds per voxel.
  Estimates fit(Eigen::Index n_voxels, const ReadSeries& read, const kernels::KernelSet& kernels,
                int n_threads) const;
  /// Unit covariances of contrasts (rows of weights on the design's columns), lower triangles by
  /// rows: the same for every voxel.
  std::vector<Eigen::VectorXd> covariances(const std::vector<Eigen::MatrixXd>& contrasts) const;
  const Eigen::MatrixXd& matrix() const { return whitening_; }  ///< W

 private:
  Eigen::MatrixXd whitening_;  ///< W = V^-1/2, V of trace n
  EstimableSpace space_;       ///< of [W X, drift]
  Eigen::VectorXd constant_;   ///< W 1
};

}  // namespace sociometer
