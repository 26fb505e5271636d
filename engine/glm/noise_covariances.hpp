#pragma once
// What the two ways of fitting a run share (run_fit.cpp, series_fit.cpp).
#include <memory>
#include <vector>

#include "engine/glm/arma_fit.hpp"
#include "engine/glm/run_fit.hpp"

namespace sociometer {

/// The ARMA(1,1) model of a run: its kept scans at their true distances, runs in one image apart.
std::unique_ptr<ArmaModel> arma_model(const RunDesign& design, const NoiseModel& model,
                                      const kernels::KernelSet& kernels);

/// Unit covariances under the pooled noise whose weight the estimates hold.
std::vector<Eigen::MatrixXd> pooled_covariances(const RunDesign& design, const NoiseModel& model,
                                                const RunEstimates& estimates,
                                                const std::vector<Eigen::MatrixXd>& contrasts);

/// Unit covariances under the tapered autocorrelations that the estimates hold.
std::vector<Eigen::MatrixXd> tapered_covariances(const RunDesign& design, const NoiseModel& model,
                                                 const RunEstimates& estimates,
                                                 const std::vector<Eigen::MatrixXd>& contrasts,
                                                 int n_threads);

/// Contrasts as rows of weights on RunDesign::space.
std::vector<Eigen::MatrixXd> on_coordinates(const RunDesign& design,
                                            const std::vector<Eigen::MatrixXd>& contrasts);

/// Effects from betas, beside unit covariances that are there already; NaN where a voxel has no
/// residual variance.
std::vector<ContrastValues> values_from_covariances(const std::vector<Eigen::MatrixXd>& contrasts,
                                                    const RunEstimates& estimates,
                                                    const std::vector<Eigen::MatrixXd>& covariances,
                                                    int n_threads);

}  // namespace sociometer
