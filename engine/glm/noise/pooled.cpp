// spm-ar1, spm-fast: one covariance for all voxels of a run, as in SPM.
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/noise/kinds.hpp"
#include "engine/glm/pooled_noise.hpp"
#include "engine/glm/voxel_judge.hpp"

namespace sociometer {
namespace {

/// Columns of interest: the flagged ones, or else all that vary.
std::vector<uint8_t> interest(const RunDesign& design) {
  if (!design.interest_columns.empty()) return design.interest_columns;
  std::vector<uint8_t> flags;
  for (Eigen::Index c = 0; c < design.design.cols(); ++c)
    flags.push_back((design.design.col(c).array() != design.design(0, c)).any() &&
                    (design.drift_columns.empty() || !design.drift_columns[size_t(c)]));
  return flags;
}

/// Estimates the covariance from the voxels that respond to the task, by restricted maximum
/// likelihood of its components' weights, then fits all voxels by least squares whitened with it.
class Pooled : public NoiseStrategy, private SeriesNoise {
 public:
  bool pools() const override { return true; }
  bool can_smooth(const NoiseModel&) const override { return false; }

  /// Betas and residual squares once more, covariances, and matrices of scans by scans: one for
  /// each component, and those that restricted maximum likelihood makes of them.
  double work_bytes(const NoiseModel& model, const NoiseWork& work) const override {
    const auto n_parts = double(parameter_names(model).size() + 1);
    return 8 * double(work.n_voxels) * double(work.rank + 2 + work.n_covariances) +
           8 * double(work.n_scans) * double(work.n_scans) * (2 * n_parts + 6);
  }

  const SeriesNoise* series() const override { return this; }
  ContrastCovariances fit(const SeriesRun& run, RunEstimates& e) const override {
    constexpr double kResponds = 0.001;  // SPM's UFp
    const RunPlan& plan = run.plan;
    const RunDesign& design = run.design;
    const Eigen::Index n_voxels = e.mean.size();
    e.betas.setConstant(design.space.betas_from_coordinates().rows(), n_voxels, kNaN);
    const auto parts = components(design, plan.noise_model);
    const Eigen::VectorXd stored = stored_weights(
        positive_definite_weights(pooled_covariance(design.design, interest(design), n_voxels,
                                                    run.read, kResponds, plan.n_threads),
                                  design.design, parts, prior_precision()));
    const auto fit = PooledWhitening(design, covariance_of(parts, stored))
                         .fit(n_voxels, run.read, *plan.kernels, plan.n_threads);
    for (Eigen::Index v = 0; v < n_voxels; ++v) {
      if (e.status[size_t(v)] == VoxelStatus::ok) e.noise.col(v) = stored;
      if (put_fit(fit.residual_squares[v], fit.total_squares[v], v, e))
        e.betas.col(v) = fit.betas.col(v);
    }
    return covariances(design, e, plan);
  }
  ContrastCovariances covariances(const RunDesign& design, const RunEstimates& e,
                                  const RunPlan& plan) const override {
    std::vector<Eigen::MatrixXd> out;
    Eigen::Index fitted = 0;  // every fitted voxel has the same weights
    while (fitted < e.noise.cols() && !std::isfinite(e.noise(0, fitted))) ++fitted;
    std::vector<Eigen::VectorXd> one;
    if (fitted < e.noise.cols())
      one = PooledWhitening(
                design, covariance_of(components(design, plan.noise_model), e.noise.col(fitted)))
                .covariances(plan.contrasts);
    for (size_t c = 0; c < plan.contrasts.size(); ++c) {
      const Eigen::Index q = plan.contrasts[c].rows(), n = q * (q + 1) / 2;
      out.push_back(one.empty() ? Eigen::MatrixXd::Constant(n, e.mean.size(), kNaN)
                                : Eigen::MatrixXd(one[c].replicate(1, e.mean.size())));
    }
    return {out};
  }

  std::unique_ptr<const SeriesWhitening> whitening(const RunDesign& design, const RunPlan& plan,
                                                   const Eigen::VectorXd& noise) const override;

 protected:
  using Components = std::vector<Eigen::MatrixXd>;
  /// The components of V for the kept scans of a run.
  virtual Components components(const RunDesign& design, const NoiseModel& model) const = 0;
  /// Precision of a normal prior of each weight about 0; 0: none.
  virtual double prior_precision() const = 0;
  /// The stored form of the components' weights, and V computed from it.
  virtual Eigen::VectorXd stored_weights(const Eigen::VectorXd& weights) const = 0;
  virtual Eigen::MatrixXd covariance_of(const Components& parts,
                                        const Eigen::VectorXd& stored) const = 0;
};

class PooledSeriesWhitening : public SeriesWhitening {
 public:
  PooledSeriesWhitening(const RunDesign& design, const Eigen::MatrixXd& covariance)
      : whitening_(design, covariance) {}
  Eigen::MatrixXd whiten(const Eigen::MatrixXd& columns) const override {
    return whitening_.matrix() * columns;
  }

 private:
  PooledWhitening whitening_;
};

std::unique_ptr<const SeriesWhitening> Pooled::whitening(const RunDesign& design,
                                                         const RunPlan& plan,
                                                         const Eigen::VectorXd& noise) const {
  if (!noise.allFinite()) return no_whitening();
  return std::make_unique<PooledSeriesWhitening>(
      design, covariance_of(components(design, plan.noise_model), noise));
}

class SpmAr1 : public Pooled {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::spm_ar1; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "spm-ar1") return {};
    return NoiseModel{.kind = kind()};
  }
  std::string name(const NoiseModel&) const override { return "spm-ar1"; }
  std::string known_names() const override { return "spm-ar1"; }
  std::vector<std::string> parameter_names(const NoiseModel&) const override {
    return {"derivative_weight"};
  }

 protected:
  Components components(const RunDesign& design, const NoiseModel&) const override {
    return ar_components(list_kept_scans(design));
  }
  double prior_precision() const override { return 0; }
  /// The second weight relative to the first.
  Eigen::VectorXd stored_weights(const Eigen::VectorXd& h) const override {
    return Eigen::VectorXd::Constant(1, h[1] / h[0]);
  }
  Eigen::MatrixXd covariance_of(const Components& parts,
                                const Eigen::VectorXd& stored) const override {
    return parts[0] + stored[0] * parts[1];
  }
};

class SpmFast : public Pooled {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::spm_fast; }
  bool needs_equal_times() const override { return true; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "spm-fast") return {};
    return NoiseModel{.kind = kind()};
  }
  std::string name(const NoiseModel&) const override { return "spm-fast"; }
  std::string known_names() const override { return "spm-fast"; }
  std::vector<std::string> parameter_names(const NoiseModel&) const override {
    std::vector<std::string> names;
    for (int i = 1; i <= kFastComponents; ++i) names.push_back("weight" + std::to_string(i));
    return names;
  }
  void exchange(NoiseModel& model, NoiseModelSettings& settings) const override {
    settings.number("repetition_time_s", model.tr_s);
  }

 protected:
  Components components(const RunDesign& design, const NoiseModel& model) const override {
    if (!(model.tr_s > 0))
      fail(ErrorCode::bad_input,
           "spm-fast needs the time between scans, which is not known; give the repetition time");
    return fast_components(list_kept_scans(design), model.tr_s);
  }
  double prior_precision() const override { return kFastPriorPrecision; }
  Eigen::VectorXd stored_weights(const Eigen::VectorXd& h) const override { return h; }
  Eigen::MatrixXd covariance_of(const Components& parts,
                                const Eigen::VectorXd& stored) const override {
    Eigen::MatrixXd v = stored[0] * parts[0];
    for (size_t i = 1; i < parts.size(); ++i) v += stored[Eigen::Index(i)] * parts[i];
    return v;
  }
};

}  // namespace

const NoiseStrategy& spm_ar1_noise() {
  static const SpmAr1 noise;
  return noise;
}

const NoiseStrategy& spm_fast_noise() {
  static const SpmFast noise;
  return noise;
}

}  // namespace sociometer
