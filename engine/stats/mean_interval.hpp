#pragma once
#include <vector>

#include "engine/core/missing.hpp"

namespace sociometer {

/// A mean over people with its t interval.
struct MeanOverPeople {
  double mean = kMissing, low = kMissing, high = kMissing;  ///< interval missing below 2 people
  int n = 0;                                                ///< people who have a value
};

/// Mean and interval mean +- t(n - 1) s / sqrt(n) of the values that are not missing.
/// @param level  of the interval, 0 to 1.
MeanOverPeople mean_over_people(const std::vector<double>& values, double level);

}  // namespace sociometer
