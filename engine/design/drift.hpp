#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

enum class DriftModel { cosine, polynomial, none };
constexpr std::array<Name<DriftModel>, 3> names_of(std::type_identity<DriftModel>) {
  return {{{DriftModel::cosine, "cosine"},
           {DriftModel::polynomial, "polynomial"},
           {DriftModel::none, "none"}}};
}

/// @throws Error{usage} for an unknown name.
DriftModel parse_drift_model(const std::string& text);
std::string to_string(DriftModel model);

/// Cosines sqrt(2/n) cos(pi/n (t + 1/2) k), k = 1 .. min(n - 1, floor(2 n high_pass TR)), without
/// the constant. SPM's high-pass filter projects out the same number of cosines.
/// @return (n_scans, order).
/// @throws Error{usage} unless 0 <= high_pass_hz < 1 / (2 tr_s), or if the matrix were too large.
Eigen::MatrixXd cosine_drift(Eigen::Index n_scans, double tr_s, double high_pass_hz);

/// The same at the real times of volumes at unequal distances: cosines over the time from the first
/// onset to the end of the last volume, T = last - first + shortest distance, at the middles of
/// volumes of that length; k = 1 .. min(n - 1, floor(2 T high_pass)). Equal to the above at equal
/// distances. Columns are not orthogonal to each other then, nor to the constant.
/// @throws Error{usage} as above, by the mean distance.
Eigen::MatrixXd cosine_drift(const std::vector<double>& onset_s, double high_pass_hz);

/// (t / t_max)^k, k = 1 .. order, each orthogonalised against the constant and the lower powers.
Eigen::MatrixXd polynomial_drift(const Eigen::VectorXd& frame_times_s, int order);

}  // namespace sociometer
