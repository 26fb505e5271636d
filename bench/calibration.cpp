// False-positive rates of every noise model on simulated null runs. Usage:
//   calibration [DESIGNS] [VOXELS_PER_DESIGN] [MODEL ..]
// Prints a Markdown table; for what is simulated and why see bench/CALIBRATION.md.
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/design/drift.hpp"
#include "engine/design/regressors.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/stats/tail_table.hpp"

namespace {

using namespace sociometer;
using Series = Eigen::MatrixXd;  ///< (n_scans, n_voxels)

struct Scanning {
  Eigen::Index n_scans;
  double tr_s;
};
constexpr Scanning kPlain{240, 2.0}, kMultiband{600, 0.8};

/// Consecutive normal numbers for one voxel.
class Draws {
 public:
  Draws(const CounterRandom& random, uint64_t voxel) : random_(random), at_(voxel << 20) {}
  double normal() { return random_.normal(at_++); }
  double uniform(double low, double high) {
    return low + (high - low) * random_.uniform((uint64_t{1} << 60) + at_++);
  }

 private:
  const CounterRandom& random_;
  uint64_t at_;
};

Eigen::VectorXd ar1(Draws& draws, Eigen::Index n, double rho) {
  Eigen::VectorXd y(n);
  y[0] = draws.normal();
  for (Eigen::Index t = 1; t < n; ++t)
    y[t] = rho * y[t - 1] + std::sqrt(1 - rho * rho) * draws.normal();
  return y;
}

Eigen::VectorXd white(Draws& draws, Eigen::Index n) { return ar1(draws, n, 0); }

/// AR(1) with a given time constant, unit variance.
Eigen::VectorXd relaxation(Draws& draws, Scanning s, double tau_s) {
  return ar1(draws, s.n_scans, std::exp(-s.tr_s / tau_s));
}

/// AR(1) plus white noise: time constants of 3 to 9 s, one third to two thirds white.
Eigen::VectorXd ar_plus_white(Draws& draws, Scanning s) {
  const double share = draws.uniform(1.0 / 3, 2.0 / 3), tau = draws.uniform(3, 9);
  return std::sqrt(1 - share) * relaxation(draws, s, tau) +
         std::sqrt(share) * white(draws, s.n_scans);
}

/// Power falling as 1/f: AR(1) processes of equal power with time constants a factor of 4 apart,
/// and as much white noise as 1/f noise.
Eigen::VectorXd one_over_f(Draws& draws, Scanning s) {
  constexpr double kTaus[] = {2, 8, 32, 128, 512};
  Eigen::VectorXd y = std::sqrt(0.5) * white(draws, s.n_scans);
  for (double tau : kTaus) y += std::sqrt(0.5 / 5) * relaxation(draws, s, tau);
  return y;
}

/// An oscillation with a wandering frequency, sampled at the TR: fast ones are aliased.
Eigen::VectorXd oscillation(Draws& draws, Scanning s, double hz, double spread) {
  Eigen::VectorXd y(s.n_scans);
  double phase = draws.uniform(0, 2 * M_PI), wander = 0;
  for (Eigen::Index t = 0; t < s.n_scans; ++t) {
    y[t] = std::sqrt(2.0) * std::cos(phase);
    wander = 0.95 * wander + std::sqrt(1 - 0.95 * 0.95) * draws.normal();
    phase += 2 * M_PI * s.tr_s * hz * (1 + spread * wander);
  }
  return y;
}

/// Breathing (0.3 Hz) and pulse (1.1 Hz) over AR(1) plus white noise: one fifth
/// and one eighth of the variance.
Eigen::VectorXd physiological(Draws& draws, Scanning s) {
  return std::sqrt(0.675) * ar_plus_white(draws, s) +
         std::sqrt(0.2) * oscillation(draws, s, 0.3, 0.1) +
         std::sqrt(0.125) * oscillation(draws, s, 1.1, 0.05);
}

struct Scenario {
  const char* name;
  Scanning scanning;
  std::function<Eigen::VectorXd(Draws&, Scanning)> noise;
};
const std::vector<Scenario> kScenarios{{"AR(1) + white", kPlain, ar_plus_white},
                                       {"1/f-like", kPlain, one_over_f},
                                       {"physiological peaks", kPlain, physiological},
                                       {"multiband, TR 0.8 s", kMultiband, physiological}};

struct Paradigm {
  const char* name;
  double duration_s, least_gap_s, largest_gap_s;
};
constexpr Paradigm kParadigms[] = {
    {"events", 1, 3, 11}, {"30-s blocks", 30, 30, 30}, {"60-s blocks", 60, 60, 60}};

/// A task regressor, 12 confounds (half of them slow, like motion), drift and the constant.
Eigen::MatrixXd make_design(Scanning s, const Paradigm& paradigm, uint64_t number) {
  const CounterRandom random(2026, 7000 + number);
  Draws draws(random, 1);
  Stimulus task{"task", {}, {}, {}};
  const double end = double(s.n_scans) * s.tr_s;
  for (double at = draws.uniform(0, paradigm.duration_s + paradigm.least_gap_s); at < end;
       at += paradigm.duration_s + draws.uniform(paradigm.least_gap_s, paradigm.largest_gap_s)) {
    task.onset_s.push_back(at);
    task.duration_s.push_back(paradigm.duration_s);
    task.weight.push_back(1);
  }
  const Eigen::VectorXd times = Eigen::VectorXd::LinSpaced(s.n_scans, 0, end - s.tr_s);
  const Eigen::MatrixXd drift = cosine_drift(s.n_scans, s.tr_s, 1.0 / 128);
  Eigen::MatrixXd x(s.n_scans, 14 + drift.cols());
  x.col(0) = nilearn_regressors(task, times, {}, {}).values.col(0);
  for (Eigen::Index c = 1; c <= 12; ++c)
    x.col(c) = c % 2 ? relaxation(draws, s, 60) : white(draws, s.n_scans);
  x.middleCols(13, drift.cols()) = drift;
  x.col(x.cols() - 1).setOnes();
  return x;
}

struct Statistics {
  Eigen::VectorXd t;
  double dof;
};

/// t of the task regressor from one of the engine's noise models.
Statistics by_engine(const NoiseModel& model, const Eigen::MatrixXd& x, const Series& y) {
  const RunDesign design(x, std::vector<uint8_t>(size_t(x.rows()), 1), model.order);
  SeriesSource source(y);
  const Mask mask = source.all_voxels();
  Eigen::MatrixXd contrast = Eigen::MatrixXd::Zero(1, x.cols());
  contrast(0, 0) = 1;
  const RunPlan plan{.noise_model = model, .contrasts = {contrast}};
  const RunResults results =
      model.streams() ? fit_run(design, sum_run(source, design, mask, *plan.kernels, {}), plan)
                      : fit_run(design, read_series(source, x.rows(), mask, {}), plan);
  const auto& v = results.values[0];
  return {(v.effect.row(0).transpose().array() /
           (v.unit_covariance.row(0).transpose().array() * v.residual_variance.array()).sqrt()),
          design.dof};
}

struct Tally {
  double n = 0, beyond_05 = 0, beyond_001 = 0, squares = 0;
  void add(const Statistics& s) {
    const TailTable table = TailTable::of_t(s.dof);
    for (double t : s.t) {
      if (std::isnan(t)) continue;
      const Tails tails = table(std::abs(t));
      n += 1;
      beyond_05 += 2 * tails.p < 0.05;
      beyond_001 += 2 * tails.p < 0.001;
      squares += tails.z * tails.z;
    }
  }
  void add(const Tally& o) {
    n += o.n;
    beyond_05 += o.beyond_05;
    beyond_001 += o.beyond_001;
    squares += o.squares;
  }
};

/// Null runs of one scenario and paradigm, fitted with one model.
Tally run_cell(const Scenario& scenario, const Paradigm& paradigm, const NoiseModel& model,
               Eigen::Index n_designs, Eigen::Index n_voxels) {
  std::vector<Tally> tallies(static_cast<size_t>(n_designs));
  parallel_for(n_designs, available_threads(), [&](Eigen::Index d) {
    const Eigen::MatrixXd x = make_design(scenario.scanning, paradigm, uint64_t(d));
    const CounterRandom random(2027, uint64_t(d));
    Series y(scenario.scanning.n_scans, n_voxels);
    for (Eigen::Index v = 0; v < n_voxels; ++v) {
      Draws draws(random, uint64_t(v) + 1);
      y.col(v) = 100 + scenario.noise(draws, scenario.scanning).array();
    }
    tallies[size_t(d)].add(by_engine(model, x, y));
  });
  Tally all;
  for (const auto& t : tallies) all.add(t);
  return all;
}

/// Noise models by their names in `fit`, and "arma11-afni": 3dREMLfit's search with its grid 3.
NoiseModel model_of(const std::string& name) {
  if (name != "arma11-afni") {
    NoiseModel model = parse_noise_model(name);
    if (name == "arma11") model.arma.max_a = model.arma.max_b = 0.95;
    return model;
  }
  NoiseModel model = parse_noise_model("arma11");
  model.arma.search = ArmaOptions::Search::afni;
  model.arma.grid_level = 3;
  return model;
}

}  // namespace

int main(int argc, char** argv) {
  const Eigen::Index n_designs = argc > 1 ? std::stol(argv[1]) : 40;
  const Eigen::Index n_voxels = argc > 2 ? std::stol(argv[2]) : 1000;
  std::vector<std::string> models(argv + std::min(argc, 3), argv + argc);
  if (models.empty())
    models = {"ols",           "ar1-nilearn",   "ar1",           "ar1-corrected", "ar2-corrected",
              "ar3-corrected", "ar4-corrected", "ar5-corrected", "auto",          "arma11"};
  const double n = double(n_designs * n_voxels);
  fmt::print("{} null voxels per cell: standard error of a rate of .05 {:.4f}, of .001 {:.5f}\n\n",
             n, std::sqrt(.05 * .95 / n), std::sqrt(.001 * .999 / n));
  fmt::print("| noise | model |");
  for (const auto& p : kParadigms) fmt::print(" {} .05 | .001 | SD of z |", p.name);
  fmt::print("\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& scenario : kScenarios)
    for (const auto& name : models) {
      fmt::print("| {} | {} |", scenario.name, name);
      for (const auto& paradigm : kParadigms) {
        const NoiseModel model = model_of(name);
        const Tally t = run_cell(scenario, paradigm, model, n_designs, n_voxels);
        fmt::print(" {:.4f} | {:.4f} | {:.3f} |", t.beyond_05 / t.n, t.beyond_001 / t.n,
                   std::sqrt(t.squares / t.n));
      }
      fmt::print("\n");
      std::fflush(stdout);
    }
  return 0;
}
