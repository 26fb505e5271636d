#pragma once
#include <span>

#include <Eigen/Core>

namespace sociometer {

/// What values of many voxels are like.
struct SpreadOfValues {
  double p5 = 0, median = 0, p95 = 0;  ///< NaN without finite values
  Eigen::Index n = 0;                  ///< finite values
};

/// Percentiles of the finite values, interpolated between neighbours in rank (type 7 of
/// Hyndman & Fan 1996, R's default).
/// @cost  linear in the values.
SpreadOfValues spread_of(const Eigen::Ref<const Eigen::VectorXd>& values);
/// Of the values above 0 alone: of an image that is 0 outside the brain.
SpreadOfValues spread_of_positive(const Eigen::Ref<const Eigen::VectorXf>& values);

/// The middle value, or the mean of the two in the middle; NaN without values.
/// @param values  without NaN; reordered.
/// @cost  linear in the values.
double median_of(std::span<double> values);

}  // namespace sociometer
