#include "bench/calibration/null_runs.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/series_source.hpp"
#include "engine/design/drift.hpp"
#include "engine/design/regressors.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer::calibration {
namespace {

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

/// The task's columns, the tested one first.
Eigen::MatrixXd task_columns(Scanning s, const Paradigm& paradigm, Draws& draws) {
  Stimulus trials{"task", {}, {}, {}}, modulated{"modulated", {}, {}, {}};
  const double end = double(s.n_scans) * s.tr_s;
  for (double at = draws.uniform(0, paradigm.duration_s + paradigm.least_gap_s); at < end;
       at += paradigm.duration_s + draws.uniform(paradigm.least_gap_s, paradigm.largest_gap_s)) {
    for (Stimulus* stimulus : {&trials, &modulated}) {
      stimulus->onset_s.push_back(at);
      stimulus->duration_s.push_back(paradigm.duration_s);
    }
    trials.weight.push_back(1);
    if (paradigm.tested == Tested::modulation) modulated.weight.push_back(draws.normal());
  }
  const Eigen::VectorXd times = Eigen::VectorXd::LinSpaced(s.n_scans, 0, end - s.tr_s);
  const auto regressor = [&](const Stimulus& stimulus) {
    return nilearn_regressors(stimulus, times, {}, {}).values.col(0).eval();
  };
  if (paradigm.tested == Tested::response) return regressor(trials);
  Eigen::MatrixXd x;
  if (paradigm.tested == Tested::modulation) {
    x.resize(s.n_scans, 2);
    x << regressor(modulated), regressor(trials);
    return x;
  }
  constexpr double kWindow_s = 16, kTested_s = 6;
  const auto n_delays = Eigen::Index(std::ceil(kWindow_s / s.tr_s));
  x.setZero(s.n_scans, n_delays);
  for (const double onset : trials.onset_s)
    for (Eigen::Index delay = 0; delay < n_delays; ++delay)
      if (const auto t = Eigen::Index(std::lround(onset / s.tr_s)) + delay; t < s.n_scans)
        x(t, delay) += 1;
  x.col(0).swap(x.col(Eigen::Index(kTested_s / s.tr_s)));
  return x;
}

}  // namespace

Eigen::VectorXd white_noise(Draws& draws, Scanning s) { return white(draws, s.n_scans); }

Eigen::VectorXd ar_plus_white(Draws& draws, Scanning s) {
  const double share = draws.uniform(1.0 / 3, 2.0 / 3), tau = draws.uniform(3, 9);
  return std::sqrt(1 - share) * relaxation(draws, s, tau) +
         std::sqrt(share) * white(draws, s.n_scans);
}

Eigen::VectorXd one_over_f(Draws& draws, Scanning s) {
  constexpr double kTaus[] = {2, 8, 32, 128, 512};
  Eigen::VectorXd y = std::sqrt(0.5) * white(draws, s.n_scans);
  for (double tau : kTaus) y += std::sqrt(0.5 / 5) * relaxation(draws, s, tau);
  return y;
}

Eigen::VectorXd physiological(Draws& draws, Scanning s) {
  return std::sqrt(0.675) * ar_plus_white(draws, s) +
         std::sqrt(0.2) * oscillation(draws, s, 0.3, 0.1) +
         std::sqrt(0.125) * oscillation(draws, s, 1.1, 0.05);
}

Eigen::VectorXd with_steps(Draws& draws, Scanning s) {
  Eigen::VectorXd y = ar_plus_white(draws, s);
  for (int step = 0; step < 6; ++step) {
    const auto first = Eigen::Index(draws.uniform(0, double(s.n_scans)));
    const double size = draws.uniform(1, 3) * (draws.normal() < 0 ? -1 : 1);
    const double fading_s = step % 2 ? 8 : 1e9;
    for (Eigen::Index t = first; t < s.n_scans; ++t)
      y[t] += size * std::exp(-double(t - first) * s.tr_s / fading_s);
  }
  return y;
}

Eigen::VectorXd heavy_tailed(Draws& draws, Scanning s) {
  constexpr int kDof = 4;
  Eigen::VectorXd y = std::sqrt(0.5) * relaxation(draws, s, draws.uniform(3, 9));
  for (double& value : y) {
    double squares = 0;
    for (int i = 0; i < kDof; ++i) squares += std::pow(draws.normal(), 2);
    // Of unit variance: that of t is dof / (dof - 2).
    value += std::sqrt(0.5 * (kDof - 2) / kDof) * draws.normal() / std::sqrt(squares / kDof);
  }
  return y;
}

Eigen::VectorXd changing_variance(Draws& draws, Scanning s) {
  const Eigen::VectorXd slow = relaxation(draws, s, 120);
  return ar_plus_white(draws, s).array() * (0.5 * slow.array()).exp();
}

Eigen::MatrixXd make_design(Scanning s, const Paradigm& paradigm, uint64_t number) {
  const CounterRandom random(2026, 7000 + number);
  Draws draws(random, 1);
  const Eigen::MatrixXd task = task_columns(s, paradigm, draws);
  const Eigen::MatrixXd drift = cosine_drift(s.n_scans, s.tr_s, 1.0 / 128);
  constexpr Eigen::Index kConfounds = 12;
  Eigen::MatrixXd x(s.n_scans, task.cols() + kConfounds + drift.cols() + 1);
  x.leftCols(task.cols()) = task;
  for (Eigen::Index c = 0; c < kConfounds; ++c)
    x.col(task.cols() + c) = c % 2 ? white(draws, s.n_scans) : relaxation(draws, s, 60);
  x.middleCols(task.cols() + kConfounds, drift.cols()) = drift;
  x.col(x.cols() - 1).setOnes();
  return x;
}

Eigen::MatrixXd make_series(const Noise& noise, Scanning s, uint64_t number,
                            Eigen::Index n_voxels) {
  const CounterRandom random(2027, number);
  Eigen::MatrixXd y(s.n_scans, n_voxels);
  for (Eigen::Index v = 0; v < n_voxels; ++v) {
    Draws draws(random, uint64_t(v) + 1);
    y.col(v) = 100 + noise(draws, s).array();
  }
  return y;
}

double task_length(const Eigen::MatrixXd& design) {
  const Eigen::MatrixXd others = design.rightCols(design.cols() - 1);
  return (design.col(0) - others * others.householderQr().solve(design.col(0))).norm();
}

TaskFit fit_task(const NoiseModel& model, const Eigen::MatrixXd& x, const Eigen::MatrixXd& y) {
  const RunDesign design(x, std::vector<uint8_t>(size_t(x.rows()), 1), model.order);
  SeriesSource source(y);
  const Mask mask = source.all_voxels();
  Eigen::MatrixXd contrast = Eigen::MatrixXd::Zero(1, x.cols());
  contrast(0, 0) = 1;
  const RunPlan plan{.noise_model = model, .contrasts = {contrast}};
  RunResults results = model.streams()
                           ? fit_run(design, sum_run(source, design, mask, *plan.kernels, {}), plan)
                           : fit_run(design, read_series(source, x.rows(), mask, {}), plan);
  return {std::move(results.values[0]), double(design.dof)};
}

NoiseModel model_of(const std::string& name, Scanning s) {
  NoiseModel model = parse_noise_model(name == "arma11-afni" ? "arma11" : name);
  if (name == "arma11") model.arma.max_a = model.arma.max_b = 0.95;
  if (name == "arma11-afni") {
    model.arma.search = ArmaOptions::Search::afni;
    model.arma.grid_level = 3;
  }
  return noise_model_of_run(model, {.n_scans = s.n_scans, .tr_s = s.tr_s});
}

void Rates::add_unit(const Eigen::VectorXd& z, const Eigen::VectorXd& z_with_response) {
  std::vector<double> unit, responding;
  for (Eigen::Index v = 0; v < z.size(); ++v) {
    if (std::isnan(z[v])) continue;
    unit.push_back(z[v]);
    responding.push_back(z_with_response[v]);
  }
  if (unit.empty()) return;
  units_.push_back(std::move(unit));
  responding_.push_back(std::move(responding));
}

namespace {

/// The mean over units of the share that passes, and its standard error.
template <class Passes>
Rates::Rate share(const std::vector<std::vector<double>>& units, const Passes& passes) {
  double sum = 0, squares = 0;
  for (const auto& unit : units) {
    const double rate = double(std::ranges::count_if(unit, passes)) / double(unit.size());
    sum += rate;
    squares += rate * rate;
  }
  const double n = double(units.size()), mean = sum / n;
  const double variance = std::max(0.0, squares / n - mean * mean);
  return {mean, n > 1 ? std::sqrt(variance / (n - 1)) : NAN};
}

}  // namespace

Rates::Rate Rates::rate(double level) const {
  const double threshold = z_from_log_sf(std::log(level / 2));
  return share(units_, [&](double z) { return std::abs(z) > threshold; });
}

double Rates::sd_of_z() const {
  double squares = 0, n = 0;
  for (const auto& unit : units_)
    for (double z : unit) {
      squares += z * z;
      n += 1;
    }
  return std::sqrt(squares / n);
}

Rates::Rate Rates::power(double level) const {
  std::vector<double> sizes;
  for (const auto& unit : units_)
    for (double z : unit) sizes.push_back(std::abs(z));
  const auto at = std::ptrdiff_t((1 - level) * double(sizes.size()));
  std::ranges::nth_element(sizes, sizes.begin() + at);
  const double threshold = sizes[size_t(at)];
  return share(responding_, [&](double z) { return z > threshold; });
}

std::string text_of(Rates::Rate r) {
  return fmt::format("{:.4f} ({:.0f})", r.rate, std::ceil(1e4 * r.error));
}

}  // namespace sociometer::calibration
