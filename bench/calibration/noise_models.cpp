// False-positive rates and power of noise models on simulated runs. Usage:
//   calibration [DESIGNS] [VOXELS_PER_DESIGN] [MODEL ..] [--only TEXT]
// --only: the kinds of runs whose name has the text.
// Prints a Markdown table for each kind of noise, and after the line "<!-- summary -->" one of all
// cells together; for what is simulated and why see bench/CALIBRATION.md.
#include <algorithm>
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

struct Scenario {
  const char* name;
  Scanning scanning;
  Noise noise;
};
const std::vector<Scenario> kScenarios{
    {"AR(1) + white, 240 scans of 2 s", {240, 2.0}, ar_plus_white},
    {"AR(1) + white, 80 scans of 2 s", {80, 2.0}, ar_plus_white},
    {"1/f-like, 240 scans of 2 s", {240, 2.0}, one_over_f},
    {"1/f-like, 200 scans of 3 s", {200, 3.0}, one_over_f},
    {"physiological peaks, 240 scans of 2 s", {240, 2.0}, physiological},
    {"physiological peaks, 600 scans of 0.8 s", {600, 0.8}, physiological},
    {"physiological peaks, 1200 scans of 0.5 s", {1200, 0.5}, physiological},
    {"steps, 240 scans of 2 s", {240, 2.0}, with_steps},
    {"heavy tails, 240 scans of 2 s", {240, 2.0}, heavy_tailed},
    {"changing variance, 240 scans of 2 s", {240, 2.0}, changing_variance}};

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

struct Cell {
  std::string name;
  Rates::Rate at_05, power;
  double at_001, sd_of_z;
};

/// @param cells  [model]: gets the table's.
void print_table(const Scenario& scenario, const std::vector<std::string>& models,
                 Eigen::Index n_designs, Eigen::Index n_voxels,
                 std::vector<std::vector<Cell>>& cells) {
  fmt::print(
      "\n{}:\n\n| task | model | .05 | .001 | SD of z | power |\n|---|---|---|---|---|---|\n",
      scenario.name);
  for (const auto& paradigm : kParadigms)
    for (size_t m = 0; m < models.size(); ++m) {
      const NoiseModel model = model_of(models[m], scenario.scanning);
      const Rates r = run_cell(scenario, paradigm, model, n_designs, n_voxels);
      const Cell cell{fmt::format("{}, {}", scenario.name, paradigm.name), r.rate(0.05),
                      r.power(0.05), r.rate(0.001).rate, r.sd_of_z()};
      fmt::print("| {} | {} | {} | {:.4f} | {:.3f} | {} |\n", paradigm.name, models[m],
                 text_of(cell.at_05), cell.at_001, cell.sd_of_z, text_of(cell.power));
      std::fflush(stdout);
      cells[m].push_back(cell);
    }
}

/// Number of cells in which a model finds fewer responses than the best of all models, by more than
/// two standard errors of the two.
Eigen::Index cells_with_less_power(const std::vector<std::vector<Cell>>& cells, size_t model) {
  Eigen::Index n = 0;
  for (size_t c = 0; c < cells[model].size(); ++c) {
    const Rates::Rate mine = cells[model][c].power;
    n += std::ranges::any_of(cells, [&](const std::vector<Cell>& other) {
      const Rates::Rate best = other[c].power;
      return best.rate - mine.rate > 2 * std::hypot(best.error, mine.error);
    });
  }
  return n;
}

void print_summary(const std::vector<std::string>& models,
                   const std::vector<std::vector<Cell>>& cells) {
  fmt::print("\n<!-- summary -->\n\n{} cells.\n\n", cells[0].size());
  fmt::print(
      "| model | .05: mean | in .045 to .055 | largest | .001: mean | in .0007 to .0014 | SD of z "
      "| "
      "power: mean | cells with less than the best |\n|---|---|---|---|---|---|---|---|---|\n");
  for (size_t m = 0; m < models.size(); ++m) {
    double at_05 = 0, at_001 = 0, power = 0, least_sd = INFINITY, most_sd = 0;
    int good_05 = 0, good_001 = 0;
    const Cell* worst = &cells[m][0];
    for (const Cell& cell : cells[m]) {
      const auto n = double(cells[m].size());
      at_05 += cell.at_05.rate / n;
      at_001 += cell.at_001 / n;
      power += cell.power.rate / n;
      good_05 += cell.at_05.rate >= .045 && cell.at_05.rate <= .055;
      good_001 += cell.at_001 >= .0007 && cell.at_001 <= .0014;
      least_sd = std::min(least_sd, cell.sd_of_z);
      most_sd = std::max(most_sd, cell.sd_of_z);
      if (cell.at_05.rate > worst->at_05.rate) worst = &cell;
    }
    fmt::print(
        "| {} | {:.4f} | {} | {:.4f} ({}) | {:.4f} | {} | {:.3f} to {:.3f} | {:.3f} | {} |\n",
        models[m], at_05, good_05, worst->at_05.rate, worst->name, at_001, good_001, least_sd,
        most_sd, power, cells_with_less_power(cells, m));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Eigen::Index n_designs = argc > 1 ? std::stol(argv[1]) : 40;
  const Eigen::Index n_voxels = argc > 2 ? std::stol(argv[2]) : 1000;
  std::vector<std::string> models(argv + std::min(argc, 3), argv + argc);
  std::string only;
  if (const auto at = std::ranges::find(models, "--only");
      at != models.end() && at + 1 != models.end()) {
    only = *(at + 1);
    models.erase(at, at + 2);
  }
  if (models.empty())
    models = {"ols",           "ar1-nilearn",   "ar1",           "ar1-corrected",
              "ar2-corrected", "ar3-corrected", "ar4-corrected", "ar5-corrected",
              "auto",          "arma11",        "ar4-averaged",  "mixture"};
  fmt::print("{} designs of {} null voxels per cell.\n", n_designs, n_voxels);
  std::vector<std::vector<Cell>> cells(models.size());
  for (const auto& scenario : kScenarios)
    if (std::string_view(scenario.name).find(only) != std::string_view::npos)
      print_table(scenario, models, n_designs, n_voxels, cells);
  if (cells[0].empty()) {
    fmt::print(stderr, "no kind of runs has '{}' in its name\n", only);
    return 2;
  }
  print_summary(models, cells);
  return 0;
}
