#pragma once
#include <Eigen/Dense>

namespace sociometer {

/// Silverman's rule of thumb for the bandwidth of a Gaussian kernel: .9 min(sd, IQR / 1.34)
/// n^(-1/5); where the quartiles coincide the standard deviation alone.
/// @param values  finite, at least 2.
/// @return in the unit of the values; 0 if all are equal.
/// @source Silverman 1986, Density Estimation, (3.31); R's bw.nrd0, which has other rules for 0.
double silverman_bandwidth(const Eigen::VectorXd& values);

/// Kernel density: mean over the values of a normal density of this standard deviation around each.
/// @param values  finite, at least 1.
/// @param at      where the density is wanted.
/// @param bandwidth  above 0.
/// @return per unit of the values; its integral over the line is 1.
/// @cost  values times places exponentials.
Eigen::VectorXd kernel_density(const Eigen::VectorXd& values, const Eigen::VectorXd& at,
                               double bandwidth);

}  // namespace sociometer
