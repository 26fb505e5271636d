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

/// The kept scans of a run at their true distances, runs in one image separated.
struct ScanTimes {
  PseudoTimes times;
  Eigen::Index shortest;  ///< rows of the shortest run
};

ScanTimes times_of_run(const RunDesign& design, const NoiseModel& model) {
  // Far enough apart that correlations do not extend from one run to the next.
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
  return {std::move(times), shortest};
}

std::unique_ptr<ArmaModel> model_of_run(const RunDesign& design, const RunPlan& plan) {
  ScanTimes scans = times_of_run(design, plan.noise_model);
  return std::make_unique<ArmaModel>(design.space.basis(), std::move(scans.times),
                                     plan.noise_model.arma, log_det_gram(design.space),
                                     scans.shortest, *plan.kernels);
}

class ArmaSeriesWhitening : public SeriesWhitening {
 public:
  ArmaSeriesWhitening(const ArmaOptions& options, const ArmaParameters& p, const PseudoTimes& times)
      : whitening_(options.search == ArmaOptions::Search::afni
                       ? ArmaWhitening::truncated(p, times, options.cutoff)
                       : ArmaWhitening::exact(p, times)) {}
  Eigen::MatrixXd whiten(const Eigen::MatrixXd& columns) const override {
    return whitening_.whiten(columns.transpose()).transpose();
  }

 private:
  ArmaWhitening whitening_;
};

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
  double work_bytes(const NoiseModel& model, const NoiseWork& work) const override {
    return ArmaModel::fit_bytes(model.arma, work.n_scans, work.rank, work.n_voxels,
                                work.n_covariances);
  }
  BetweenRuns between_runs() const override { return BetweenRuns::apart; }
  NoiseDescription describe(const NoiseModel& model) const override { return {.arma = model.arma}; }
  void exchange(NoiseModel& model, NoiseModelSettings& settings) const override {
    std::string search = to_string(model.arma.search);
    settings.text("arma_search", search);
    model.arma.search = parse_arma_search(search);
    settings.number("arma_cutoff", model.arma.cutoff);
    settings.indices("run_starts", model.run_starts);
  }

  const SeriesNoise* series() const override { return this; }
  /// Betas are computed at the end, when the memory of the search has been freed.
  ContrastCovariances fit(const SeriesRun& run, RunEstimates& e) const override {
    const RunPlan& plan = run.plan;
    ArmaEstimates a =
        model_of_run(run.design, plan)
            ->fit(e.mean.size(), run.read_tile, on_coordinates(run.design, plan.contrasts),
                  plan.with_ljung_box, plan.n_threads, run.done, plan.smoother);
    take_voxels(a, run.design, plan.n_threads, e);
    if (plan.with_ljung_box) e.ljung_box = std::move(a.ljung_box);
    return {std::move(a.covariances)};
  }
  ContrastCovariances covariances(const RunDesign& design, const RunEstimates& e,
                                  const RunPlan& plan) const override {
    return {model_of_run(design, plan)
                ->covariances(e.noise.row(0).transpose(), e.noise.row(1).transpose(),
                              on_coordinates(design, plan.contrasts), plan.n_threads)};
  }
  std::unique_ptr<const SeriesWhitening> whitening(const RunDesign& design, const RunPlan& plan,
                                                   const Eigen::VectorXd& noise) const override {
    if (!noise.allFinite()) return no_whitening();
    return std::make_unique<ArmaSeriesWhitening>(plan.noise_model.arma,
                                                 ArmaParameters{noise[0], noise[1]},
                                                 times_of_run(design, plan.noise_model).times);
  }
};

}  // namespace

const NoiseStrategy& arma_noise() {
  static const Arma noise;
  return noise;
}

}  // namespace sociometer
