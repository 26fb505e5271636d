// False-positive rates and power of noise models on simulated runs. Usage:
//   calibration [DESIGNS] [VOXELS_PER_DESIGN] [MODEL ..]
// Prints a Markdown table for each kind of noise; for what is simulated and why see
// bench/CALIBRATION.md.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/calibration/null_runs.hpp"
#include <fmt/format.h>

#include "engine/core/parallel.hpp"
#include "engine/glm/contrast_statistics.hpp"

namespace {

using namespace sociometer;
using namespace sociometer::calibration;

constexpr Scanning kPlain{240, 2.0}, kMultiband{600, 0.8};

struct Scenario {
  const char* name;
  Scanning scanning;
  Noise noise;
};
const std::vector<Scenario> kScenarios{{"AR(1) + white", kPlain, ar_plus_white},
                                       {"1/f-like", kPlain, one_over_f},
                                       {"physiological peaks", kPlain, physiological},
                                       {"multiband, TR 0.8 s", kMultiband, physiological}};

/// z of the task regressor, with `response` added to every voxel.
///
/// A response that the design has exactly changes no residual, hence neither variances nor degrees
/// of freedom: the effects move by it. (spm-ar1 and spm-fast choose voxels by their F; the choice
/// is that of null voxels here.)
Eigen::VectorXd z_of(TaskFit fit, double response) {
  fit.values.effect.array() += response;
  ResolvedContrast contrast;
  contrast.rows = {Eigen::MatrixXd::Ones(1, 1)};
  contrast.why_not = {""};
  return combine_runs(contrast, {&fit.values}, {fit.dof}, FixedEffects::equal, 1).z;
}

/// Runs of one scenario and paradigm, fitted with one model.
Rates run_cell(const Scenario& scenario, const Paradigm& paradigm, const NoiseModel& model,
               Eigen::Index n_designs, Eigen::Index n_voxels) {
  constexpr double kResponse = 3;  // standard errors under white noise of the same variance
  std::vector<Eigen::VectorXd> null(static_cast<size_t>(n_designs)), responding(null.size());
  parallel_for(n_designs, available_threads(), [&](Eigen::Index d) {
    const Eigen::MatrixXd x = make_design(scenario.scanning, paradigm, uint64_t(d));
    const Eigen::MatrixXd y = make_series(scenario.noise, scenario.scanning, uint64_t(d), n_voxels);
    const TaskFit fit = fit_task(model, x, y);
    null[size_t(d)] = z_of(fit, 0);
    responding[size_t(d)] = z_of(fit, kResponse / task_length(x));
  });
  Rates rates;
  for (size_t d = 0; d < null.size(); ++d) rates.add_unit(null[d], responding[d]);
  return rates;
}

void print_table(const Scenario& scenario, const std::vector<std::string>& models,
                 Eigen::Index n_designs, Eigen::Index n_voxels) {
  fmt::print("\n{}:\n\n| model |", scenario.name);
  for (const auto& p : kParadigms) fmt::print(" {} .05 | .001 | SD of z | power |", p.name);
  fmt::print("\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& name : models) {
    fmt::print("| {} |", name);
    const NoiseModel model = model_of(name, scenario.scanning);
    for (const auto& paradigm : kParadigms) {
      const Rates r = run_cell(scenario, paradigm, model, n_designs, n_voxels);
      fmt::print(" {} | {:.4f} | {:.3f} | {:.3f} |", text_of(r.rate(0.05)), r.rate(0.001).rate,
                 r.sd_of_z(), r.power(0.05));
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Eigen::Index n_designs = argc > 1 ? std::stol(argv[1]) : 40;
  const Eigen::Index n_voxels = argc > 2 ? std::stol(argv[2]) : 1000;
  std::vector<std::string> models(argv + std::min(argc, 3), argv + argc);
  if (models.empty())
    models = {"ols",           "ar1-nilearn",   "ar1",           "ar1-corrected",
              "ar2-corrected", "ar3-corrected", "ar4-corrected", "ar5-corrected",
              "auto",          "arma11",        "ar4-averaged",  "mixture"};
  fmt::print("{} designs of {} null voxels per cell.\n", n_designs, n_voxels);
  for (const auto& scenario : kScenarios) print_table(scenario, models, n_designs, n_voxels);
  return 0;
}
