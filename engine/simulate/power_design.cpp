#include "engine/simulate/power_design.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/design/diagnostics.hpp"
#include "engine/roi/percent_signal.hpp"
#include "engine/simulate/play.hpp"
#include "engine/simulate/schedule_search.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Below this share of a column's length, its residual on the others is rounding error.
constexpr double kNothingLeft = 1e-8;

Eigen::MatrixXd whitened(const Eigen::MatrixXd& x, double rho) {
  Eigen::MatrixXd out = x;
  const Index n = x.rows();
  out.bottomRows(n - 1) = (x.bottomRows(n - 1) - rho * x.topRows(n - 1)) / std::sqrt(1 - rho * rho);
  return out;
}

/// Precision of both signals in one run.
struct RunErrors {
  Eigen::Matrix2d covariance;  ///< per unit of the signals
  Eigen::Vector2d sd;          ///< over trials
  double trials = 0, scans = 0;
  double vif_x = kNaN, vif_y = kNaN, correlation = kNaN;  ///< NaN unless both signals are present
};

/// Number of trials that have a value of either signal.
double trials_with_signals(const Events& events, const ModulatorSet& signals) {
  return double(std::count_if(events.begin(), events.end(), [&](const Event& event) {
    return event.type == signals.event_type &&
           std::any_of(signals.columns.begin(), signals.columns.end(), [&](const auto& column) {
             const auto at = event.values.find(column);
             return at != event.values.end() && !std::isnan(at->second);
           });
  }));
}

RunErrors run_errors(const Events& events, Index n_scans, const PowerDesignOptions& options) {
  DesignOptions fitted;
  fitted.modulators = {options.signals};
  const DesignMatrix design = make_design(events, std::nullopt, options.tr_s, n_scans, fitted);
  const auto at = [&](size_t s) {
    return design.find(options.signals.event_type + ":" + options.signals.columns[s]);
  };
  const Index x = at(0), y = at(1);
  RunErrors out{Eigen::Matrix2d::Constant(kNaN), {0, 0}};
  out.trials = trials_with_signals(events, options.signals);
  out.scans = double(n_scans);
  if (x < 0 || y < 0) return out;
  out.sd = {design.trial_sd[size_t(x)], design.trial_sd[size_t(y)]};
  out.covariance = estimation_covariance(design.values, x, y, options.noise_ar);
  const DesignDiagnostics diagnostics = diagnose(design.values);
  out.vif_x = diagnostics.vif[x], out.vif_y = diagnostics.vif[y];
  out.correlation = diagnostics.correlation(x, y);
  return out;
}

/// Runs combined per signal, weighted by 1 / variance over the runs that contain it.
Eigen::Matrix2d joined(const std::vector<RunErrors>& runs, const ModulatorSet& signals) {
  Eigen::MatrixXd weights = Eigen::MatrixXd::Zero(Index(runs.size()), 2);
  for (size_t r = 0; r < runs.size(); ++r)
    for (Index s : {0, 1})
      if (const double v = runs[r].covariance(s, s); std::isfinite(v)) weights(Index(r), s) = 1 / v;
  Eigen::Matrix2d out = Eigen::Matrix2d::Zero();
  for (Index s : {0, 1}) {
    const double sum = weights.col(s).sum();
    if (!(sum > 0))
      fail(ErrorCode::bad_input,
           "{}:{} does not vary, or follows from the rest of the design, in every run; give more "
           "trials",
           signals.event_type, signals.columns[size_t(s)]);
    weights.col(s) /= sum;
  }
  for (size_t r = 0; r < runs.size(); ++r)
    for (Index i : {0, 1})
      for (Index j : {0, 1})
        if (const double v = runs[r].covariance(i, j); std::isfinite(v))
          out(i, j) += weights(Index(r), i) * weights(Index(r), j) * v;
  return out;
}

double median_duration(const std::vector<PersonEvents>& people, const std::string& type) {
  std::vector<double> durations;
  for (const auto& person : people)
    for (const auto& run : person.runs)
      for (const auto& event : run)
        if (event.type == type) durations.push_back(event.duration_s);
  if (durations.empty())
    fail(ErrorCode::bad_input, "no event of type '{}' in any of the events tables", type);
  const auto middle = durations.begin() + std::ptrdiff_t(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  return *middle;
}

void add_means(StudyDesigns& out, const std::vector<std::vector<RunErrors>>& people) {
  double n = 0, n_both = 0;
  Eigen::Vector2d squares = Eigen::Vector2d::Zero(), n_squares = Eigen::Vector2d::Zero();
  for (const auto& runs : people)
    for (const auto& run : runs) {
      n += 1;
      out.trials += run.trials, out.scans += run.scans;
      if (run.covariance.allFinite()) {
        n_both += 1;
        out.vif_x += run.vif_x, out.vif_y += run.vif_y, out.correlation += run.correlation;
      }
      for (Index s : {0, 1})
        if (run.sd[s] > 0) squares[s] += run.sd[s] * run.sd[s], n_squares[s] += 1;
    }
  for (double* sum : {&out.trials, &out.scans}) *sum /= n;
  for (double* sum : {&out.vif_x, &out.vif_y, &out.correlation}) *sum /= n_both;
  out.sd = (squares.array() / n_squares.array()).sqrt();
  out.runs = n / double(people.size());
}

}  // namespace

Eigen::Matrix2d StudyDesigns::mean_error() const {
  Eigen::Matrix2d sum = Eigen::Matrix2d::Zero();
  for (const auto& one : error) sum += one / double(error.size());
  return sum;
}

Eigen::Vector2d StudyDesigns::error_sd() const { return mean_error().diagonal().cwiseSqrt(); }

Eigen::Matrix2d estimation_covariance(const Eigen::MatrixXd& design, Index x, Index y,
                                      double noise_ar) {
  require(x != y && design.rows() > 1, "two columns of a design");
  const Eigen::MatrixXd all = whitened(design, noise_ar);
  Eigen::MatrixXd nuisance(all.rows(), all.cols() - 2), signals(all.rows(), 2);
  signals << all.col(x), all.col(y);
  Index k = 0;
  for (Index c = 0; c < all.cols(); ++c)
    if (c != x && c != y) nuisance.col(k++) = all.col(c);
  Eigen::MatrixXd left = signals;
  if (k > 0) left -= nuisance * nuisance.colPivHouseholderQr().solve(signals);
  const auto varies = [&](Index s) {
    return left.col(s).norm() > kNothingLeft * signals.col(s).norm();
  };
  Eigen::Matrix2d out = Eigen::Matrix2d::Constant(kNaN);
  const Eigen::Matrix2d information = left.transpose() * left;
  const bool both = varies(0) && varies(1);
  if (both && information.determinant() >
                  kNothingLeft * kNothingLeft * information(0, 0) * information(1, 1))
    return information.inverse();
  for (Index s : {0, 1})
    if (varies(s) && !both) out(s, s) = 1 / information(s, s);
  return out;
}

StudyDesigns designs_of_events(const std::vector<PersonEvents>& people,
                               const PowerDesignOptions& options, int n_threads) {
  require(!people.empty(), "at least one person");
  if (options.signals.columns.size() != 2)
    fail(ErrorCode::usage, "{} signal(s) of {}; two are compared: TYPE:COLUMN,COLUMN",
         options.signals.columns.size(), options.signals.event_type);
  StudyDesigns out;
  const double duration = median_duration(people, options.signals.event_type);
  out.height = event_height(DesignOptions().hrf, duration, options.tr_s);
  std::vector<std::vector<RunErrors>> all(people.size());
  out.error.resize(people.size());
  parallel_for(Index(people.size()), n_threads, [&](Index i) {
    const PersonEvents& person = people[size_t(i)];
    require(!person.runs.empty() && person.runs.size() == person.n_scans.size(),
            "one number of scans per run");
    auto& runs = all[size_t(i)];
    for (size_t r = 0; r < person.runs.size(); ++r)
      runs.push_back(run_errors(person.runs[r], person.n_scans[r], options));
    out.error[size_t(i)] = joined(runs, options.signals);
  });
  add_means(out, all);
  const Eigen::Vector2d unit = out.height * out.sd;
  for (auto& error : out.error) error = (unit.asDiagonal() * error * unit.asDiagonal()).eval();
  return out;
}

StudyDesigns simulated_designs(const SimulationSettings& settings, const LearningSettings& learning,
                               int n_runs, int n_trials, int n_people, double noise_ar,
                               uint64_t seed, int n_threads) {
  require(n_runs > 0 && n_trials > 0 && n_people > 0, "runs, trials and people");
  const auto deciders = make_deciders(settings.game);
  const auto learner = hybrid_learner(learning);
  std::vector<PersonEvents> people(static_cast<size_t>(n_people));
  parallel_for(n_people, n_threads, [&](Index i) {
    const int number = int(i) + 1;
    const Person person = draw_person(settings, seed, number, n_people);
    const Schedule schedule =
        choose_schedule(settings, learning, n_runs, n_trials, 1, seed, number).schedule;
    const PlayedGame game = play(settings, learning, deciders, schedule, person, seed, number);
    const double parameters[] = {person.w, person.beta};
    const auto signals = trial_signals(*learner, learning, game.participant, parameters);
    for (size_t r = 0; r < game.runs.size(); ++r) {
      people[size_t(i)].runs.push_back(events_of_run(game, r, settings.timing, signals));
      people[size_t(i)].n_scans.push_back(game.runs[r].n_scans);
    }
  });
  PowerDesignOptions options;
  options.tr_s = settings.timing.tr_s;
  options.noise_ar = noise_ar;
  StudyDesigns out = designs_of_events(people, options, n_threads);
  out.trials = n_trials;
  return out;
}

}  // namespace sociometer
