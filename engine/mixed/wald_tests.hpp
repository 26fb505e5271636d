#pragma once
#include <vector>

#include "engine/mixed/mixed_fit.hpp"

namespace sociometer {

/// How well the covariance of fixed effects is known: its derivatives by the variance parameters,
/// and the covariance of these parameters.
struct VarianceUncertainty {
  std::vector<Eigen::MatrixXd> derivatives;
  Eigen::MatrixXd covariance;
};

/// t tests of effects and F tests of terms, with Satterthwaite's degrees of freedom.
void set_t_tests(const MixedDesign& design, const VarianceUncertainty& uncertainty, MixedFit& fit);

/// z tests of effects and chi-square tests of terms.
void set_z_tests(const MixedDesign& design, MixedFit& fit);

}  // namespace sociometer
