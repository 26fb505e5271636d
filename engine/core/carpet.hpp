#pragma once
#include <span>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Rows of a carpet plot: an image of a run's voxels by scans, as many rows as a page can show.
///
/// Each voxel's series is standardised (less its mean and linear trend, over the standard deviation
/// of the rest with n - 2); a row is the sum of those of the neighbours in `order` that share it,
/// standardised again.
///
/// @param series  (n_scans, n_voxels), one voxel contiguous; 3 scans or more.
/// @param order   the voxels from the top to the bottom, those of one tissue or region, say; voxels
///                that are constant or not finite are left out.
/// @param n_rows  of the image; fewer if there are fewer voxels.
/// @return (n_rows, n_scans); no rows without a voxel.
/// @cost  three passes over the series.
/// @source Power 2017, NeuroImage 154.
Eigen::MatrixXf carpet_rows(const Eigen::Ref<const Eigen::MatrixXf>& series,
                            std::span<const Eigen::Index> order, Eigen::Index n_rows);

/// Voxels by descending mean, equal ones by index: tissues differ in brightness, which makes this
/// the next best order where there is no segmentation. Non-finite means are left out.
std::vector<Eigen::Index> by_mean(std::span<const double> means);
/// @param series  (n_scans, n_voxels), whose means over scans, in single precision, count.
std::vector<Eigen::Index> by_mean(const Eigen::Ref<const Eigen::MatrixXf>& series);

}  // namespace sociometer
