#pragma once
#include <vector>

#include "engine/core/random.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// Six rigid-body motion parameters, (n_scans, 6): trans_x, y, z
/// in mm, rot_x, y, z in radians.
///
/// A random walk, with rotations of 1/50 radian for every mm of translation; occasionally the head
/// jerks for one scan and returns. Rounded to the 6 digits of the table.
Eigen::MatrixXd simulate_motion(const NoiseSettings& settings, Eigen::Index n_scans,
                                const CounterRandom& random);

/// Framewise displacement, mm: sum of absolute changes, rotations as arcs on a 50-mm sphere; NaN
/// at the first scan.
/// @source Power et al. 2012, NeuroImage 59:2142.
Eigen::VectorXd framewise_displacement(const Eigen::MatrixXd& motion);

/// Accumulates a confounds table from the volumes of a run, one at a time.
class ConfoundCollector {
 public:
  explicit ConfoundCollector(const Phantom& phantom);
  void add(const Eigen::VectorXd& volume);
  /// Columns with fMRIPrep's names: global_signal, csf, white_matter (means over the brain and its
  /// tissues), dvars (root mean square change over the brain), framewise_displacement, the six
  /// motion parameters, derivative1, power2 and derivative1_power2 of
  /// signals and motion, and cosine00 ..
  /// Undefined values at the first scan are NaN.
  NamedColumns finish(const Eigen::MatrixXd& motion, double tr_s) const;

 private:
  const Phantom& phantom_;
  Eigen::VectorXd previous_;
  std::vector<double> global_, csf_, white_, dvars_;
};

}  // namespace sociometer
