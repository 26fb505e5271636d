#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/group/group_design.hpp"

namespace sociometer::testing {

/// The mask of the simulated maps that PALM, FSL and MRtrix3 were run on.
Mask peers_mask();
/// Effects of these participants (counted from 1), (n, n_voxels).
Eigen::MatrixXd peers_effects(const std::vector<int>& participants);
/// Participants first .. last.
std::vector<int> from_to(int first, int last);
/// Participants 1 to 4 and 9 to 12: two groups of four.
std::vector<int> four_and_four();
/// An image below tests/golden inside the mask, one row per volume.
Eigen::MatrixXd group_map(const std::string& name, const Mask& mask);
/// Comma-separated numbers without a header, below tests/golden.
Eigen::MatrixXd group_csv(const std::string& name);
/// A design whose columns are named x1, x2, ..
GroupDesign design_of(const Eigen::MatrixXd& values);
/// "[1, -1]" or, for F, "[1, -1]; [0, 1]".
GroupContrast contrast_of(const std::string& weights, const GroupDesign& design);
/// Ones in the first n of 2 n rows of one column and in the others of a second.
GroupDesign two_groups(Eigen::Index n);

}  // namespace sociometer::testing
