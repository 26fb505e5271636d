#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Subtracts from each column its mean over the scans that are not censored.
/// @param columns  (n_scans, ..). @param kept  one flag per scan; without any, nothing is done.
void centre_over_kept(Eigen::MatrixXd& columns, const std::vector<uint8_t>& kept);

}  // namespace sociometer
