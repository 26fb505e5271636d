#include "engine/glm/run_analysis.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/glm/noise_strategy.hpp"

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
RunResults fit_streamed(VolumeSource& source, const PreparedRun& run, const Mask& mask,
                        const RunPlan& plan, const StreamOptions& stream, bool alone) {
  RunResults results = empty_results(run.design, plan, mask.n_voxels());
  // If little remains to be done once the run is read, and a processor is idle until then.
  std::future<void> filled;
  if (alone && run.noise_model.order <= 1 && stream.n_threads > 1)
    filled = std::async(std::launch::async, fill_results, std::ref(results), 1);
  LagSums sums = sum_run(source, run.design, mask, *plan.kernels, stream);
  if (filled.valid()) filled.get();
  fit_run(run.design, std::move(sums), plan, results);
  return results;
}

/// State shared by the runs of an analysis while they are fitted.
struct Fitting {
  const FirstLevel& first;
  const OpenRun& open;
  const Mask& mask;
  Journal* journal;
  int runs_at_once;
};

RunResults fit_one_run(const Fitting& all, size_t r) {
  const bool alone = all.runs_at_once == 1;
  const PreparedRun& run = all.first.runs[r];
  Progress reading(all.journal, "fitting " + run.name, alone);
  StreamOptions stream = all.first.plan.stream();
  stream.n_threads = std::max(1, stream.n_threads / all.runs_at_once);
  stream.progress = [&](Eigen::Index done, Eigen::Index total) { reading.update(done, total); };
  RunPlan plan{.noise_model = run.noise_model,
               .scaling = all.first.plan.scaling,
               .with_ljung_box = all.first.plan.with_ljung_box,
               .n_threads = stream.n_threads};
  for (const auto& contrast : all.first.contrasts.usable)
    if (contrast.usable_in(r)) plan.contrasts.push_back(contrast.rows[r]);
  std::optional<MaskSmoother> smoother;
  if (run.noise_model.smoothing_fwhm_mm > 0)
    plan.smoother = &smoother.emplace(all.mask, run.noise_model.smoothing_fwhm_mm);
  const std::unique_ptr<VolumeSource> source = all.open(r);
  if (run.noise_model.streams()) return fit_streamed(*source, run, all.mask, plan, stream, alone);
  MaskedSeries series = read_series(*source, run.design.n_scans(), all.mask, stream);
  Progress voxels(all.journal, "noise of " + run.name, alone);
  plan.progress = [&](Eigen::Index done) { voxels.update(done, all.mask.n_voxels()); };
  return fit_run(run.design, std::move(series), plan);
}

void put(RunResults results, const std::vector<ResolvedContrast>& contrasts, size_t r,
         FirstLevelFit& fit) {
  fit.estimates[r] = std::move(results.estimates);
  auto next = results.values.begin();
  for (const auto& contrast : contrasts)
    fit.values[r].push_back(contrast.usable_in(r) ? std::move(*next++) : ContrastValues{});
}

/// Runs in parallel: inflating one run keeps at most one processor busy.
void fit_side_by_side(const Fitting& all, FirstLevelFit& fit) {
  const size_t n_runs = all.first.runs.size();
  std::vector<std::exception_ptr> failures(n_runs);
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t r = next++; r < n_runs; r = next++) try {
        put(fit_one_run(all, r), all.first.contrasts.usable, r, fit);
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
  // Inflation is the bottleneck for most models and keeps one processor busy. Averages use two;
  // models that store the series need much memory, and keep all of them busy with one run.
  const int suits = !noise_model.streams() ? 1
                    : noise_model.averages ? std::max(1, n_threads / 2)
                                           : n_threads;
  return std::max(1, std::min(runs_at_once.value_or(suits), int(n_runs)));
}

StreamOptions FirstLevelPlan::stream() const {
  StreamOptions options;
  options.smoothing_fwhm_mm = smoothing_fwhm_mm;
  options.n_threads = n_threads;
  return options;
}

PreparedRun prepare_run(RunSpec spec, const FirstLevelPlan& plan) {
  return with_context(spec.name, [&] {
    NoiseModel model =
        noise_model_of_run(plan.noise_model, {spec.design.n_scans(), spec.tr_s, spec.starts});
    if (spec.kept.empty()) spec.kept.assign(size_t(spec.design.n_scans()), 1);
    RunDesign design(spec.design.values, spec.kept, model.order);
    design.set_roles(spec.design.roles);
    PreparedRun run{spec.name, std::move(spec.design), std::move(design), std::move(model)};
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
  FirstLevelFit fit;
  fit.estimates.resize(first.runs.size());
  fit.values.resize(first.runs.size());
  auto tables = std::async(std::launch::async, make_tables, std::cref(first));
  fit_side_by_side({first, open, mask, journal, first.plan.side_by_side(first.runs.size())}, fit);
  fit.tables = tables.get();
  return fit;
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
