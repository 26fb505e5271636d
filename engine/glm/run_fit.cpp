#include "engine/glm/run_fit.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "engine/core/error.hpp"
#include "engine/core/large_buffer.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/tile_solver.hpp"
#include "engine/glm/tiles.hpp"
#include "engine/glm/trial_fit.hpp"
#include "engine/glm/values_from_covariances.hpp"
#include "engine/glm/voxel_judge.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {

TrialResults empty_trials(const TrialPlan* plan, Eigen::Index n_voxels) {
  TrialResults out;
  if (!plan) return out;
  const auto n_trials = Eigen::Index(plan->model->parts().size());
  const auto fill = [&](Eigen::MatrixXd& values) {
    values.resize(n_trials, n_voxels);
    prefer_huge_pages(pages_of(values));
    values.setConstant(kNaN);
  };
  fill(out.amplitude);
  if (plan->with_variance) fill(out.variance);
  return out;
}

namespace {

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

/// Writes a tile's coefficients and contrasts to the positions of its voxels.
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
  /// Stored betas, one column per voxel.
  void set_betas(const Eigen::Ref<const Eigen::MatrixXd>& betas) {
    betas_.setZero(kWidth, betas.rows());
    betas_.topRows(betas.cols()) = betas.transpose();
  }
  void write_betas(Eigen::Index lane, Eigen::Ref<Eigen::VectorXd> out) const {
    out = betas_.row(lane).transpose();
  }
  /// Effects and covariances, starting at voxel `first`, of voxels with a residual variance.
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

/// NaN everywhere; all threads take part, as page faults of new memory cost more than writing.
void fill_with_nan(const std::vector<std::span<double>>& arrays, int n_threads) {
  constexpr size_t kPiece = 1 << 15;
  std::vector<std::span<double>> pieces;
  for (const auto& array : arrays) prefer_huge_pages(pages_of(array));
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

/// NaN for n voxels starting at `first`.
void fill_voxels(RunResults& results, Eigen::Index first, Eigen::Index n) {
  results.estimates.betas.middleCols(first, n).setConstant(kNaN);
  for (auto& v : results.values) {
    v.effect.middleCols(first, n).setConstant(kNaN);
    v.unit_covariance.middleCols(first, n).setConstant(kNaN);
    v.residual_variance.segment(first, n).setConstant(kNaN);
  }
}

}  // namespace

Scaling parse_scaling(const std::string& text) { return value_of<Scaling>(text, "scaling"); }

std::vector<ContrastValues> values_from_covariances(const std::vector<Eigen::MatrixXd>& contrasts,
                                                    const RunEstimates& estimates,
                                                    const ContrastCovariances& covariances,
                                                    int n_threads) {
  const Eigen::Index n_voxels = estimates.betas.cols();
  auto values = empty_values(contrasts, n_voxels, n_threads);
  for (size_t c = 0; c < covariances.dof.size(); ++c) values[c].dof = covariances.dof[c];
  for_tiles((n_voxels + kWidth - 1) / kWidth, n_threads,
            [&](Eigen::Index first_tile, Eigen::Index last_tile) {
              for (Eigen::Index v = first_tile * kWidth; v < std::min(n_voxels, last_tile * kWidth);
                   ++v) {
                if (std::isnan(estimates.residual_variance[v])) continue;
                for (size_t c = 0; c < contrasts.size(); ++c) {
                  values[c].effect.col(v).noalias() = contrasts[c] * estimates.betas.col(v);
                  values[c].unit_covariance.col(v) = covariances.unit[c].col(v);
                  values[c].residual_variance[v] = estimates.residual_variance[v];
                }
              }
            });
  return values;
}

std::string to_string(Scaling s) { return name_of(s); }

namespace {

/// Statistics of a voxel's series, from its sums.
SeriesFacts facts_of(const LagSums& sums, const double* lane, const RunDesign& design,
                     double mean) {
  const auto& rows = sums.rows();
  const double shift = lane[rows.shift_at * kWidth], squares = lane[rows.lags_at * kWidth];
  const double from_shift = mean - shift;  // the point about which squares are taken
  const double variance = squares / double(design.n_kept) - from_shift * from_shift;
  return {.mean = mean,
          .spread = std::sqrt(std::max(0.0, variance)),
          .finite = lane[rows.flaw_at * kWidth] == 0,
          .all_zero = shift == 0 && squares == 0};
}

/// Means and statuses.
void look_at_voxels(const RunDesign& design, const LagSums& sums, Scaling scaling, int n_threads,
                    RunEstimates& e) {
  using Row = TileSolver::Row;
  const Eigen::Index n_voxels = sums.n_voxels();
  for_tiles(sums.n_tiles(), n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
    for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
      const double* at = sums.tile(tile);
      Row mean = Row::Zero();
      for (Eigen::Index i = 0; i < design.n_working(); ++i)
        mean += design.constant_on_working[i] * Eigen::Map<const Row>(at + i * kWidth);
      mean =
          Eigen::Map<const Row>(at + sums.rows().shift_at * kWidth) + mean / double(design.n_kept);
      for (Eigen::Index v = tile * kWidth; v < std::min(n_voxels, (tile + 1) * kWidth); ++v) {
        const Eigen::Index lane = v % kWidth;
        put_series(facts_of(sums, at + lane, design, mean[lane]), scaling, v, e);
      }
    }
  });
  e.grand_mean = grand_mean(e);
}

/// The sums of a tile, scaled for the fit.
class TileScaling {
 public:
  TileScaling(Scaling scaling, const LagSums& sums, const RunEstimates& e)
      : scaling_(scaling), sums_(sums), e_(e) {}
  const double* operator()(Eigen::Index tile) {
    const double* at = sums_.tile(tile);
    if (scaling_ == Scaling::none) return at;
    const Eigen::Index first = tile * kWidth, n = std::min(kWidth, e_.mean.size() - first);
    Eigen::ArrayXd factor = Eigen::ArrayXd::Constant(kWidth, 100 / e_.grand_mean);
    if (scaling_ == Scaling::psc) factor.head(n) = 100 / e_.mean.segment(first, n).array();
    rescale(sums_.rows(), at, factor, scaling_ == Scaling::psc ? -100 : 0, scaled_);
    return scaled_.data();
  }

 private:
  Scaling scaling_;
  const LagSums& sums_;
  const RunEstimates& e_;
  std::vector<double> scaled_;
};

/// Products of the extras with a tile's series, from its sums.
void write_products(const RunDesign& design, const LagSums::Rows& rows, const double* sums,
                    Eigen::Index first, Eigen::MatrixXd& out) {
  using Row = TileSolver::Row;
  const Eigen::Index n = std::min(kWidth, out.cols() - first);
  const Eigen::Map<const Row> shift(sums + rows.shift_at * kWidth);
  for (Eigen::Index k = 0; k < design.n_extras; ++k) {
    const Eigen::Index column = design.n_modelled() + k;
    const Row product =
        Eigen::Map<const Row>(sums + column * kWidth) + shift * design.columns.col(column).sum();
    out.row(k).segment(first, n) = product.head(n).transpose().matrix();
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
  results.trials = empty_trials(plan.trials, n_voxels);
  if (plan.with_products) results.products.resize(design.n_extras, n_voxels);
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
  const Eigen::Index n_voxels = sums.n_voxels();
  const StreamedNoise& noise = streamed_noise(plan.noise_model);
  RunEstimates& e = results.estimates;
  require(e.mean.size() == n_voxels && results.values.size() == plan.contrasts.size(),
          "results have room for every voxel and contrast");
  const int lost = plan.noise_model.lost_dof();
  e.dof = design.dof - lost;
  if (e.dof <= 0)
    fail(ErrorCode::bad_input,
         "{} scans are left for {} independent regressors and {} noise parameters: no degrees of "
         "freedom; use fewer regressors or a lower order",
         design.n_kept, design.rank(), lost);
  const GlsSystem system(design, plan.noise_model, on_coordinates(design, plan.contrasts));
  look_at_voxels(design, sums, plan.scaling, plan.n_threads, e);
  if (plan.scaling == Scaling::grand) require_positive_grand_mean(e);
  const TileEstimators estimators = noise.estimators({sums, system, plan, e});
  std::optional<TrialFit> trials;
  if (plan.trials) trials.emplace(design, *plan.trials, &system);
  for_tiles(sums.n_tiles(), plan.n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
    TileSolver solver(system, *plan.kernels);
    TileWriter writer(system, plan.contrasts, *plan.kernels);
    TileScaling scaled(plan.scaling, sums, e);
    const EstimateTile estimate = estimators ? estimators() : EstimateTile();
    std::optional<TrialFit::Tiles> trial_tiles;
    if (trials) trial_tiles.emplace(*trials, *plan.kernels);
    for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
      const Eigen::Index first = tile * kWidth, n = std::min(kWidth, n_voxels - first);
      if (!results.filled) fill_voxels(results, first, n);
      const double* at = scaled(tile);
      if (estimate) estimate(at, first, solver, e);
      noise.set_known_noise(plan.noise_model, first, e, solver);
      solver.solve(at);
      writer.set_betas(solver);
      for (Eigen::Index v = first; v < first + n; ++v)
        if (put_fit(solver.residual_squares()[v - first], solver.total_squares()[v - first], v, e))
          writer.write_betas(v - first, e.betas.col(v));
      writer.write_contrasts(solver, first, e.residual_variance, results.values);
      if (trial_tiles) trial_tiles->solve(at, first, solver, e, results.trials);
      if (plan.with_products) write_products(design, sums.rows(), at, first, results.products);
    }
    sums.forget(first_tile, last_tile);
  });
}

std::vector<ContrastValues> contrast_values(const RunDesign& design, const RunEstimates& estimates,
                                            const RunPlan& plan) {
  const auto& contrasts = plan.contrasts;
  if (!plan.noise_model.streams())
    return values_from_covariances(
        contrasts, estimates, series_noise(plan.noise_model).covariances(design, estimates, plan),
        plan.n_threads);
  const StreamedNoise& noise = streamed_noise(plan.noise_model);
  const Eigen::Index n_voxels = estimates.betas.cols();
  auto values = empty_values(contrasts, n_voxels, plan.n_threads);
  const GlsSystem system(design, plan.noise_model, on_coordinates(design, contrasts));
  for_tiles((n_voxels + kWidth - 1) / kWidth, plan.n_threads,
            [&](Eigen::Index first_tile, Eigen::Index last_tile) {
              TileSolver solver(system, *plan.kernels);
              TileWriter writer(system, contrasts, *plan.kernels);
              for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
                const Eigen::Index first = tile * kWidth, n = std::min(kWidth, n_voxels - first);
                noise.set_known_noise(plan.noise_model, first, estimates, solver);
                solver.solve(nullptr);
                writer.set_betas(estimates.betas.middleCols(first, n));
                writer.write_contrasts(solver, first, estimates.residual_variance, values);
              }
            });
  return values;
}

}  // namespace sociometer
