// ar1 .. ar5, also -corrected, -averaged and auto; ar1-nilearn. All are computed from lag sums.
#include <cmath>
#include <memory>

#include "engine/core/missing.hpp"
#include "engine/glm/ar_average.hpp"
#include "engine/glm/ar_estimator.hpp"
#include "engine/glm/noise/kinds.hpp"
#include "engine/glm/tiles.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

/// Residual autocorrelations at lags 0 .. order, smoothed over space: (order + 1, n_voxels).
Eigen::MatrixXd smoothed_autocorrelations(const StreamedRun& run) {
  const Eigen::Index order = run.system.design().order;
  Eigen::MatrixXd r = Eigen::MatrixXd::Constant(order + 1, run.sums.n_voxels(), kNaN);
  for_tiles(
      run.sums.n_tiles(), run.plan.n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
        TileSolver solver(run.system, *run.plan.kernels);
        for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
          const Eigen::MatrixXd& own = solver.residual_autocovariances(run.sums.tile(tile));
          for (Eigen::Index v = tile * kWidth; v < std::min(r.cols(), (tile + 1) * kWidth); ++v)
            if (run.estimates.status[size_t(v)] == VoxelStatus::ok && own(v % kWidth, 0) > 0)
              r.col(v) = own.row(v % kWidth).transpose() / own(v % kWidth, 0);
        }
      });
  run.plan.smoother->smooth(r, run.plan.n_threads);
  return r;
}

/// Coefficients of each voxel from the autocovariances of its residuals.
/// @param residuals  (tile, solver) -> autocovariances of the tile's voxels.
/// @param estimator  autocovariances -> coefficients; NaN where there is no residual.
template <typename Residuals, typename Estimator>
TileEstimators coefficient_estimators(const StreamedRun& run, Residuals residuals,
                                      Estimator estimator) {
  std::shared_ptr<const Eigen::MatrixXd> smoothed;  // instead of a tile's own
  if (run.plan.smoother)
    smoothed = std::make_shared<const Eigen::MatrixXd>(smoothed_autocorrelations(run));
  const auto estimate = [=](const double* tile, Eigen::Index first, TileSolver& solver,
                            RunEstimates& e) {
    Eigen::MatrixXd r;
    if (smoothed) {
      r.setConstant(kWidth, smoothed->rows(), kNaN);
      const Eigen::Index n = std::min(kWidth, smoothed->cols() - first);
      r.topRows(n) = smoothed->middleCols(first, n).transpose();
    } else {
      r = residuals(tile, solver);
    }
    for (Eigen::Index v = first; v < std::min(e.mean.size(), first + kWidth); ++v) {
      if (e.status[size_t(v)] != VoxelStatus::ok) continue;
      const ArCoefficients phi = estimator(r.row(v - first).transpose());
      if (phi.allFinite()) e.noise.col(v) = phi;
    }
  };
  return [estimate] { return EstimateTile(estimate); };
}

/// Writes posterior moments of a tile's voxels into the estimates.
class PosteriorWriter {
 public:
  PosteriorWriter(const ArAverage& average, int order)
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

TileEstimators posterior_estimators(const StreamedRun& run) {
  const RunDesign& design = run.system.design();
  const auto average = std::make_shared<const ArAverage>(design, *run.plan.kernels);
  return [average, order = design.order] {
    const auto writer = std::make_shared<PosteriorWriter>(*average, order);
    return EstimateTile(
        [average, writer](const double* tile, Eigen::Index first, TileSolver& solver,
                          RunEstimates& e) { writer->write(tile, first, solver, e); });
  };
}

/// The common part of all autoregressive models.
class AutoregressiveBase : public NoiseStrategy, protected StreamedNoise {
 public:
  const StreamedNoise* streamed() const override { return this; }
  std::vector<std::string> parameter_names(const NoiseModel& model) const override {
    std::vector<std::string> names;
    for (int k = 1; k <= model.order; ++k) names.push_back("ar" + std::to_string(k));
    if (!model.averages) return names;
    for (int i = 1; i <= model.order; ++i)
      for (int k = 1; k <= i; ++k)
        names.push_back("covariance" + std::to_string(i) + std::to_string(k));
    return names;
  }
  void set_known_noise(const NoiseModel& model, Eigen::Index first, const RunEstimates& e,
                       TileSolver& solver) const override {
    const Eigen::Index order = model.order, n_spread = order * (order + 1) / 2;
    Eigen::ArrayXXd phis = Eigen::ArrayXXd::Zero(kWidth, order),
                    spreads = Eigen::ArrayXXd::Zero(kWidth, n_spread);
    for (Eigen::Index lane = 0; lane < kWidth; ++lane) {
      const Eigen::Index v = first + lane;
      const bool known = v < e.noise.cols() && e.noise.col(v).allFinite();
      const ArCoefficients phi = known ? ArCoefficients(e.noise.col(v).head(order))
                                       : ArCoefficients(ArCoefficients::Zero(order));
      solver.set_noise(lane, phi);
      if (!model.averages || !known) continue;
      phis.row(lane) = phi.transpose();
      spreads.row(lane) = e.noise.col(v).tail(n_spread).transpose();
    }
    if (model.averages) solver.set_spread(phis, spreads);
  }
};

class Autoregressive : public AutoregressiveBase {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::ar; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name == "auto")
      return NoiseModel{
          .kind = kind(), .order = kMaxArOrder, .corrects_bias = true, .chooses_order = true};
    if (name.size() < 3 || !name.starts_with("ar") || name[2] < '1' || name[2] > '0' + kMaxArOrder)
      return {};
    const std::string how = name.substr(3);
    if (!how.empty() && how != "-corrected" && how != "-averaged") return {};
    return NoiseModel{.kind = kind(),
                      .order = name[2] - '0',
                      .corrects_bias = how == "-corrected",
                      .averages = how == "-averaged"};
  }
  std::string name(const NoiseModel& model) const override {
    if (model.chooses_order) return "auto";
    return "ar" + std::to_string(model.order) +
           (model.corrects_bias ? "-corrected"
            : model.averages    ? "-averaged"
                                : "");
  }
  std::string known_names() const override {
    return "ar1 .. ar5, ar1-corrected .. ar5-corrected, ar1-averaged .. ar5-averaged, auto";
  }
  bool can_smooth(const NoiseModel& model) const override { return !model.averages; }
  NoiseDescription describe(const NoiseModel& model) const override {
    if (model.averages) return {.averages = true};
    return {.corrects_bias = model.corrects_bias};
  }
  int lost_dof(const NoiseModel& model) const override { return model.averages ? model.order : 0; }

 protected:
  TileEstimators estimators(const StreamedRun& run) const override {
    if (run.plan.noise_model.averages) return posterior_estimators(run);
    const auto estimator =
        std::make_shared<const ArEstimator>(run.system.design(), run.plan.noise_model);
    return coefficient_estimators(
        run,
        [](const double* tile, TileSolver& solver) -> const Eigen::MatrixXd& {
          return solver.residual_autocovariances(tile);
        },
        [estimator](const Autocovariances& r) { return (*estimator)(r); });
  }
};

/// Mean of the residuals over all voxels and scans.
double mean_residual(const StreamedRun& run) {
  const Eigen::Index n_voxels = run.sums.n_voxels();
  Eigen::VectorXd sums = Eigen::VectorXd::Zero(n_voxels);
  for_tiles(
      run.sums.n_tiles(), run.plan.n_threads, [&](Eigen::Index first_tile, Eigen::Index last_tile) {
        TileSolver solver(run.system, *run.plan.kernels);
        for (Eigen::Index tile = first_tile; tile < last_tile; ++tile) {
          const TileSolver::Row residual = solver.residual_sums(run.sums.tile(tile));
          for (Eigen::Index v = tile * kWidth; v < std::min(n_voxels, (tile + 1) * kWidth); ++v)
            if (run.estimates.status[size_t(v)] == VoxelStatus::ok) sums[v] = residual[v % kWidth];
        }
      });
  return sums.sum() / double(n_voxels * run.system.design().n_kept);
}

/// AR(1) as in nilearn, for comparison: the mean residual over all voxels is subtracted, the
/// coefficient is truncated to 1/100, and the first scan is not rescaled.
class NilearnAutoregressive : public AutoregressiveBase {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::ar_nilearn; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "ar1-nilearn") return {};
    return NoiseModel{.kind = kind(), .order = 1};
  }
  std::string name(const NoiseModel&) const override { return "ar1-nilearn"; }
  std::string known_names() const override { return "ar1-nilearn"; }

 protected:
  bool rescales_first_scans() const override { return false; }
  TileEstimators estimators(const StreamedRun& run) const override {
    return coefficient_estimators(
        run,
        [mean = mean_residual(run)](const double* tile, TileSolver& solver)
            -> const Eigen::MatrixXd& { return solver.residual_autocovariances(tile, mean); },
        [](const Autocovariances& r) -> ArCoefficients {
          if (!(r[0] > 0) || !r.allFinite()) return ArCoefficients::Constant(1, kNaN);
          return ArCoefficients::Constant(1, std::trunc(r[1] / r[0] * 100) / 100);
        });
  }
};

}  // namespace

const NoiseStrategy& autoregressive_noise() {
  static const Autoregressive noise;
  return noise;
}

const NoiseStrategy& nilearn_noise() {
  static const NilearnAutoregressive noise;
  return noise;
}

}  // namespace sociometer
