#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// A small simulated participant with known truth: two runs of choices and feedback, in which one
/// region responds to the choice, one to being accepted (match),
/// and one to the rank received.
///
/// Everything is simulated; nothing is taken from real participants. Regions are spheres in an
/// artificial brain (an ellipsoid), named after what they respond to.
struct FeedbackExample {
  struct Run {
    Events events;
    NamedColumns motion;
    Eigen::MatrixXf bold;  ///< (n_voxels of the grid, n_scans)
  };
  Mask brain;
  double tr_s = 2;
  std::vector<Run> runs;
  /// Coefficients on the unit-height regressors of a fit with the modulators match and rank of
  /// feedback, one per voxel of `brain`, by column name.
  std::map<std::string, Eigen::VectorXd> true_effects;
};

/// @param seed  the same seed gives the same bytes on any machine and with any number of threads.
FeedbackExample make_feedback_example(uint64_t seed);

}  // namespace sociometer
