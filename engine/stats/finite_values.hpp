#pragma once
#include <cmath>
#include <limits>

#include <Eigen/Core>

namespace sociometer {

/// The smallest and the largest of some values.
struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool is_empty() const { return low > high; }
  bool varies() const { return low < high; }
};

/// The range of the finite values; empty without any.
ValueRange finite_range(const Eigen::Ref<const Eigen::VectorXd>& values);

/// Mean of the finite values, added up in their order; NaN without any.
double finite_mean(const Eigen::Ref<const Eigen::VectorXd>& values);

/// Whether every value is NaN; also true without values.
bool all_missing(const Eigen::Ref<const Eigen::VectorXd>& values);

/// The largest magnitude, 0 without values. @param values  finite.
double largest_magnitude(const Eigen::Ref<const Eigen::VectorXd>& values);

/// The values, with NaN in place of infinities.
Eigen::VectorXd finite_or_missing(const Eigen::Ref<const Eigen::VectorXd>& values);

/// Square roots of variances; NaN where one is negative or NaN.
Eigen::VectorXd standard_deviations(const Eigen::Ref<const Eigen::VectorXd>& variances);

/// Whether two maps are copies: they have values in the same voxels, all of them equal,
/// and at least `fewest` that are not 0, more than would agree by chance.
/// @param tolerance  relative; 0: equal bit for bit.
/// @return false for maps of different lengths.
bool are_copies(const Eigen::Ref<const Eigen::VectorXd>& a,
                const Eigen::Ref<const Eigen::VectorXd>& b, Eigen::Index fewest,
                double tolerance = 0);

}  // namespace sociometer
