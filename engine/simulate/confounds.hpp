#pragma once
#include <vector>

#include "engine/core/random.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// Six rigid-body parameters of the head, (n_scans, 6): trans_x, y, z in mm, rot_x, y, z in
/// radians.
///
/// A random walk, rotations 1/50 radian where translations are 1 mm; now and then the head jerks
/// for one scan and comes back. Rounded to the 6 digits of the table.
Eigen::MatrixXd simulate_motion(const NoiseSettings& settings, Eigen::Index n_scans,
                                const CounterRandom& random);

/// Framewise displacement, mm: sum of the absolute changes, rotations as arcs of a 50-mm sphere;
/// missing at the first scan.
/// @source Power et al. 2012, NeuroImage 59:2142.
Eigen::VectorXd framewise_displacement(const Eigen::MatrixXd& motion);

/// Collects what a confounds table needs from the volumes of a run, one after the other.
class ConfoundCollector {
 public:
  explicit ConfoundCollector(const Phantom& phantom);
  void add(const Eigen::VectorXd& volume);
  /// Columns named as fMRIPrep names them: global_signal, csf, white_matter (means over the brain
  /// and its tissues), dvars (root mean square change over the brain), framewise_displacement, the
  /// six motion parameters, the derivative1, power2 and derivative1_power2 of signals and motion,
  /// cosine00 ..
  /// Missing values at the first scan are NaN.
  NamedColumns finish(const Eigen::MatrixXd& motion, double tr_s) const;

 private:
  const Phantom& phantom_;
  Eigen::VectorXd previous_;
  std::vector<double> global_, csf_, white_, dvars_;
};

}  // namespace sociometer
