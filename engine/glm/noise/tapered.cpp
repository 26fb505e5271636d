// tukey: voxelwise tapered autocorrelations, as in FILM.
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/noise/kinds.hpp"
#include "engine/glm/tapered_noise.hpp"
#include "engine/glm/voxel_judge.hpp"

namespace sociometer {
namespace {

class Tapered : public NoiseStrategy, private SeriesNoise {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::tukey; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "tukey") return {};
    return NoiseModel{.kind = kind()};
  }
  std::string name(const NoiseModel&) const override { return "tukey"; }
  std::string known_names() const override { return "tukey"; }
  std::vector<std::string> parameter_names(const NoiseModel& model) const override {
    std::vector<std::string> names;
    for (Eigen::Index k = 1; k < model.tukey_lags; ++k)
      names.push_back("autocorrelation" + std::to_string(k));
    return names;
  }
  /// Coordinates, residual squares and covariances, until they are betas.
  double work_bytes(const NoiseModel&, const NoiseWork& work) const override {
    return 8 * double(work.n_voxels) * double(work.rank + 2 + work.n_covariances);
  }
  void adapt(NoiseModel& model, const RunTiming& run) const override {
    if (model.tukey_lags == 0) model.tukey_lags = default_tukey_lags(run.n_scans);
    if (model.tukey_lags >= run.n_scans)
      fail(ErrorCode::usage, "the Tukey lags are {}, the run has {} scans", model.tukey_lags,
           run.n_scans);
  }
  NoiseDescription describe(const NoiseModel& model) const override {
    return {.tukey_lags = model.tukey_lags};
  }
  void exchange(NoiseModel& model, NoiseModelSettings& settings) const override {
    auto lags = double(model.tukey_lags);
    settings.number("tukey_lags", lags);
    model.tukey_lags = Eigen::Index(lags);
  }

  const SeriesNoise* series() const override { return this; }
  ContrastCovariances fit(const SeriesRun& run, RunEstimates& e) const override {
    const RunPlan& plan = run.plan;
    const Eigen::MatrixXd& to_betas = run.design.space.betas_from_coordinates();
    e.betas.setConstant(to_betas.rows(), e.mean.size(), kNaN);
    const TaperedModel tapered(run.design, plan.noise_model.tukey_lags);
    e.noise = tapered.autocorrelations(e.mean.size(), run.read, plan.n_threads);
    if (plan.smoother) plan.smoother->smooth(e.noise, plan.n_threads);
    auto fit =
        tapered.fit(e.noise, run.read, on_coordinates(run.design, plan.contrasts), plan.n_threads);
    for (Eigen::Index v = 0; v < e.mean.size(); ++v)
      if (put_fit(fit.residual_squares[v], fit.total_squares[v], v, e))
        e.betas.col(v) = to_betas * fit.coordinates.col(v);
    return {std::move(fit.covariances)};
  }
  ContrastCovariances covariances(const RunDesign& design, const RunEstimates& e,
                                  const RunPlan& plan) const override {
    return {TaperedModel(design, plan.noise_model.tukey_lags)
                .fit(e.noise, {}, on_coordinates(design, plan.contrasts), plan.n_threads)
                .covariances};
  }
  std::unique_ptr<const SeriesWhitening> whitening(const RunDesign& design, const RunPlan& plan,
                                                   const Eigen::VectorXd& noise) const override {
    if (!noise.allFinite()) return no_whitening();
    return std::make_unique<TaperedWhitening>(design, plan.noise_model.tukey_lags, noise);
  }
};

}  // namespace

const NoiseStrategy& tukey_noise() {
  static const Tapered noise;
  return noise;
}

}  // namespace sociometer
