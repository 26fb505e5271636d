#pragma once
#include <Eigen/Dense>

#include "engine/simulate/noise_field.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// The volumes of one simulated run, generated one at a time: the series is never held in memory.
///
/// y(v, t) = baseline(v) + sum_k effect_k(v) x_k(t) + drift + motion + spatially smooth AR(1) noise
/// + white noise. Drift is a sum of cosines slower than drift_cutoff_s, motion a sum over the six
/// parameters, each with a smooth random map. Noise and drift are
/// percentages of the voxel's baseline.
class RunImages {
 public:
  /// @param effects     (n_voxels of the brain, n_regressors), signal units per unit of the
  /// regressor.
  /// @param regressors  (n_scans, n_regressors).
  /// @param motion      (n_scans, 6): mm and radians.
  /// @param noise_factor  per voxel, multiplies both kinds of noise besides the tissue's factor.
  /// @param person, run  select the random streams.
  RunImages(const Phantom& phantom, const NoiseSettings& settings, double tr_s,
            const Eigen::MatrixXd& effects, const Eigen::MatrixXd& regressors,
            const Eigen::MatrixXd& motion, const Eigen::VectorXd& noise_factor, uint64_t seed,
            uint64_t person, uint64_t run);
  Eigen::Index n_scans() const { return time_courses_.rows(); }
  /// The next volume, one value per voxel of the brain, signal units.
  /// @cost  one smoothing of the brain's bounding box, two normal numbers per voxel.
  const Eigen::VectorXd& next();

 private:
  void add_nuisance(const Phantom& phantom, const NoiseSettings& settings, double tr_s,
                    const Eigen::MatrixXd& motion, uint64_t seed, uint64_t person, uint64_t run);
  uint64_t seed_, white_stream_;
  double ar_;
  Eigen::VectorXd baseline_, ar_sd_, white_sd_;
  Eigen::MatrixXf maps_;          ///< (n_voxels, effects and nuisance)
  Eigen::MatrixXf time_courses_;  ///< (n_scans, effects and nuisance)
  NoiseField field_;
  Eigen::VectorXd noise_, fresh_, volume_;
  std::vector<double> white_;
  Eigen::Index scan_ = 0;
};

}  // namespace sociometer
