#pragma once
#include <limits>
#include <optional>

#include "engine/group/cluster_report.hpp"

namespace sociometer {

/// The statistic of a map, as far as its distribution is known.
struct KnownStatistic {
  std::optional<RandomField::Kind> kind;  ///< none: a statistic without a distribution
  double dof1 = 1;                        ///< of the numerator of F
  double dof2 = std::numeric_limits<double>::infinity();  ///< of t, or of the denominator of F
};

/// z with the same upper-tail p; NaN of NaN, and of all values without a distribution.
///
/// t of more than 1e9 degrees of freedom is z; F of more is that of 1e9.
double z_of(const KnownStatistic& statistic, double value);

/// Values of a map as they are tested: as they are with their z, or as z alone.
/// @param values  one per voxel; NaN without a statistic.
/// @cost  a z per voxel, about 0.3 microseconds.
TestedMap tested_map(const KnownStatistic& statistic, Eigen::VectorXd values, bool as_z,
                     int n_threads);

}  // namespace sociometer
