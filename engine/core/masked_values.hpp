#pragma once
#include <vector>

#include <Eigen/Core>

#include "engine/core/space.hpp"

namespace sociometer {

/// The values of an image at the points of a space, in their order.
/// @param image  as it is stored: of a mask, one value per voxel of the grid, x fastest.
/// @throws std::logic_error if the image has another number of values.
Eigen::VectorXd values_at(const Space& space, const Eigen::Ref<const Eigen::VectorXd>& image);

/// The same of several images.
/// @param images  (n_stored, n_images). @return (n_images, n_points).
Eigen::MatrixXd rows_at(const Space& space, const Eigen::Ref<const Eigen::MatrixXd>& images);

/// Positions in `whole` of the points that `part` has as well, ascending.
/// @param part  of the same stored images.
/// @cost  linear in both.
std::vector<Eigen::Index> shared_positions(const Space& whole, const Space& part);

/// The number of each point's region, from 1; 0 outside regions. Later regions cover earlier ones.
/// @param regions  positions in a stored image.
/// @return one number per value of the image.
Eigen::VectorXd region_numbers(const std::vector<std::vector<Eigen::Index>>& regions,
                               Eigen::Index n_stored);

/// Matrices of the same columns, one below another.
/// @return (sum of their rows, n_columns).
Eigen::MatrixXd stacked(const std::vector<Eigen::MatrixXd>& parts, Eigen::Index n_columns);

}  // namespace sociometer
