// Fits of noise models that need the series itself.
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/arma_fit.hpp"
#include "engine/glm/noise_covariances.hpp"
#include "engine/glm/pooled_noise.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/glm/tapered_noise.hpp"
#include "engine/glm/voxel_judge.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kVoxelsAtATime = 256;

/// Reads kept scans, scaled; voxels that cannot be fitted come as zeros.
class SeriesReader {
 public:
  SeriesReader(const RunDesign& design, const MaskedSeries& series,
               const kernels::KernelSet& kernels)
      : series_(series), scans_(list_kept_scans(design)), kernels_(kernels) {
    factor_.setOnes(series.n_tiles() * kWidth);
    offset_.setZero(factor_.size());
  }

  Eigen::Index n_rows() const { return Eigen::Index(scans_.size()); }
  /// The voxels from `first` on, a multiple of kWidth, as a tile: (n_rows, kWidth), rows
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
  /// The same of n voxels, one after the other.
  void read(Eigen::Index first, Eigen::Index n, double* out) const {
    thread_local std::vector<double> tile;
    tile.resize(size_t(kWidth * n_rows()));
    for (Eigen::Index at = 0; at < n; at += kWidth) {
      const Eigen::Index here = std::min(kWidth, n - at);
      read_tile(first + at, tile.data());
      double* rows[kWidth] = {};
      for (Eigen::Index lane = 0; lane < here; ++lane) rows[lane] = out + (at + lane) * n_rows();
      kernels_.scatter_tile(tile.data(), int(here), long(n_rows()), rows);
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
  Eigen::ArrayXd factor_, offset_;  ///< of each voxel, whole tiles
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

/// @cost  one task does the betas of many voxels as one product.
void take_voxels(const ArmaEstimates& a, const RunDesign& design, int n_threads, RunEstimates& e) {
  const Eigen::MatrixXd& to_betas = design.space.betas_from_coordinates();
  e.betas.resize(to_betas.rows(), a.coordinates.cols());
  parallel_for(
      (e.betas.cols() + kVoxelsAtATime - 1) / kVoxelsAtATime, n_threads, [&](Eigen::Index task) {
        const Eigen::Index first = task * kVoxelsAtATime,
                           n = std::min(kVoxelsAtATime, e.betas.cols() - first);
        e.betas.middleCols(first, n).noalias() = to_betas * a.coordinates.middleCols(first, n);
        for (Eigen::Index v = first; v < first + n; ++v) {
          if (e.status[size_t(v)] == VoxelStatus::ok)
            e.noise.col(v) << a.a[v], a.b[v], a.minus_two_log_likelihood[v];
          if (!put_fit(a.residual_squares[v], a.total_squares[v], v, e))
            e.betas.col(v).setConstant(kNaN);
        }
      });
}

/// Columns of interest: those that are flagged, or else all that vary.
std::vector<uint8_t> interest(const RunDesign& design) {
  if (!design.interest_columns.empty()) return design.interest_columns;
  std::vector<uint8_t> flags;
  for (Eigen::Index c = 0; c < design.design.cols(); ++c)
    flags.push_back((design.design.col(c).array() != design.design(0, c)).any() &&
                    (design.drift_columns.empty() || !design.drift_columns[size_t(c)]));
  return flags;
}

/// SPM's way: the covariance of the voxels that respond to the task, then least squares of all.
void fit_pooled(const RunDesign& design, const NoiseModel& model, const ReadSeries& read,
                const kernels::KernelSet& kernels, int n_threads, RunEstimates& e) {
  constexpr double kResponds = 0.001;  // SPM's UFp
  const Eigen::Index n_voxels = e.mean.size();
  const Eigen::MatrixXd pooled =
      pooled_covariance(design.design, interest(design), n_voxels, read, kResponds, n_threads);
  const Eigen::VectorXd h = restricted_maximum_likelihood(
      pooled, design.design, noise_components(design, model),
      model.kind == NoiseModel::Kind::spm_fast ? kFastPriorPrecision : 0);
  const Eigen::VectorXd stored =
      model.kind == NoiseModel::Kind::spm_ar1 ? Eigen::VectorXd::Constant(1, h[1] / h[0]) : h;
  const auto fit = PooledWhitening(design, pooled_covariance_of(design, model, stored))
                       .fit(n_voxels, read, kernels, n_threads);
  for (Eigen::Index v = 0; v < n_voxels; ++v) {
    if (e.status[size_t(v)] == VoxelStatus::ok) e.noise.col(v) = stored;
    if (put_fit(fit.residual_squares[v], fit.total_squares[v], v, e))
      e.betas.col(v) = fit.betas.col(v);
  }
}

/// FILM's way: tapered autocorrelations of each voxel, smoothed over space where that is asked for.
std::vector<Eigen::MatrixXd> fit_tapered(const RunDesign& design, const NoiseModel& model,
                                         const ReadSeries& read,
                                         const std::vector<Eigen::MatrixXd>& contrasts,
                                         const MaskSmoother* smoother, int n_threads,
                                         RunEstimates& e) {
  const TaperedModel tapered(design, model.tukey_lags);
  e.noise = tapered.autocorrelations(e.mean.size(), read, n_threads);
  if (smoother) smoother->smooth(e.noise, n_threads);
  auto fit = tapered.fit(e.noise, read, on_coordinates(design, contrasts), n_threads);
  for (Eigen::Index v = 0; v < e.mean.size(); ++v) {
    if (put_fit(fit.residual_squares[v], fit.total_squares[v], v, e))
      e.betas.col(v) = design.space.betas_from_coordinates() * fit.coordinates.col(v);
  }
  return std::move(fit.covariances);
}

}  // namespace

std::vector<Eigen::MatrixXd> tapered_covariances(const RunDesign& design, const NoiseModel& model,
                                                 const RunEstimates& e,
                                                 const std::vector<Eigen::MatrixXd>& contrasts,
                                                 int n_threads) {
  return TaperedModel(design, model.tukey_lags)
      .fit(e.noise, {}, on_coordinates(design, contrasts), n_threads)
      .covariances;
}

std::vector<Eigen::MatrixXd> pooled_covariances(const RunDesign& design, const NoiseModel& model,
                                                const RunEstimates& e,
                                                const std::vector<Eigen::MatrixXd>& contrasts) {
  std::vector<Eigen::MatrixXd> out;
  Eigen::Index fitted = 0;  // every fitted voxel has the same weights
  while (fitted < e.noise.cols() && !std::isfinite(e.noise(0, fitted))) ++fitted;
  std::vector<Eigen::VectorXd> one;
  if (fitted < e.noise.cols())
    one = PooledWhitening(design, pooled_covariance_of(design, model, e.noise.col(fitted)))
              .covariances(contrasts);
  for (size_t c = 0; c < contrasts.size(); ++c) {
    const Eigen::Index n = contrasts[c].rows() * (contrasts[c].rows() + 1) / 2;
    out.push_back(one.empty() ? Eigen::MatrixXd::Constant(n, e.mean.size(), kNaN)
                              : Eigen::MatrixXd(one[c].replicate(1, e.mean.size())));
  }
  return out;
}

/// ln|X'X| of the design against its orthonormal basis.
static double log_det_gram(const EstimableSpace& space) {
  if (space.rank() == 0) return 0;
  const Eigen::MatrixXd& b = space.betas_from_coordinates();
  return -2 * b.colPivHouseholderQr().logAbsDeterminant();
}

std::unique_ptr<ArmaModel> arma_model(const RunDesign& design, const NoiseModel& model,
                                      const kernels::KernelSet& kernels) {
  // Far enough that no correlation reaches from one run to the next.
  constexpr int64_t kBetweenRuns = 66666;
  const Eigen::Index n_scans = design.n_scans();
  std::vector<Eigen::Index> starts = model.run_starts;
  if (starts.empty()) starts = {0};
  starts.push_back(n_scans);
  PseudoTimes times;
  Eigen::Index shortest = n_scans;
  for (size_t run = 0; run + 1 < starts.size(); ++run) {
    Eigen::Index rows = 0;
    for (Eigen::Index t = starts[run]; t < starts[run + 1]; ++t)
      if (design.kept[size_t(t)]) times.push_back(t + kBetweenRuns * int64_t(run)), ++rows;
    shortest = std::min(shortest, rows);
  }
  return std::make_unique<ArmaModel>(design.space.basis(), std::move(times), model.arma,
                                     log_det_gram(design.space), shortest, kernels);
}

RunResults fit_run(const RunDesign& design, MaskedSeries series, const RunPlan& plan) {
  require(series.n_scans() == design.n_scans(), "a series has as many scans as its design");
  const Eigen::Index n_voxels = series.n_voxels();
  const NoiseModel& model = plan.noise_model;
  const kernels::KernelSet& kernels = *plan.kernels;
  const auto& contrasts = plan.contrasts;
  const int n_threads = plan.n_threads;
  RunResults results;
  RunEstimates& e = results.estimates;
  e.noise.setConstant(Eigen::Index(model.parameter_names().size()), n_voxels, kNaN);
  for (auto* map : {&e.residual_variance, &e.r_squared, &e.mean}) map->setConstant(n_voxels, kNaN);
  e.status.assign(size_t(n_voxels), VoxelStatus::ok);
  e.dof = design.dof;
  SeriesReader reader(design, series, kernels);
  look_at_voxels(reader, plan.scaling, n_threads, e);
  if (plan.scaling == Scaling::grand) require_positive_grand_mean(e);
  set_scaling(plan.scaling, e, reader);

  const ReadSeries read = [&](Eigen::Index first, Eigen::Index n, double* out) {
    reader.read(first, n, out);
  };
  // ARMA makes its betas at the end, when the memory of its batches is free again.
  if (model.kind != NoiseModel::Kind::arma11)
    e.betas.setConstant(design.space.betas_from_coordinates().rows(), n_voxels, kNaN);
  if (model.pools()) {
    fit_pooled(design, model, read, kernels, n_threads, e);
    results.values = values_from_covariances(
        contrasts, e, pooled_covariances(design, model, e, contrasts), n_threads);
    return results;
  }
  if (model.kind == NoiseModel::Kind::tukey) {
    const auto covariances =
        fit_tapered(design, model, read, contrasts, plan.smoother, n_threads, e);
    results.values = values_from_covariances(contrasts, e, covariances, n_threads);
    return results;
  }
  const auto arma = arma_model(design, model, kernels);
  const ArmaEstimates a = arma->fit(
      n_voxels, [&](Eigen::Index first, double* tile) { reader.read_tile(first, tile); },
      on_coordinates(design, contrasts), plan.with_ljung_box, n_threads,
      [&](Eigen::Index done) {
        if (!plan.smoother) series.forget_before(done / kWidth);
        if (plan.progress) plan.progress(done);
      },
      plan.smoother);
  take_voxels(a, design, n_threads, e);
  if (plan.with_ljung_box) e.ljung_box = a.ljung_box;
  results.values = values_from_covariances(contrasts, e, a.covariances, n_threads);
  return results;
}

}  // namespace sociometer
