#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// A small simulated participant with known truth: two runs of choices and feedback, in which one
/// region follows the choice, one whether the person was accepted (match), one how highly they were
/// ranked.
///
/// Every number is simulated; nothing is taken from a person. Regions are spheres on a made-up
/// brain (an ellipsoid), named by what they follow.
struct FeedbackExample {
  struct Run {
    Events events;
    NamedColumns motion;
    Eigen::MatrixXf bold;  ///< (n_voxels of the grid, n_scans)
  };
  Mask brain;
  double tr_s = 2;
  std::vector<Run> runs;
  /// Coefficients on the unit-height regressors that `fit --modulators feedback:match,rank` makes,
  /// one per voxel of `brain`, by column name.
  std::map<std::string, Eigen::VectorXd> true_effects;
};

/// @param seed  same seed, same bytes on any machine and thread count.
FeedbackExample make_feedback_example(uint64_t seed);

}  // namespace sociometer
