// False-positive rates and power of fixed effects over runs, on simulated runs. Usage:
//   calibration_of_runs [PARTICIPANTS] [VOXELS] [MODEL ..]
// Prints a Markdown table for each kind of noise; for what is simulated and why see
// bench/CALIBRATION.md.
#include <array>
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

constexpr std::array<size_t, 3> kRuns{2, 4, 12};
constexpr FixedEffects kWays[] = {FixedEffects::equal, FixedEffects::precision, FixedEffects::meier,
                                  FixedEffects::pooled};

struct Scenario {
  const char* name;
  Scanning scanning;
  Noise noise;
};
const std::vector<Scenario> kScenarios{{"white noise, 150 scans", {150, 2}, white_noise},
                                       {"white noise, 100 scans", {100, 2}, white_noise},
                                       {"white noise, 60 scans", {60, 2}, white_noise},
                                       {"AR(1) + white, 150 scans", {150, 2}, ar_plus_white},
                                       {"1/f-like, 150 scans", {150, 2}, one_over_f}};

/// The runs of a participant: fits, and the response that one run alone would show at t = 3.
struct Participant {
  std::vector<TaskFit> runs;
  double response = 0;
};

Participant fit_participant(const Scenario& scenario, const NoiseModel& model, Eigen::Index number,
                            Eigen::Index n_voxels) {
  Participant out;
  double precision = 0;
  for (size_t r = 0; r < kRuns.back(); ++r) {
    const uint64_t run = 1000 * uint64_t(number + 1) + r;
    const Eigen::MatrixXd x = make_design(scenario.scanning, kHalfMinutes, run);
    out.runs.push_back(
        fit_task(model, x, make_series(scenario.noise, scenario.scanning, run, n_voxels)));
    precision += std::pow(task_length(x), 2) / double(kRuns.back());
  }
  out.response = 3 / std::sqrt(precision);
  return out;
}

/// Runs whose noise differs: standard deviations by exp(.3 n), those of single voxels by exp(.1 n).
void make_unequal(Participant& p, Eigen::Index number) {
  const CounterRandom random(2028, uint64_t(number));
  Draws draws(random, 1);
  for (auto& run : p.runs) {
    const double of_run = std::exp(0.3 * draws.normal());
    for (Eigen::Index v = 0; v < run.values.effect.cols(); ++v) {
      const double factor = of_run * std::exp(0.1 * draws.normal());
      run.values.effect.col(v) *= factor;
      run.values.residual_variance[v] *= factor * factor;
    }
  }
}

/// z over the first runs, with a response of which these runs together would show t = 3.
Eigen::VectorXd z_of(Participant p, size_t n_runs, FixedEffects how, bool responds) {
  ResolvedContrast contrast;
  std::vector<const ContrastValues*> values;
  std::vector<double> dof;
  for (size_t r = 0; r < n_runs; ++r) {
    if (responds) p.runs[r].values.effect.array() += p.response / std::sqrt(double(n_runs));
    contrast.rows.push_back(Eigen::MatrixXd::Ones(1, 1));
    contrast.why_not.emplace_back();
    values.push_back(&p.runs[r].values);
    dof.push_back(p.runs[r].dof);
  }
  return combine_runs(contrast, values, dof, how, 1).z;
}

/// Mean over voxels of the scatter of all runs' effects about their mean by precision, relative to
/// what the runs' variances say: Cochran's Q over its degrees of freedom.
double scatter_of(const Participant& p) {
  double sum = 0;
  const Eigen::Index n_voxels = p.runs[0].values.effect.cols();
  for (Eigen::Index v = 0; v < n_voxels; ++v) {
    double w = 0, wb = 0, wbb = 0;
    for (const auto& run : p.runs) {
      const auto& c = run.values;
      const double one = 1 / (c.unit_covariance(0, v) * c.residual_variance[v]), b = c.effect(0, v);
      w += one;
      wb += one * b;
      wbb += one * b * b;
    }
    sum += (wbb - wb * wb / w) / double(p.runs.size() - 1);
  }
  return sum / double(n_voxels);
}

/// Rates by equal or unequal runs, way of combining them, and number of runs.
struct Table {
  Rates rates[2][std::size(kWays)][kRuns.size()];
  double scatter = 0;
};

Table run_model(const Scenario& scenario, const NoiseModel& model, Eigen::Index n_participants,
                Eigen::Index n_voxels) {
  struct Z {
    Eigen::VectorXd null, responding;
  };
  struct Unit {
    Z z[2][std::size(kWays)][kRuns.size()];
    double scatter;
  };
  std::vector<Unit> units(static_cast<size_t>(n_participants));
  parallel_for(n_participants, available_threads(), [&](Eigen::Index i) {
    Participant p = fit_participant(scenario, model, i, n_voxels);
    units[size_t(i)].scatter = scatter_of(p);
    for (size_t unequal : {0u, 1u}) {
      if (unequal) make_unequal(p, i);
      for (size_t way = 0; way < std::size(kWays); ++way)
        for (size_t n = 0; n < kRuns.size(); ++n)
          units[size_t(i)].z[unequal][way][n] = {z_of(p, kRuns[n], kWays[way], false),
                                                 z_of(p, kRuns[n], kWays[way], true)};
    }
  });
  Table table;
  for (const auto& unit : units) {
    table.scatter += unit.scatter / double(n_participants);
    for (size_t unequal : {0u, 1u})
      for (size_t way = 0; way < std::size(kWays); ++way)
        for (size_t n = 0; n < kRuns.size(); ++n) {
          const Z& z = unit.z[unequal][way][n];
          table.rates[unequal][way][n].add_unit(z.null, z.responding);
        }
  }
  return table;
}

void print_model(const std::string& name, const Table& table) {
  for (size_t unequal : {0u, 1u})
    for (size_t way = 0; way < std::size(kWays); ++way) {
      fmt::print("| {}, {:.2f} | {}, {} |", name, table.scatter, unequal ? "unequal" : "equal",
                 to_string(kWays[way]));
      for (size_t n = 0; n < kRuns.size(); ++n) {
        const Rates& r = table.rates[unequal][way][n];
        fmt::print(" {} | {:.4f} | {:.3f} |", text_of(r.rate(0.05)), r.rate(0.001).rate,
                   r.power(0.05).rate);
      }
      fmt::print("\n");
    }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Eigen::Index n_participants = argc > 1 ? std::stol(argv[1]) : 20;
  const Eigen::Index n_voxels = argc > 2 ? std::stol(argv[2]) : 400;
  std::vector<std::string> models(argv + std::min(argc, 3), argv + argc);
  if (models.empty()) models = {"ols", "ar1", "ar4-averaged", "mixture"};
  fmt::print("{} participants of {} null voxels, 30-s blocks.\n", n_participants, n_voxels);
  for (const auto& scenario : kScenarios) {
    fmt::print("\n{}:\n\n| model, scatter | runs |", scenario.name);
    for (size_t n : kRuns) fmt::print(" {} runs .05 | .001 | power |", n);
    fmt::print("\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (const auto& name : models)
      print_model(name,
                  run_model(scenario, model_of(name, scenario.scanning), n_participants, n_voxels));
  }
  return 0;
}
