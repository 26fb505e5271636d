#include "engine/glm/run_analysis.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/trial_fit.hpp"

namespace sociometer {
namespace {

/// Names of the non-task columns that have weights in a run.
std::vector<std::string> nuisance_with_weights(const DesignMatrix& design,
                                               const Eigen::MatrixXd& rows) {
  std::vector<std::string> names;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j) {
    const ColumnRole role = design.roles[size_t(j)];
    if (role != ColumnRole::task && role != ColumnRole::given && !rows.col(j).isZero(0))
      names.push_back(design.names[size_t(j)]);
  }
  return names;
}

/// Weights given by position can easily fall on drift columns instead of task columns.
void warn_of_nuisance_weights(const ResolvedContrast& contrast,
                              const std::vector<PreparedRun>& runs,
                              std::vector<std::string>& warnings) {
  if (!contrast.spec.rows[0].starts_with('[')) return;
  for (size_t r = 0; r < runs.size(); ++r) {
    if (!contrast.usable_in(r)) continue;
    const auto names = nuisance_with_weights(runs[r].matrix, contrast.rows[r]);
    if (names.empty()) continue;
    warnings.push_back(fmt::format(
        "contrast {} has weights on {}, which are not of the task: the columns are {}",
        contrast.spec.name, fmt::join(names, ", "), fmt::join(runs[r].matrix.names, ", ")));
    return;
  }
}

/// A progress task of a journal, which may be null.
class Progress {
 public:
  Progress(Journal* journal, const std::string& task, bool alone) {
    if (journal) task_ = journal->start(task, alone);
  }
  void update(Eigen::Index done, Eigen::Index total) {
    if (task_) task_->update(long(done), long(total));
  }

 private:
  std::unique_ptr<Task> task_;
};

/// Reads a run into its sums and fits it.
RunResults fit_streamed(VolumeSource& source, const PreparedRun& run, const Space& space,
                        const RunPlan& plan, const StreamOptions& stream, bool alone) {
  RunResults results = empty_results(run.design, plan, space.size());
  // If little remains to be done once the run is read, and a processor is idle until then.
  std::future<void> filled;
  if (alone && run.noise_model.order <= 1 && stream.n_threads > 1)
    filled = std::async(std::launch::async, fill_results, std::ref(results), 1);
  LagSums sums = sum_run(source, run.design, space, *plan.kernels, stream);
  if (filled.valid()) filled.get();
  fit_run(run.design, std::move(sums), plan, results);
  return results;
}

/// State shared by the runs of an analysis while they are fitted.
struct Fitting {
  const std::vector<VoxelGroup>& groups;
  const OpenRun& open;
  Journal* journal;
  int runs_at_once;
  const FirstLevel& first() const { return *groups[0].first; }
};

/// LSA: the trials' variances are those of contrasts, one per trial.
std::vector<Eigen::MatrixXd> trial_contrasts(const RunTrials& trials) {
  std::vector<Eigen::MatrixXd> rows;
  if (trials.options.method != TrialMethod::lsa || !trials.with_variance) return rows;
  for (size_t t = 0; t < trials.facts.size(); ++t) {
    if (trials.facts[t].status != TrialStatus::ok) continue;
    rows.push_back(Eigen::MatrixXd::Zero(1, trials.split.model.n_columns()));
    rows.back()(0, Eigen::Index(t) * trials.split.n_functions) = 1;
  }
  return rows;
}

/// LSA: amplitudes from the coefficients of the trials' columns. The contrasts of trials are the
/// last of the results, and are removed.
void take_lsa(const RunTrials& trials, RunResults& results) {
  const Eigen::Index n_functions = trials.split.n_functions,
                     n_voxels = results.estimates.betas.cols(),
                     n_trials = Eigen::Index(trials.facts.size());
  const Eigen::MatrixXd& x = trials.split.model.values;
  TrialResults& out = results.trials;
  out.amplitude.setConstant(n_trials, n_voxels, kNaN);
  if (trials.with_variance) out.variance.setConstant(n_trials, n_voxels, kNaN);
  auto next = results.values.end() - std::ptrdiff_t(trial_contrasts(trials).size());
  const auto first = next;
  for (Eigen::Index t = 0; t < n_trials; ++t) {
    if (trials.facts[size_t(t)].status != TrialStatus::ok) continue;
    const Eigen::Index column = t * n_functions;
    const auto response = results.estimates.betas.row(column).array();
    if (trials.options.amplitude == TrialAmplitude::peak && n_functions > 1) {
      Eigen::RowVectorXd squares = response.square();
      for (Eigen::Index f = 1; f < n_functions; ++f)
        squares.array() += x.col(column + f).squaredNorm() / x.col(column).squaredNorm() *
                           results.estimates.betas.row(column + f).array().square();
      out.amplitude.row(t) = (response < 0).select(-squares.cwiseSqrt(), squares.cwiseSqrt());
    } else {
      out.amplitude.row(t) = response;
    }
    if (!trials.with_variance) continue;
    out.variance.row(t) =
        next->unit_covariance.row(0).array() * next->residual_variance.transpose().array();
    ++next;
  }
  results.values.erase(first, results.values.end());
}

/// How a group's voxels are fitted in a run, and what that refers to.
struct GroupPlan {
  GroupPlan(const VoxelGroup& group, size_t r, int n_threads)
      : space(*group.mask),
        run(group.first->runs[r]),
        plan{.noise_model = run.noise_model,
             .scaling = group.first->plan.scaling,
             .with_ljung_box = group.first->plan.with_ljung_box,
             .with_products = run.with_products,
             .n_threads = n_threads} {
    for (const auto& contrast : group.first->contrasts.usable)
      if (contrast.usable_in(r)) plan.contrasts.push_back(contrast.rows[r]);
    if (run.trials) {
      for (auto& row : trial_contrasts(*run.trials)) plan.contrasts.push_back(std::move(row));
      trials = {run.trials->model ? &*run.trials->model : nullptr, run.trials->with_variance,
                &run.trials->split};
      if (trials.model) plan.trials = &trials;
    }
    if (run.noise_model.smoothing_fwhm_mm > 0)
      plan.smoother = &smoother.emplace(*group.mask, run.noise_model.smoothing_fwhm_mm);
  }
  GroupPlan(const GroupPlan&) = delete;  // the plan points into it
  GroupPlan& operator=(const GroupPlan&) = delete;

  RunResults with_trials(RunResults results) const {
    if (run.trials && run.trials->options.method == TrialMethod::lsa)
      take_lsa(*run.trials, results);
    return results;
  }

  const Space space;
  const PreparedRun& run;
  TrialPlan trials{};
  std::optional<MaskSmoother> smoother{};
  RunPlan plan;
};

/// Reads a run into the sums of several groups and fits them one by one.
std::vector<RunResults> fit_streamed(VolumeSource& source, const std::deque<GroupPlan>& groups,
                                     const StreamOptions& stream) {
  std::vector<SumTarget> targets;
  for (const GroupPlan& group : groups) targets.push_back({&group.run.design, &group.space});
  std::vector<LagSums> sums = sum_run(source, targets, *groups[0].plan.kernels, stream);
  std::vector<RunResults> results;
  for (size_t g = 0; g < groups.size(); ++g)
    results.push_back(
        groups[g].with_trials(fit_run(groups[g].run.design, std::move(sums[g]), groups[g].plan)));
  return results;
}

/// Keeps a run's series, and fits the groups one by one.
std::vector<RunResults> fit_kept_series(VolumeSource& source, std::deque<GroupPlan>& groups,
                                        const StreamOptions& stream, Journal* journal, bool alone) {
  std::vector<const Space*> spaces;
  Eigen::Index total = 0, before = 0;
  for (const GroupPlan& group : groups) {
    spaces.push_back(&group.space);
    total += group.space.size();
  }
  std::vector<MaskedSeries> series =
      read_series(source, groups[0].run.design.n_scans(), spaces, stream);
  Progress voxels(journal, "noise of " + groups[0].run.name, alone);
  std::vector<RunResults> results;
  for (size_t g = 0; g < groups.size(); ++g) {
    groups[g].plan.progress = [&voxels, before, total](Eigen::Index done) {
      voxels.update(before + done, total);
    };
    results.push_back(
        groups[g].with_trials(fit_run(groups[g].run.design, std::move(series[g]), groups[g].plan)));
    before += groups[g].space.size();
  }
  return results;
}

/// One result per group.
std::vector<RunResults> fit_one_run(const Fitting& all, size_t r) {
  const bool alone = all.runs_at_once == 1;
  Progress reading(all.journal, "fitting " + all.first().runs[r].name, alone);
  StreamOptions stream = all.first().plan.stream();
  stream.n_threads = std::max(1, stream.n_threads / all.runs_at_once);
  stream.progress = [&](Eigen::Index done, Eigen::Index total) { reading.update(done, total); };
  std::deque<GroupPlan> groups;
  for (const VoxelGroup& group : all.groups) groups.emplace_back(group, r, stream.n_threads);
  const std::unique_ptr<VolumeSource> source = all.open(r);
  if (!groups[0].run.noise_model.streams())
    return fit_kept_series(*source, groups, stream, all.journal, alone);
  if (groups.size() > 1) return fit_streamed(*source, groups, stream);
  const GroupPlan& only = groups[0];
  std::vector<RunResults> results;
  results.push_back(
      only.with_trials(fit_streamed(*source, only.run, only.space, only.plan, stream, alone)));
  return results;
}

void put(RunResults results, const std::vector<ResolvedContrast>& contrasts, size_t r,
         FirstLevelFit& fit) {
  fit.estimates[r] = std::move(results.estimates);
  fit.trials[r] = std::move(results.trials);
  fit.products[r] = std::move(results.products);
  auto next = results.values.begin();
  for (const auto& contrast : contrasts)
    fit.values[r].push_back(contrast.usable_in(r) ? std::move(*next++) : ContrastValues{});
}

/// Runs in parallel: inflating one run keeps at most one processor busy.
void fit_side_by_side(const Fitting& all, std::vector<FirstLevelFit>& fits) {
  const size_t n_runs = all.first().runs.size();
  std::vector<std::exception_ptr> failures(n_runs);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t r = next++; r < n_runs; r = next++) try {
        std::vector<RunResults> results = fit_one_run(all, r);
        for (size_t g = 0; g < fits.size(); ++g)
          put(std::move(results[g]), all.groups[g].first->contrasts.usable, r, fits[g]);
      } catch (...) {
        failures[r] = std::current_exception();
        next = n_runs;
      }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < all.runs_at_once; ++i) others.emplace_back(work);
    work();
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

/// Tables of z and p for the degrees of freedom expected for the contrasts.
TailTables make_tables(const FirstLevel& first) {
  TailTables tables;
  for (const auto& contrast : first.contrasts.usable) {
    double dof = 0;
    for (size_t r = 0; r < first.runs.size(); ++r)
      if (contrast.usable_in(r))
        dof += first.runs[r].design.dof - first.runs[r].noise_model.lost_dof();
    const bool is_t = contrast.spec.kind == ContrastKind::t;
    const auto rows = std::ranges::find_if(contrast.rows, [](const auto& m) { return m.size(); });
    if (dof > 0) tables.of(is_t ? 0 : double(rows->rows()), dof);
  }
  return tables;
}

}  // namespace

int FirstLevelPlan::side_by_side(size_t n_runs) const {
  // Inflation is the bottleneck for most models and keeps one processor busy. Averages and mixtures
  // use two; other models that store the series keep all of them busy with one run.
  const bool is_mixture = !has_one_process(noise_model);
  const int suits = is_mixture || noise_model.averages ? std::max(1, n_threads / 2)
                    : noise_model.streams()            ? n_threads
                                                       : 1;
  return std::max(1, std::min(runs_at_once.value_or(suits), int(n_runs)));
}

StreamOptions FirstLevelPlan::stream() const {
  StreamOptions options;
  options.smoothing_fwhm_mm = smoothing_fwhm_mm;
  options.n_threads = n_threads;
  return options;
}

std::shared_ptr<const RunTrials> prepare_trials(SingleTrials split, const TrialOptions& options,
                                                const std::vector<uint8_t>& kept,
                                                bool with_variance, const NoiseModel& noise) {
  auto out = std::make_shared<RunTrials>();
  out->split = std::move(split);
  out->options = options;
  out->with_variance = with_variance;
  if (options.method == TrialMethod::lss)
    out->facts =
        out->model.emplace(out->split, kept, options.amplitude, trial_basis_for(noise)).facts();
  else
    out->facts = lsa_facts(out->split, kept);
  return out;
}

PreparedRun prepare_run(RunSpec spec, const FirstLevelPlan& plan) {
  return with_context(spec.name, [&] {
    NoiseModel model =
        noise_model_of_run(plan.noise_model, {spec.design.n_scans(), spec.tr_s, spec.starts});
    if (spec.kept.empty()) spec.kept.assign(size_t(spec.design.n_scans()), 1);
    const bool has_trials = spec.trials && spec.trials->model;
    RunDesign design(spec.design.values, spec.kept, model.order,
                     has_trials ? spec.trials->model->own_columns() : spec.extras);
    const int lost = model.lost_dof();
    // Before its image is read, with the run's name.
    if (design.dof <= lost)
      fail(ErrorCode::bad_input,
           "{} scans are left for {} independent regressors and {} noise parameters: no degrees of "
           "freedom; use fewer regressors or a lower order, or leave the run out",
           design.n_kept, design.rank(), lost);
    design.set_roles(spec.design.roles);
    PreparedRun run{spec.name, std::move(spec.design), std::move(design), std::move(model)};
    run.trials = spec.trials;
    run.with_products = !has_trials && spec.extras.cols() > 0;
    if (run.design.rank() < run.matrix.n_columns())
      run.warnings.push_back(fmt::format(
          "{}: the design has {} columns and rank {}; contrasts that need more are refused",
          run.name, run.matrix.n_columns(), run.design.rank()));
    return run;
  });
}

ContrastChoice resolve_contrasts(const std::vector<ContrastSpec>& specs,
                                 const std::vector<PreparedRun>& runs) {
  std::vector<std::vector<std::string>> columns;
  std::vector<EstimableSpace> spaces;
  for (const auto& run : runs) {
    columns.push_back(run.matrix.names);
    spaces.push_back(run.design.space);
  }
  ContrastChoice choice;
  for (const auto& spec : specs) {
    ResolvedContrast contrast = resolve_contrast(spec, columns, spaces);
    if (!contrast.usable()) {
      choice.refused.push_back(
          fmt::format("contrast {} is refused: {}", spec.name, contrast.why_not[0]));
      continue;
    }
    for (size_t r = 0; r < runs.size(); ++r)
      if (!contrast.usable_in(r))
        choice.warnings.push_back(fmt::format("contrast {} leaves out {}: {}", spec.name,
                                              runs[r].name, contrast.why_not[r]));
    warn_of_nuisance_weights(contrast, runs, choice.warnings);
    choice.usable.push_back(std::move(contrast));
  }
  if (choice.usable.empty() && !specs.empty())
    fail(ErrorCode::bad_input, "{}", choice.refused.front());
  return choice;
}

FirstLevelFit fit_first_level(const FirstLevel& first, const OpenRun& open, const Mask& mask,
                              Journal* journal) {
  return std::move(fit_first_level({{&first, &mask}}, open, journal).front());
}

std::vector<FirstLevelFit> fit_first_level(const std::vector<VoxelGroup>& groups,
                                           const OpenRun& open, Journal* journal) {
  const FirstLevel& first = *groups.at(0).first;
  const size_t n_runs = first.runs.size();
  std::vector<FirstLevelFit> fits(groups.size());
  for (FirstLevelFit& fit : fits) {
    fit.estimates.resize(n_runs);
    fit.values.resize(n_runs);
    fit.trials.resize(n_runs);
    fit.products.resize(n_runs);
  }
  auto tables = std::async(std::launch::async, make_tables, std::cref(first));
  fit_side_by_side({groups, open, journal, first.plan.side_by_side(n_runs)}, fits);
  TailTables made = tables.get();
  for (size_t g = 1; g < fits.size(); ++g) fits[g].tables = made;
  fits[0].tables = std::move(made);
  return fits;
}

bool couples_voxels(const FirstLevelPlan& plan) {
  return plan.noise_model.learns_over_voxels() || plan.noise_model.smoothing_fwhm_mm > 0 ||
         plan.scaling == Scaling::grand;
}

bool has_own_dof(const FirstLevel& first, const ResolvedContrast& contrast) {
  const auto n_runs = std::ranges::count_if(
      contrast.rows, [](const Eigen::MatrixXd& rows) { return rows.size() > 0; });
  return first.plan.noise_model.has_own_dof() ||
         (n_runs > 1 && first.plan.fixed_effects == FixedEffects::meier);
}

ContrastMaps combine_contrast(const FirstLevel& first, FirstLevelFit& fit, size_t contrast) {
  std::vector<const ContrastValues*> values;
  std::vector<double> dof;
  for (size_t r = 0; r < first.runs.size(); ++r) {
    values.push_back(&fit.values[r][contrast]);
    dof.push_back(fit.estimates[r].dof);
  }
  return combine_runs(first.contrasts.usable[contrast], values, dof, first.plan.fixed_effects,
                      first.plan.n_threads, &fit.tables);
}

std::vector<VoxelStatus> joint_status(const std::vector<RunEstimates>& runs) {
  std::vector<VoxelStatus> status = runs[0].status;
  for (const auto& run : runs)
    for (size_t v = 0; v < status.size(); ++v)
      if (status[v] == VoxelStatus::ok) status[v] = run.status[v];
  return status;
}

}  // namespace sociometer
