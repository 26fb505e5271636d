#pragma once
#include <Eigen/Dense>

#include "engine/mixed/fixed_basis.hpp"

namespace sociometer {

/// A direction of coefficients of the basis along which no fitted response gets worse and some get
/// better without end: the responses are separated, completely or in part. Whatever the random
/// effects are, the likelihood rises along it, and has no maximum. Empty if there is none.
///
/// Newton's steps of the pooled regression: they vanish at a maximum, and along such a direction
/// keep a length of 1 in log odds.
/// @param y  0 and 1, (n_rows).
/// @cost  25 factorisations at most.
/// @source Albert & Anderson 1984, Biometrika 71.
Eigen::VectorXd separating_direction(const FixedBasis& basis, const Eigen::VectorXd& y);

}  // namespace sociometer
