// Fits of noise models that need the series itself.
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/trial_fit.hpp"
#include "engine/glm/values_from_covariances.hpp"
#include "engine/glm/voxel_judge.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

/// Reads kept scans, scaled; voxels that cannot be fitted become zeros.
class SeriesReader {
 public:
  SeriesReader(const RunDesign& design, const MaskedSeries& series,
               const kernels::KernelSet& kernels)
      : series_(series), scans_(list_kept_scans(design)), kernels_(kernels) {
    factor_.setOnes(series.n_tiles() * kWidth);
    offset_.setZero(factor_.size());
  }

  Eigen::Index n_rows() const { return Eigen::Index(scans_.size()); }
  /// The voxels starting at `first`, a multiple of kWidth, as a tile: (n_rows, kWidth), rows
  /// contiguous.
  void read_tile(Eigen::Index first, double* out) const {
    const Eigen::Index index = first / kWidth;
    if (n_rows() == series_.n_scans()) {
      series_.decode(index, 0, n_rows(), out);
    } else {
      for (Eigen::Index i = 0; i < n_rows(); ++i)
        series_.decode(index, scans_[size_t(i)], 1, out + i * kWidth);
    }
    using Row = Eigen::Array<double, kWidth, 1>;
    const Row factor = factor_.segment<kWidth>(first), offset = offset_.segment<kWidth>(first);
    if ((factor == 1).all() && (offset == 0).all()) return;
    for (Eigen::Index i = 0; i < n_rows(); ++i) {
      Eigen::Map<Row> row(out + i * kWidth);
      row = (factor == 0).select(0.0, row * factor + offset);
    }
  }
  /// The same for n voxels from any one, one voxel contiguous.
  void read(Eigen::Index first, Eigen::Index n, double* out) const {
    thread_local std::vector<double> tile;
    tile.resize(size_t(kWidth * n_rows()));
    for (Eigen::Index at = 0; at < n;) {
      const Eigen::Index skipped = (first + at) % kWidth;
      const Eigen::Index here = std::min(kWidth - skipped, n - at);
      read_tile(first + at - skipped, tile.data());
      if (skipped == 0) {
        double* rows[kWidth] = {};
        for (Eigen::Index lane = 0; lane < here; ++lane) rows[lane] = out + (at + lane) * n_rows();
        kernels_.scatter_tile(tile.data(), int(here), long(n_rows()), rows);
      } else {
        for (Eigen::Index lane = 0; lane < here; ++lane)
          for (Eigen::Index t = 0; t < n_rows(); ++t)
            out[(at + lane) * n_rows() + t] = tile[size_t(t * kWidth + skipped + lane)];
      }
      at += here;
    }
  }
  void scale(Eigen::Index voxel, double factor, double offset) {
    factor_[voxel] = factor;
    offset_[voxel] = offset;
  }

 private:
  const MaskedSeries& series_;
  std::vector<Eigen::Index> scans_;
  const kernels::KernelSet& kernels_;
  Eigen::ArrayXd factor_, offset_;  ///< per voxel, in whole tiles
};

/// Means and statuses.
void look_at_voxels(const SeriesReader& reader, Scaling scaling, int n_threads, RunEstimates& e) {
  using Row = Eigen::Array<double, kWidth, 1>;
  const Eigen::Index n_voxels = e.mean.size(), n = reader.n_rows();
  parallel_for((n_voxels + kWidth - 1) / kWidth, n_threads, [&](Eigen::Index tile) {
    thread_local Eigen::Array<double, kWidth, Eigen::Dynamic> y;
    y.resize(kWidth, n);
    reader.read_tile(tile * kWidth, y.data());
    Row sum = Row::Zero(), flaw = sum, largest = sum, squares = sum;
    for (Eigen::Index t = 0; t < n; ++t) {
      sum += y.col(t);
      flaw += y.col(t) - y.col(t);
      largest = largest.max(y.col(t).abs());
    }
    const Row mean = sum / double(n);
    for (Eigen::Index t = 0; t < n; ++t) squares += (y.col(t) - mean).square();
    for (Eigen::Index v = tile * kWidth; v < std::min(n_voxels, (tile + 1) * kWidth); ++v) {
      const Eigen::Index lane = v % kWidth;
      put_series({.mean = mean[lane],
                  .spread = std::sqrt(squares[lane] / double(n)),
                  .finite = flaw[lane] == 0,
                  .all_zero = largest[lane] == 0},
                 scaling, v, e);
    }
  });
  e.grand_mean = grand_mean(e);
}

void set_scaling(Scaling scaling, const RunEstimates& e, SeriesReader& reader) {
  for (Eigen::Index v = 0; v < e.mean.size(); ++v) {
    if (e.status[size_t(v)] != VoxelStatus::ok)
      reader.scale(v, 0, 0);
    else if (scaling == Scaling::psc)
      reader.scale(v, 100 / e.mean[v], -100);
    else if (scaling == Scaling::grand)
      reader.scale(v, 100 / e.grand_mean, 0);
  }
}

}  // namespace

RunResults fit_run(const RunDesign& design, MaskedSeries series, const RunPlan& plan) {
  require(series.n_scans() == design.n_scans(), "a series has as many scans as its design");
  const SeriesNoise& noise = series_noise(plan.noise_model);
  const Eigen::Index n_voxels = series.n_voxels();
  RunResults results;
  RunEstimates& e = results.estimates;
  const auto n_parameters = Eigen::Index(plan.noise_model.parameter_names().size());
  const bool is_mixture = !has_one_process(plan.noise_model);
  e.noise.setConstant(is_mixture ? 0 : n_parameters, n_voxels, kNaN);
  if (is_mixture)
    e.posterior.setConstant(n_parameters, n_voxels, std::numeric_limits<float>::quiet_NaN());
  for (auto* map : {&e.residual_variance, &e.r_squared, &e.mean}) map->setConstant(n_voxels, kNaN);
  e.status.assign(size_t(n_voxels), VoxelStatus::ok);
  e.dof = design.dof;
  SeriesReader reader(design, series, *plan.kernels);
  look_at_voxels(reader, plan.scaling, plan.n_threads, e);
  if (plan.scaling == Scaling::grand) require_positive_grand_mean(e);
  set_scaling(plan.scaling, e, reader);
  const SeriesRun run{
      design, plan,
      [&](Eigen::Index first, Eigen::Index n, double* out) { reader.read(first, n, out); },
      [&](Eigen::Index first, double* tile) { reader.read_tile(first, tile); },
      [&](Eigen::Index done) {
        if (!plan.smoother && !plan.trials) series.forget_before(done / kWidth);
        if (plan.progress) plan.progress(done);
      }};
  const auto covariances = noise.fit(run, e);
  if (plan.trials) {
    results.trials = empty_trials(plan.trials, n_voxels);
    TrialFit(design, *plan.trials, nullptr).solve_series(run, noise, e, results.trials);
  }
  results.values = values_from_covariances(plan.contrasts, e, covariances, plan.n_threads);
  return results;
}

}  // namespace sociometer
