// arma11: voxelwise ARMA(1,1) parameters by restricted maximum likelihood.
#include <memory>

#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/noise/kinds.hpp"
#include "engine/glm/voxel_judge.hpp"

namespace sociometer {
namespace {

/// ln|X'X| of the design relative to its orthonormal basis.
double log_det_gram(const EstimableSpace& space) {
  if (space.rank() == 0) return 0;
  const Eigen::MatrixXd& b = space.betas_from_coordinates();
  return -2 * b.colPivHouseholderQr().logAbsDeterminant();
}

/// The model of a run: its kept scans at their true distances, runs in one image separated.
std::unique_ptr<ArmaModel> model_of_run(const RunDesign& design, const RunPlan& plan) {
  // Far enough apart that correlations do not extend from one run to the next.
  constexpr int64_t kBetweenRuns = 66666;
  const NoiseModel& model = plan.noise_model;
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
                                     log_det_gram(design.space), shortest, *plan.kernels);
}

void take_voxels(const ArmaEstimates& a, const RunDesign& design, int n_threads, RunEstimates& e) {
  constexpr Eigen::Index kVoxelsAtATime = 256;
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

class Arma : public NoiseStrategy, private SeriesNoise {
 public:
  NoiseModel::Kind kind() const override { return NoiseModel::Kind::arma11; }
  std::optional<NoiseModel> parse(const std::string& name) const override {
    if (name != "arma11") return {};
    return NoiseModel{.kind = kind()};
  }
  std::string name(const NoiseModel&) const override { return "arma11"; }
  std::string known_names() const override { return "arma11"; }
  std::vector<std::string> parameter_names(const NoiseModel&) const override {
    return {"a", "b", "minus_two_log_likelihood"};
  }
  BetweenRuns between_runs() const override { return BetweenRuns::apart; }
  void exchange(NoiseModel& model, NoiseSettings& settings) const override {
    std::string search = to_string(model.arma.search);
    settings.text("arma_search", search);
    model.arma.search = parse_arma_search(search);
    settings.number("arma_cutoff", model.arma.cutoff);
    settings.indices("run_starts", model.run_starts);
  }

  const SeriesNoise* series() const override { return this; }
  /// Betas are computed at the end, when the memory of the search has been freed.
  std::vector<Eigen::MatrixXd> fit(const SeriesRun& run, RunEstimates& e) const override {
    const RunPlan& plan = run.plan;
    ArmaEstimates a =
        model_of_run(run.design, plan)
            ->fit(e.mean.size(), run.read_tile, on_coordinates(run.design, plan.contrasts),
                  plan.with_ljung_box, plan.n_threads, run.done, plan.smoother);
    take_voxels(a, run.design, plan.n_threads, e);
    if (plan.with_ljung_box) e.ljung_box = std::move(a.ljung_box);
    return std::move(a.covariances);
  }
  std::vector<Eigen::MatrixXd> covariances(const RunDesign& design, const RunEstimates& e,
                                           const RunPlan& plan) const override {
    return model_of_run(design, plan)
        ->covariances(e.noise.row(0).transpose(), e.noise.row(1).transpose(),
                      on_coordinates(design, plan.contrasts), plan.n_threads);
  }
};

}  // namespace

const NoiseStrategy& arma_noise() {
  static const Arma noise;
  return noise;
}

}  // namespace sociometer
