#pragma once
#include <memory>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/run_fit.hpp"

namespace sociometer::testing {

/// Values of an image inside a mask, (n_voxels, n_volumes).
Eigen::MatrixXd masked(const std::string& image, const Mask& mask);

/// A table of numbers without a header, blank- or tab-separated; lines that start with # are left
/// out.
Eigen::MatrixXd number_table(const std::string& path);
/// A TSV with a header: all columns but the first `skip`.
Eigen::MatrixXd tsv_values(const std::string& path, int skip = 0);

/// A fit of a series in memory through the streaming path.
struct SeriesFit {
  std::unique_ptr<RunDesign> design;
  RunEstimates estimates;
  std::vector<ContrastValues> values;
};
SeriesFit fit_series(const Eigen::MatrixXd& design, const Eigen::MatrixXd& series,
                     const NoiseModel& model, const std::vector<Eigen::MatrixXd>& contrasts = {},
                     Scaling scaling = Scaling::none, const std::vector<uint8_t>& kept = {},
                     int n_threads = 1, const kernels::KernelSet& kernels = kernels::best_kernels(),
                     const std::vector<uint8_t>& drift_columns = {},
                     const MaskSmoother* smoother = nullptr);

}  // namespace sociometer::testing
