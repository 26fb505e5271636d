#pragma once
#include <cmath>

#include <Eigen/Core>

namespace sociometer {

/// The side of values on which the largest is looked for.
enum class ValueSide {
  upper,  ///< the values themselves
  both,   ///< their magnitudes
  lower   ///< their negatives
};

inline double height_on(ValueSide side, double value) {
  return side == ValueSide::both ? std::abs(value) : side == ValueSide::lower ? -value : value;
}

/// The position of the value that is largest on a side, the first of equal ones; -1 if all are NaN.
inline Eigen::Index largest_on(ValueSide side, const Eigen::Ref<const Eigen::VectorXd>& values) {
  Eigen::Index best = -1;
  for (Eigen::Index v = 0; v < values.size(); ++v)
    if (!std::isnan(values[v]) &&
        (best < 0 || height_on(side, values[v]) > height_on(side, values[best])))
      best = v;
  return best;
}

}  // namespace sociometer
