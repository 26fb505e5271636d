#pragma once
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/glm/arma_process.hpp"

namespace sociometer {

/// How a voxel's ARMA(1,1) parameters are found.
struct ArmaOptions {
  enum class Search {
    continuous,  ///< the REML optimum under exact correlations, found from the grid
    afni,        ///< 3dREMLfit's: the best grid point on its path, truncated correlations
  };
  Search search = Search::continuous;
  int grid_level = 5;  ///< 3 .. 7: 2^level steps of a on [0, largest_a], 2^(level+1) of b
  std::optional<double> max_a, max_b;   ///< default: .8 as AFNI; .95 for the continuous search
  bool negative = false;                ///< also negative correlations (AFNI -NEGcor)
  bool white_noise_plus = false;        ///< only AR(1) plus white noise: lambda <= a (AFNI -WNplus)
  double cutoff = 1e-4;                 ///< AFNI -CORcut
  std::optional<ArmaParameters> fixed;  ///< no search: same for every voxel (AFNI -ABfile)
  double largest_a() const { return max_a.value_or(largest()); }
  double largest_b() const { return max_b.value_or(largest()); }

 private:
  /// The continuous search covers a wider range: it is meant for strong autocorrelation.
  double largest() const { return search == Search::afni ? 0.8 : 0.95; }
};
constexpr std::array<Name<ArmaOptions::Search>, 2> names_of(
    std::type_identity<ArmaOptions::Search>) {
  return {{{ArmaOptions::Search::continuous, "continuous"}, {ArmaOptions::Search::afni, "afni"}}};
}
ArmaOptions::Search parse_arma_search(const std::string& text);
std::string to_string(ArmaOptions::Search search);

/// Noise assumptions within a run: a kind and its options. Each kind is implemented by its
/// strategy (noise_strategy.hpp).
struct NoiseModel {
  enum class Kind {
    ols,         ///< white
    ar,          ///< AR(order), voxelwise coefficients, exact generalised least squares
    ar_nilearn,  ///< AR(1) as in nilearn: coefficient truncated to 1/100, first scan not rescaled
    arma11,      ///< ARMA(1,1), voxelwise parameters by REML
    spm_ar1,     ///< one covariance for all voxels: AR(0.2) and its derivative by pooled REML
    spm_fast,    ///< the same with 18 components of six time constants, SPM's FAST
    mixture,     ///< voxelwise posterior of AR processes whose frequencies are learned over voxels
    tukey,       ///< voxelwise tapered autocorrelations, prewhitened by frequency as in FILM
  };
  Kind kind = Kind::ols;
  int order = 0;               ///< of the autoregressive models computed from running sums
  bool corrects_bias = false;  ///< coefficients allow for the regressors' effect on residuals
  bool chooses_order = false;  ///< voxelwise order, up to `order`
  bool averages = false;       ///< means over the coefficients' posterior: coefficients, variances
  ArmaOptions arma{};
  /// First scans of the concatenated runs in one image; empty: one run.
  std::vector<Eigen::Index> run_starts{};
  double tr_s = 0;               ///< seconds between scans; required by spm_fast
  Eigen::Index tukey_lags = 0;   ///< where the taper ends; 0: FILM's rule (default_tukey_lags)
  double smoothing_fwhm_mm = 0;  ///< of ar, arma11 and tukey: spatial smoothing of the parameters

  /// Whether estimation needs running sums only; else the series is kept in memory.
  bool streams() const;
  /// Whether all voxels share one covariance.
  bool pools() const;
  /// Whether what a voxel gets depends on the others: learned or pooled over them.
  bool learns_over_voxels() const;
  /// Whether each voxel has its own parameters, which can be smoothed over space.
  bool can_smooth() const;
  /// Degrees of freedom that estimating the noise parameters takes from the residual variance.
  int lost_dof() const;
  /// Whether degrees of freedom differ between voxels and contrasts.
  bool has_own_dof() const;
  /// Rows of RunEstimates::noise.
  std::vector<std::string> parameter_names() const;
};

inline constexpr int kMaxArOrder = 5;
inline constexpr int kFastComponents = 18;

/// "ols", "ar1" .. "ar5", each also with "-corrected" or "-averaged", "auto", "ar1-nilearn",
/// "arma11", "mixture", "spm-ar1", "spm-fast", "tukey".
/// @throws Error{usage} listing the known names.
NoiseModel parse_noise_model(const std::string& text);
/// Of a first level over the voxels of a mask, mixture: docs/numerics.md, calibration.
NoiseModel default_noise_model();
/// Of series that are fitted each by itself (regions) or whitened by one process each (single
/// trials), ar4-averaged.
NoiseModel default_series_noise_model();
std::string to_string(const NoiseModel& model);

}  // namespace sociometer
