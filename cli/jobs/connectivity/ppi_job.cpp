#include "cli/jobs/connectivity/ppi_job.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/jobs/first_level/design_record.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/connectivity/ppi.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/first_level_records.hpp"
#include "io/records/record_fields.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// The seed's series of one run.
struct SeedSeries {
  Eigen::VectorXd values;
  std::optional<double> start_time_s, tr_s;  ///< of the table's sidecar
  std::vector<InputFile> files{};            ///< the table, and its sidecar if that was read
};

/// StartTime and RepetitionTime of the JSON file beside the table.
void read_times(const std::string& path, SeedSeries& out) {
  std::filesystem::path beside(path);
  beside.replace_extension(".json");
  if (!std::filesystem::exists(beside)) return;
  const FileContent sidecar = read_text_file(beside.string());
  out.start_time_s = number_in_json(sidecar, "StartTime");
  out.tr_s = number_in_json(sidecar, "RepetitionTime");
  out.files.push_back(sidecar.file);
}

SeedSeries read_seed(const std::string& path, const std::string& seed) {
  const Table table = read_table(path);
  const int column = table.find(seed);
  if (column < 0)
    fail(ErrorCode::bad_input, "{} has no column '{}'; its columns are {}", path, seed,
         fmt::join(table.names, ", "));
  SeedSeries out{Eigen::VectorXd(Eigen::Index(table.rows.size())), {}, {}, {table.file()}};
  read_times(path, out);
  for (size_t i = 0; i < table.rows.size(); ++i) {
    out.values[Eigen::Index(i)] = number_in(table, i, column);
    if (std::isnan(out.values[Eigen::Index(i)]))
      fail(ErrorCode::bad_input, "{} line {}: the seed '{}' is missing; a series needs every scan",
           path, table.line_numbers[i], seed);
  }
  return out;
}

std::vector<RunInput> runs_of_series(const PpiRequest& a, const std::vector<SeedSeries>& seeds) {
  std::vector<RunInput> out;
  for (size_t r = 0; r < seeds.size(); ++r) {
    RunInput run;
    run.name = fmt::format("run {}", r + 1);
    run.tr_s = a.design.tr_s.value_or(0);
    run.n_scans = seeds[r].values.size();
    run.start_time_s = seeds[r].start_time_s;
    out.push_back(run);
  }
  return out;
}

/// The repetition time that the series' sidecars give.
double tr_of_series(const PpiRequest& a, const std::vector<SeedSeries>& seeds) {
  std::optional<double> tr;
  for (size_t r = 0; r < seeds.size(); ++r) {
    if (!seeds[r].tr_s)
      fail(ErrorCode::usage, "--tr is needed: no RepetitionTime is in a JSON file beside {}",
           a.series[r]);
    if (tr && *tr != *seeds[r].tr_s)
      fail(ErrorCode::bad_input,
           "{} has the repetition time {} s, {} {} s; runs of one call share it", a.series[0], *tr,
           a.series[r], *seeds[r].tr_s);
    tr = seeds[r].tr_s;
  }
  if (!tr) fail(ErrorCode::usage, "no --series is given: tables of `roi extract --series`");
  return *tr;
}

/// Series and events of a run are of one recording by their names.
void require_alike(const PpiRequest& a) {
  if (a.design.events.size() != a.series.size()) return;
  for (size_t r = 0; r < a.series.size(); ++r)
    require_same_entities(a.series[r], a.design.events[r], {"sub", "ses", "task", "acq", "run"});
}

/// The time within a scan at which it was sampled decides what an event meets.
void warn_of_times(const PpiRequest& a, const std::vector<SeedSeries>& seeds, Journal& journal) {
  bool unknown = false;
  for (size_t r = 0; r < seeds.size(); ++r) {
    unknown |= !seeds[r].start_time_s;
    if (seeds[r].tr_s && std::abs(*seeds[r].tr_s / *a.design.tr_s - 1) > 1e-3)
      journal.warn(
          fmt::format("{}: TR is {} s by --tr and {} s in the series' JSON file; --tr is used",
                      a.series[r], *a.design.tr_s, *seeds[r].tr_s));
  }
  if (unknown && !a.design.slice_time_ref)
    journal.warn(
        "neither --slice-time-ref nor StartTime in the series' JSON file says when within a scan "
        "the seed was sampled: its start is taken; give it as to `fit`");
}

void refuse_censoring(const RunDesigns& runs) {
  for (size_t r = 0; r < runs.kept.size(); ++r) {
    const auto censored = std::count(runs.kept[r].begin(), runs.kept[r].end(), uint8_t{0});
    if (censored > 0)
      fail(
          ErrorCode::usage,
          "run {}: {} scans are censored; a seed's series goes on without gaps, so leave censoring "
          "to `fit --design`, which takes --confounds and --censor",
          r + 1, censored);
  }
}

/// What the design has beside the task.
std::vector<std::string> nuisance_roles(const DesignMatrix& design) {
  std::vector<std::string> out;
  for (ColumnRole role : design.roles) {
    const std::string name = to_string(role);
    if (role != ColumnRole::task && std::find(out.begin(), out.end(), name) == out.end())
      out.push_back(name);
  }
  return out;
}

InteractionsRecord interactions_record(const PpiRequest& a, const SeedSeries& seed,
                                       const PpiColumns& columns, const DesignMatrix& design) {
  InteractionsRecord record;
  record.seed = a.seed;
  record.series = seed.files;
  record.adjusted_for = nuisance_roles(design);
  record.columns = columns.names;
  record.deconvolution =
      a.deconvolve
          ? "cosines with normal priors, variances by restricted likelihood (after Gitelman "
            "et al. 2003); not the numbers of SPM"
          : "none: products of the seed and convolved events";
  if (!a.deconvolve) return record;
  record.bins_per_scan = a.bins;
  record.share_explained = columns.signal_share;
  record.events_centred = "over the run";
  record.response = "kernel on BinsPerScan bins, whatever the grid of the design's own columns";
  return record;
}

/// Below it the activity is hardly known.
constexpr double kLeastShare = 0.1;

void warn_of_deconvolution(const std::string& name, const PpiColumns& columns, Journal& journal) {
  if (columns.signal_share < kLeastShare)
    journal.warn(fmt::format(
        "{}: the deconvolved activity explains {:.3g} of the seed's variance, less than {:g}: the "
        "seed has almost no signal of the response's shape, and neither have its interactions",
        name, columns.signal_share, kLeastShare));
  if (columns.no_noise)
    journal.warn(fmt::format(
        "{}: the seed is deconvolved as if it had no noise, the end of what is tried", name));
}

void write_run(const PpiRequest& a, const RunDesigns& runs, size_t r, const SeedSeries& seed,
               const std::string& stem, const Session& session, OutputSet& outputs) {
  const PpiColumns columns = with_context(fmt::format("run {}", r + 1), [&] {
    return ppi_columns(runs.designs[r], runs.events[r], runs.run_options[r], seed.values,
                       {a.deconvolve, a.bins});
  });
  warn_of_deconvolution(fmt::format("run {}", r + 1), columns, session.journal);
  const DesignMatrix design = with_ppi(runs.designs[r], columns);
  const DesignDiagnostics d = diagnose(design.values);
  const std::string name = fmt::format("run {}", r + 1);
  for (const auto& w : collinearity_warnings(design, d, name)) session.journal.warn(w);
  DesignRecord record = design_record(a.design, runs, r, design, d);
  record.interactions = interactions_record(a, seed, columns, design);
  write_design_files(outputs, stem, name, design, d, record, session.provenance);
}

}  // namespace

void check(const PpiRequest& a) {
  if (a.series.empty())
    fail(ErrorCode::usage, "no --series is given: tables of `roi extract --series`, one per run");
  if (a.seed.empty()) fail(ErrorCode::usage, "no --seed is given: a column of the series");
  if (a.design.stats_model.given() || !a.design.designs.empty())
    fail(ErrorCode::usage,
         "interactions are made of events: give --events, --ev or --stim-times instead of {}",
         a.design.stats_model.given() ? "--model" : "--design");
  if (a.bins < 1 || a.bins > 200) fail(ErrorCode::usage, "--bins is {}; it takes 1 to 200", a.bins);
  const size_t n_runs = runs_of(a.design);
  if (n_runs != 0 && n_runs != a.series.size())
    fail(ErrorCode::usage, "{} tables of --series for {} run(s) of events; give one per run",
         a.series.size(), n_runs);
  check(a.design, a.series.size());
}

JobSummary ppi(const PpiRequest& request, const Session& session) {
  PpiRequest a = request;
  std::vector<SeedSeries> seeds;
  for (const auto& path : a.series) seeds.push_back(read_seed(path, a.seed));
  if (!a.design.tr_s) a.design.tr_s = tr_of_series(a, seeds);
  check(a);
  require_alike(a);
  warn_of_times(a, seeds, session.journal);
  const RunDesigns runs = load_designs(a.design, runs_of_series(a, seeds), session.journal);
  for (const auto& w : runs.warnings) session.journal.warn(w);
  refuse_censoring(runs);
  note_read(session, runs.inputs);
  for (const auto& seed : seeds) note_read(session, seed.files);
  OutputSet outputs(a.output, session.policy("ppi", a.prefix));
  for (size_t r = 0; r < seeds.size(); ++r) {
    const std::string run = seeds.size() == 1 ? "" : fmt::format("run-{}_", r + 1);
    write_run(a, runs, r, seeds[r], name_prefix(a.prefix) + run, session, outputs);
  }
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(session.journal, a.output, a.prefix);
  return {};
}

}  // namespace sociometer::jobs
