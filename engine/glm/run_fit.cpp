#include "engine/glm/run_fit.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/ar_estimator.hpp"
#include "engine/glm/noise_covariances.hpp"
#include "engine/glm/tile_solver.hpp"
#include "engine/glm/voxel_judge.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

/// Calls work(first tile, last tile) on stretches of tiles.
template <typename Work>
void for_tiles(Eigen::Index n_tiles, int n_threads, Work&& work) {
  constexpr Eigen::Index kBatch = 32;
  parallel_for((n_tiles + kBatch - 1) / kBatch, n_threads, [&](Eigen::Index batch) {
    work(batch * kBatch, std::min(n_tiles, (batch + 1) * kBatch));
  });
}

/// Sums of factor * y + offset from those of y.
void rescale(const LagSums::Rows& rows, const double* from, const Eigen::ArrayXd& factor,
             double offset, std::vector<double>& to) {
  to.assign(from, from + rows.n * kWidth);
  for (Eigen::Index r = 0; r < rows.shift_at; ++r) {
    Eigen::Map<Eigen::ArrayXd> row(to.data() + r * kWidth, kWidth);
    row *= factor;
    if (r >= rows.lags_at && r < rows.head_at) row *= factor;
  }
  Eigen::Map<Eigen::ArrayXd> shift(to.data() + rows.shift_at * kWidth, kWidth);
  shift = shift * factor + offset;
}

/// A tile's coefficients and its contrasts, written to where the voxels have their place.
class TileWriter {
 public:
  TileWriter(const GlsSystem& system, const std::vector<Eigen::MatrixXd>& contrasts,
             const kernels::KernelSet& kernels)
      : system_(system), contrasts_(contrasts), kernels_(kernels) {}

  /// Betas of the columns of the design from the solver's coordinates.
  void set_betas(const TileSolver& solver) {
    const Eigen::MatrixXd& b = system_.design().space.betas_from_coordinates();
    betas_.setZero(kWidth, b.rows());
    kernels_.accumulate_products(b.data(), b.rows(), int(b.cols()), int(b.rows()),
                                 solver.coordinates(), betas_.data());
  }
  /// Betas that are there already, one column per voxel.
  void set_betas(const Eigen::Ref<const Eigen::MatrixXd>& betas) {
    betas_.setZero(kWidth, betas.rows());
    betas_.topRows(betas.cols()) = betas.transpose();
  }
  void write_betas(Eigen::Index lane, Eigen::Ref<Eigen::VectorXd> out) const {
    out = betas_.row(lane).transpose();
  }
  /// Effects and covariances of the voxels from `first` on that have a residual variance.
  void write_contrasts(const TileSolver& solver, Eigen::Index first,
                       const Eigen::VectorXd& variance, std::vector<ContrastValues>& values) {
    const Eigen::Index n = std::min(kWidth, variance.size() - first);
    for (size_t c = 0; c < contrasts_.size(); ++c) {
      const Eigen::MatrixXd& rows = contrasts_[c];
      effects_.setZero(kWidth, rows.rows());
      kernels_.accumulate_products(rows.data(), rows.rows(), int(rows.cols()), int(rows.rows()),
                                   betas_.data(), effects_.data());
      for (Eigen::Index lane = 0; lane < n; ++lane) {
        const Eigen::Index v = first + lane;
        if (std::isnan(variance[v])) continue;
        values[c].effect.col(v) = effects_.row(lane).transpose();
        for (Eigen::Index p = 0; p < values[c].unit_covariance.rows(); ++p)
          values[c].unit_covariance(p, v) = solver.covariance(system_.pairs_at(c) + p)[lane];
        values[c].residual_variance[v] = variance[v];
      }
    }
  }

 private:
  const GlsSystem& system_;
  const std::vector<Eigen::MatrixXd>& contrasts_;
  const kernels::KernelSet& kernels_;
  Eigen::MatrixXd betas_, effects_;  ///< (kWidth, n)
};

/// NaN everywhere; all threads take part, as new memory costs more in page faults than in writing.
void fill_with_nan(const std::vector<std::span<double>>& arrays, int n_threads) {
  constexpr size_t kPiece = 1 << 15;
  std::vector<std::span<double>> pieces;
  for (const auto& array : arrays)
    for (size_t at = 0; at < array.size(); at += kPiece)
      pieces.push_back(array.subspan(at, std::min(kPiece, array.size() - at)));
  parallel_for(Eigen::Index(pieces.size()), n_threads,
               [&](Eigen::Index i) { std::ranges::fill(pieces[size_t(i)], kNaN); });
}

template <typename Array>
std::span<double> all_of(Array& array) {
  return {array.data(), size_t(array.size())};
}

/// One per contrast, not filled.
std::vector<ContrastValues> allocate_values(const std::vector<Eigen::MatrixXd>& contrasts,
                                            Eigen::Index n_voxels) {
  std::vector<ContrastValues> values(contrasts.size());
  for (size_t c = 0; c < contrasts.size(); ++c) {
    const Eigen::Index n = contrasts[c].rows();
    values[c].effect.resize(n, n_voxels);
    values[c].unit_covariance.resize(n * (n + 1) / 2, n_voxels);
    values[c].residual_variance.resize(n_voxels);
  }
  return values;
}

std::vector<std::span<double>> arrays_of(std::vector<ContrastValues>& values) {
  std::vector<std::span<double>> arrays;
  for (auto& v : values)
    for (const auto& array :
         {all_of(v.effect), all_of(v.unit_covariance), all_of(v.residual_variance)})
      arrays.push_back(array);
  return arrays;
}

std::vector<ContrastValues> empty_values(const std::vector<Eigen::MatrixXd>& contrasts,
                                         Eigen::Index n_voxels, int n_threads) {
  auto values = allocate_values(contrasts, n_voxels);
  fill_with_nan(arrays_of(values), n_threads);
  return values;
}

/// NaN for n voxels from `first` on.
void fill_voxels(RunResults& results, Eigen::Index first, Eigen::Index n) {
  results.estimates.betas.middleCols(first, n).setConstant(kNaN);
  for (auto& v : results.values) {
    v.effect.middleCols(first, n).setConstant(kNaN);
    v.unit_covariance.middleCols(first, n).setConstant(kNaN);
    v.residual_variance.segment(first, n).setConstant(kNaN);
  }
}

}  // namespace

Scaling parse_scaling(const std::string& text) {
  if (text == "none") return Scaling::none;
  if (text == "psc") return Scaling::psc;
  if (text == "grand") return Scaling::grand;
  fail(ErrorCode::usage, "unknown scaling '{}'; known: none, psc, grand", text);
}

std::vector<Eigen::MatrixXd> on_coordinates(const RunDesign& design,
                                            const std::vector<Eigen::MatrixXd>& contrasts) {
  std::vector<Eigen::MatrixXd> out;
  for (const auto& c : contrasts) out.push_back(c * design.space.betas_from_coordinates());
  return out;
}

std::vector<ContrastValues> values_from_covariances(const std::vector<Eigen::MatrixXd>& contrasts,
                                                    const RunEstimates& estimates,
                                                    const std::vector<Eigen::MatrixXd>& covariances,
                                                    int n_threads) {
  const Eigen::Index n_voxels = estimates.betas.cols();
  auto values = empty_values(contrasts, n_voxels, n_threads);
  for_tiles((n_voxels + kWidth - 1) / kWidth, n_threads,
            [&](Eigen::Index first_tile, Eigen::Index last_tile) {
              for (Eigen::Index v = first_tile * kWidth; v < std::min(n_voxels, last_tile * kWidth);
                   ++v) {
                if (std::isnan(estimates.residual_variance[v])) continue;
                for (size_t c = 0; c < contrasts.size(); ++c) {
                  values[c].effect.col(v).noalias() = contrasts[c] * estimates.betas.col(v);
                  values[c].unit_covariance.col(v) = covariances[c].col(v);
                  values[c].residual_variance[v] = estimates.residual_variance[v];
                }
              }
            });
  return values;
}

std::string to_string(Scaling s) {
  return s == Scaling::none ? "none" : s == Scaling::psc ? "psc" : "grand";
}

namespace {

/// What the sums of a voxel say of its series.
SeriesFacts facts_of(const LagSums& sums, const double* lane, const RunDesign& design,
                     double mean) {
  const auto& rows = sums.rows();
  const double shift = lane[rows.shift_at * kWidth], squares = lane[rows.lags_at * kWidth];
  const double from_shift = mean - shift;  // about which the squares are
  const double variance = squares / double(design.n_kept) - from_shift * from_shift;
  return {.mean = mean,
          .spread = std::sqrt(std::max(0.0, variance)),
          .finite = lane[rows.flaw_at * kWidth] == 0,
          .all_zero = shift == 0 && squares == 0};
}

/// Means and statuses; nilearn's mean residual over all voxels and scans where it is asked for.
double look_at_voxels(const RunDesign& design, const LagSums& sums, const GlsSystem& system,
                      const NoiseModel& model, Scaling scaling, int n_threads, RunEstimates& e) {
  const Eigen::Index n_voxels = sums.n_voxels();
  const auto& rows = sums.rows();
  const bool with_residuals = model.kind == NoiseModel::Kind::ar_nilearn;
  Eigen::VectorXd residual_sums = Eigen::VectorXd::Zero(n_voxels);
  for_tiles(sums.n_tiles(), n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
    TileSolver solver(system, sums.kernels());
    for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
      const double* at = sums.tile(tile);
      TileSolver::Row mean = TileSolver::Row::Zero(), residual = mean;
      for (Eigen::Index i = 0; i < design.n_working(); ++i)
        mean += design.constant_on_working[i] * Eigen::Map<const TileSolver::Row>(at + i * kWidth);
      mean = Eigen::Map<const TileSolver::Row>(at + rows.shift_at * kWidth) +
             mean / double(design.n_kept);
      if (with_residuals) residual = solver.residual_sums(at);
      for (Eigen::Index v = tile * kWidth; v < std::min(n_voxels, (tile + 1) * kWidth); ++v) {
        const Eigen::Index lane = v % kWidth;
        put_series(facts_of(sums, at + lane, design, mean[lane]), scaling, v, e);
        if (e.status[size_t(v)] == VoxelStatus::ok) residual_sums[v] = residual[lane];
      }
    }
  });
  e.grand_mean = grand_mean(e);
  return residual_sums.sum() / double(n_voxels * design.n_kept);
}

/// Residual autocorrelations at lags 0 .. order, smoothed over space: (order + 1, n_voxels).
Eigen::MatrixXd smoothed_autocorrelations(const LagSums& sums, const GlsSystem& system,
                                          const MaskSmoother& smoother, int n_threads,
                                          const RunEstimates& e) {
  Eigen::MatrixXd r = Eigen::MatrixXd::Constant(system.design().order + 1, sums.n_voxels(), kNaN);
  for_tiles(sums.n_tiles(), n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
    TileSolver solver(system, sums.kernels());
    for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
      const Eigen::MatrixXd& own = solver.residual_autocovariances(sums.tile(tile));
      for (Eigen::Index v = tile * kWidth; v < std::min(r.cols(), (tile + 1) * kWidth); ++v)
        if (e.status[size_t(v)] == VoxelStatus::ok && own(v % kWidth, 0) > 0)
          r.col(v) = own.row(v % kWidth).transpose() / own(v % kWidth, 0);
    }
  });
  smoother.smooth(r, n_threads);
  return r;
}

/// The noise of a tile's voxels into the estimates.
/// @param smoothed  autocorrelations to use instead of the tile's own; empty: none.
void estimate_noise(const RunDesign& design, const NoiseModel& model, const double* tile,
                    double nilearn_mean, Eigen::Index first, const ArEstimator& estimator,
                    const Eigen::MatrixXd& smoothed, TileSolver& solver, RunEstimates& e) {
  Eigen::MatrixXd r;
  if (smoothed.size() > 0) {
    r.setConstant(kWidth, design.order + 1, kNaN);
    const Eigen::Index n = std::min(kWidth, smoothed.cols() - first);
    r.topRows(n) = smoothed.middleCols(first, n).transpose();
  } else {
    r = model.kind == NoiseModel::Kind::ar_nilearn
            ? solver.residual_autocovariances(tile, nilearn_mean)
            : solver.residual_autocovariances(tile);
  }
  for (Eigen::Index v = first; v < std::min(e.mean.size(), first + kWidth); ++v) {
    if (e.status[size_t(v)] != VoxelStatus::ok) continue;
    const ArCoefficients estimate = estimator(r.row(v - first).transpose());
    if (estimate.allFinite()) e.noise.col(v) = estimate;
  }
}

/// Posterior moments of a tile's voxels into the estimates.
class PosteriorWriter {
 public:
  explicit PosteriorWriter(const ArAverage& average, int order)
      : average_(average), sums_(order, average.n_columns()) {}

  void write(const double* tile, Eigen::Index first, TileSolver& solver, RunEstimates& e) {
    solver.residual_lag_sums(tile, sums_);
    const TileSolver::Row squares = sums_.lags.col(0);
    average_(sums_, mean_, covariance_);
    for (Eigen::Index v = first; v < std::min(e.mean.size(), first + kWidth); ++v) {
      if (e.status[size_t(v)] != VoxelStatus::ok || !(squares[v - first] > 0)) continue;
      const ArCoordinates eta = mean_.row(v - first).transpose();
      e.noise.col(v) << ar_coefficients(eta), covariance_.row(v - first).transpose().matrix();
    }
  }

 private:
  const ArAverage& average_;
  ResidualLagSums sums_;
  Eigen::ArrayXXd mean_, covariance_;
};

/// Noise that is in the estimates into the solver; white where there is none.
void set_known_noise(const NoiseModel& model, Eigen::Index first, const RunEstimates& e,
                     TileSolver& solver) {
  const Eigen::Index order = model.order;
  for (Eigen::Index lane = 0; lane < kWidth; ++lane) {
    const Eigen::Index v = first + lane;
    const bool known = v < e.noise.cols() && e.noise.col(v).allFinite();
    const ArCoefficients phi = known ? ArCoefficients(e.noise.col(v).head(order))
                                     : ArCoefficients(ArCoefficients::Zero(order));
    solver.set_noise(lane, phi);
    if (!model.averages) continue;
    const Eigen::Index n = order * (order + 1) / 2;
    solver.set_spread(lane, phi,
                      known ? ArSpread(e.noise.col(v).tail(n)) : ArSpread(ArSpread::Zero(n)));
  }
}

}  // namespace

RunResults empty_results(const RunDesign& design, const RunPlan& plan, Eigen::Index n_voxels) {
  RunResults results;
  RunEstimates& e = results.estimates;
  e.betas.resize(design.space.betas_from_coordinates().rows(), n_voxels);
  for (Eigen::VectorXd* map : {&e.residual_variance, &e.r_squared, &e.mean})
    map->setConstant(n_voxels, kNaN);
  e.noise.setConstant(Eigen::Index(plan.noise_model.parameter_names().size()), n_voxels, kNaN);
  e.status.assign(size_t(n_voxels), VoxelStatus::ok);
  results.values = allocate_values(plan.contrasts, n_voxels);
  return results;
}

void fill_results(RunResults& results, int n_threads) {
  auto arrays = arrays_of(results.values);
  arrays.push_back(all_of(results.estimates.betas));
  fill_with_nan(arrays, n_threads);
  results.filled = true;
}

RunResults fit_run(const RunDesign& design, LagSums sums, const RunPlan& plan) {
  RunResults results = empty_results(design, plan, sums.n_voxels());
  fit_run(design, std::move(sums), plan, results);
  return results;
}

void fit_run(const RunDesign& design, LagSums sums, const RunPlan& plan, RunResults& results) {
  require(sums.complete(), "every scan was added before the fit");
  const NoiseModel& model = plan.noise_model;
  const Scaling scaling = plan.scaling;
  const kernels::KernelSet& kernels = *plan.kernels;
  const Eigen::Index n_voxels = sums.n_voxels();
  RunEstimates& e = results.estimates;
  require(e.mean.size() == n_voxels && results.values.size() == plan.contrasts.size(),
          "results have room for every voxel and contrast");
  e.dof = design.dof - model.lost_dof();
  if (e.dof <= 0)
    fail(ErrorCode::bad_input,
         "{} scans are left for {} independent regressors and {} noise parameters: no degrees of "
         "freedom; use fewer regressors or a lower order",
         design.n_kept, design.rank(), model.lost_dof());
  const GlsSystem system(design, model, on_coordinates(design, plan.contrasts));
  const double nilearn_mean =
      look_at_voxels(design, sums, system, model, scaling, plan.n_threads, e);
  if (scaling == Scaling::grand) require_positive_grand_mean(e);

  std::unique_ptr<ArEstimator> estimator;
  std::unique_ptr<ArAverage> average;
  if (model.averages)
    average = std::make_unique<ArAverage>(design, kernels);
  else if (design.order > 0)
    estimator = std::make_unique<ArEstimator>(design, model);
  Eigen::MatrixXd smoothed;
  if (plan.smoother && design.order > 0)
    smoothed = smoothed_autocorrelations(sums, system, *plan.smoother, plan.n_threads, e);
  for_tiles(sums.n_tiles(), plan.n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
    TileSolver solver(system, kernels);
    TileWriter writer(system, plan.contrasts, kernels);
    std::vector<double> scaled;
    std::unique_ptr<PosteriorWriter> posterior;
    if (average) posterior = std::make_unique<PosteriorWriter>(*average, design.order);
    for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
      const Eigen::Index first = tile * kWidth, n = std::min(kWidth, n_voxels - first);
      const double* at = sums.tile(tile);
      if (!results.filled) fill_voxels(results, first, n);
      if (scaling != Scaling::none) {
        Eigen::ArrayXd factor = Eigen::ArrayXd::Constant(kWidth, 100 / e.grand_mean);
        if (scaling == Scaling::psc) factor.head(n) = 100 / e.mean.segment(first, n).array();
        rescale(sums.rows(), at, factor, scaling == Scaling::psc ? -100 : 0, scaled);
        at = scaled.data();
      }
      if (posterior)
        posterior->write(at, first, solver, e);
      else if (estimator)
        estimate_noise(design, model, at, nilearn_mean, first, *estimator, smoothed, solver, e);
      if (design.order > 0) set_known_noise(model, first, e, solver);
      solver.solve(at);
      writer.set_betas(solver);
      for (Eigen::Index v = first; v < first + n; ++v)
        if (put_fit(solver.residual_squares()[v - first], solver.total_squares()[v - first], v, e))
          writer.write_betas(v - first, e.betas.col(v));
      writer.write_contrasts(solver, first, e.residual_variance, results.values);
    }
    sums.forget(first_tile, last_tile);
  });
}

std::vector<ContrastValues> contrast_values(const RunDesign& design, const RunEstimates& estimates,
                                            const RunPlan& plan) {
  const NoiseModel& model = plan.noise_model;
  const auto& contrasts = plan.contrasts;
  const int n_threads = plan.n_threads;
  const Eigen::Index n_voxels = estimates.betas.cols();
  const kernels::KernelSet& kernels = *plan.kernels;
  if (model.pools())
    return values_from_covariances(
        contrasts, estimates, pooled_covariances(design, model, estimates, contrasts), n_threads);
  if (model.kind == NoiseModel::Kind::tukey)
    return values_from_covariances(
        contrasts, estimates, tapered_covariances(design, model, estimates, contrasts, n_threads),
        n_threads);
  if (model.kind == NoiseModel::Kind::arma11)
    return values_from_covariances(
        contrasts, estimates,
        arma_model(design, model, kernels)
            ->covariances(estimates.noise.row(0).transpose(), estimates.noise.row(1).transpose(),
                          on_coordinates(design, contrasts), n_threads),
        n_threads);
  auto values = empty_values(contrasts, n_voxels, n_threads);
  const GlsSystem system(design, model, on_coordinates(design, contrasts));
  for_tiles((n_voxels + kWidth - 1) / kWidth, n_threads,
            [&](Eigen::Index first_tile, Eigen::Index last_tile) {
              TileSolver solver(system, kernels);
              TileWriter writer(system, contrasts, kernels);
              for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
                const Eigen::Index first = tile * kWidth, n = std::min(kWidth, n_voxels - first);
                if (design.order > 0) set_known_noise(model, first, estimates, solver);
                solver.solve(nullptr);
                writer.set_betas(estimates.betas.middleCols(first, n));
                writer.write_contrasts(solver, first, estimates.residual_variance, values);
              }
            });
  return values;
}

}  // namespace sociometer
