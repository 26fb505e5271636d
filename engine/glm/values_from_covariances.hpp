#pragma once
#include <vector>

#include "engine/glm/run_fit.hpp"

namespace sociometer {

/// Effects from betas, combined with given unit covariances; NaN where a voxel has no
/// residual variance.
std::vector<ContrastValues> values_from_covariances(const std::vector<Eigen::MatrixXd>& contrasts,
                                                    const RunEstimates& estimates,
                                                    const ContrastCovariances& covariances,
                                                    int n_threads);

}  // namespace sociometer
