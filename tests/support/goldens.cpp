#include "tests/support/goldens.hpp"

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"

namespace sociometer::testing {

Eigen::MatrixXd masked(const std::string& path, const Mask& mask) {
  const Image image = read_nifti(path);
  return image.values(mask.voxels, Eigen::all);
}

Eigen::MatrixXd number_table(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.find('#') != std::string::npos) continue;
    std::istringstream words(line);
    std::vector<double> row;
    for (double x; words >> x;) row.push_back(x);
    if (!row.empty()) rows.push_back(row);
  }
  Eigen::MatrixXd out(Eigen::Index(rows.size()), rows.empty() ? 0 : Eigen::Index(rows[0].size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size()) throw std::runtime_error("ragged table " + path);
    for (size_t j = 0; j < rows[i].size(); ++j) out(Eigen::Index(i), Eigen::Index(j)) = rows[i][j];
  }
  return out;
}

Eigen::MatrixXd tsv_values(const std::string& path, int skip) {
  const Table table = read_table(path);
  Eigen::MatrixXd out(Eigen::Index(table.rows.size()), Eigen::Index(table.names.size()) - skip);
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    for (Eigen::Index j = 0; j < out.cols(); ++j)
      out(i, j) = number_in(table, size_t(i), int(j) + skip);
  return out;
}

SeriesFit fit_series(const Eigen::MatrixXd& design, const Eigen::MatrixXd& series,
                     const NoiseModel& model, const std::vector<Eigen::MatrixXd>& contrasts,
                     Scaling scaling, const std::vector<uint8_t>& kept, int n_threads,
                     const kernels::KernelSet& kernels, const std::vector<uint8_t>& drift_columns,
                     const MaskSmoother* smoother) {
  SeriesFit fit;
  const std::vector<uint8_t> all(size_t(design.rows()), 1);
  fit.design = std::make_unique<RunDesign>(design, kept.empty() ? all : kept, model.order);
  fit.design->drift_columns = drift_columns;
  SeriesSource source(series);
  const Mask mask = source.all_voxels();
  StreamOptions options;
  options.n_threads = n_threads;
  options.block_bytes =
      source.volume_bytes() * 7;  // so that blocks do not divide the series evenly
  const RunPlan plan{.noise_model = model,
                     .scaling = scaling,
                     .contrasts = contrasts,
                     .with_ljung_box = true,
                     .smoother = smoother,
                     .kernels = &kernels,
                     .n_threads = n_threads};
  RunResults results =
      model.streams()
          ? fit_run(*fit.design, sum_run(source, *fit.design, mask, kernels, options), plan)
          : fit_run(*fit.design, read_series(source, design.rows(), mask, options), plan);
  fit.estimates = std::move(results.estimates);
  fit.values = std::move(results.values);
  return fit;
}

}  // namespace sociometer::testing
