#include "cli/jobs/first_level/load_designs.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fnmatch.h>

#include "cli/jobs/first_level/confound_inputs.hpp"
#include "cli/jobs/first_level/event_inputs.hpp"
#include "cli/jobs/first_level/model_designs.hpp"
#include "cli/jobs/first_level/ready_designs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "engine/core/error.hpp"
#include "engine/design/events_outside.hpp"
#include "engine/design/modulator_term.hpp"

namespace sociometer::jobs {
namespace {

/// fMRIPrep's cosine columns already implement the high-pass filter: a second basis would only cost
/// degrees of freedom.
bool has_cosines(const NamedColumns& confounds) {
  return std::any_of(confounds.names.begin(), confounds.names.end(), [](const auto& name) {
    return ::fnmatch("cosine[0-9]*", name.c_str(), 0) == 0;
  });
}

void check_modulated_types(const DesignOptions& options, const std::vector<Events>& runs) {
  for (const auto& set : options.modulators) {
    bool found = false;
    for (const auto& events : runs)
      found |= std::any_of(events.begin(), events.end(),
                           [&](const Event& e) { return e.type == set.event_type; });
    if (!found)
      fail(ErrorCode::bad_input, "--modulators names event type '{}', which no events file has",
           set.event_type);
  }
}

std::vector<int> default_fir_delays(double tr_s) {
  constexpr double kCovered = 20, kMostDelays = 1000;  // 20 s cover the response
  if (!(kCovered / tr_s <= kMostDelays))
    fail(ErrorCode::usage, "a TR of {} s has {:.0f} delays below {} s; give --fir-delays", tr_s,
         kCovered / tr_s, kCovered);
  std::vector<int> delays;
  for (int d = 0; d * tr_s < kCovered; ++d) delays.push_back(d);
  return delays;
}

void check_fir_delays(const std::vector<int>& delays, Eigen::Index n_scans) {
  for (int delay : delays)
    if (delay >= n_scans)
      fail(ErrorCode::usage, "--fir-delays has {}, which no event of {} scans can reach", delay,
           n_scans);
}

/// Duplicate rows, and events longer than the run.
Warnings odd_events(const std::string& path, const Events& events, double run_s) {
  std::map<std::tuple<std::string, double, double>, long> seen;
  std::map<std::string, long> twice, long_ones;
  for (const auto& event : events) {
    if (++seen[{event.type, event.onset_s, event.duration_s}] > 1) ++twice[event.type];
    if (event.duration_s > run_s) ++long_ones[event.type];
  }
  Warnings lines;
  for (const auto& [type, n] : twice)
    lines.push_back(fmt::format(
        "{}: {} of the events of '{}' repeat another one (same onset and duration), and count too",
        path, n, type));
  for (const auto& [type, n] : long_ones)
    lines.push_back(
        fmt::format("{}: {} of the events of '{}' last longer than the whole run ({:g} s); are "
                    "durations in seconds?",
                    path, n, type, run_s));
  return lines;
}

/// One line per event type that extends beyond the run.
Warnings outside_warnings(const std::string& path, const Events& events, const DesignMatrix& design,
                          const RunInput& run, const DesignOptions& options) {
  Warnings lines;
  const double tr_s = run.tr_s;
  for (const auto& o : events_outside(events, design.frame_times_s, tr_s, options)) {
    if (o.after > 0)
      lines.push_back(fmt::format(
          "{}: {} of {} events of '{}' begin after the last scan ({:g} s) and have no effect", path,
          o.after, o.total, o.type, modelled_end_s(design.frame_times_s, tr_s, options)));
    if (o.before > 0)
      lines.push_back(fmt::format(
          "{}: {} of {} events of '{}' end before the modelled time starts ({:g} s{}) and have no "
          "effect",
          path, o.before, o.total, o.type, modelled_start_s(design.frame_times_s, tr_s, options),
          options.grid == HrfGrid::nilearn ? ", --min-onset" : ""));
  }
  for (auto& line : odd_events(path, events, run.length_s())) lines.push_back(std::move(line));
  return lines;
}

/// Events without a modulator value enter the main effect only, which is reported: a few are normal
/// (trials that showed no rank), all events of a run are a mistake.
Warnings missing_modulators(const std::string& path, const Events& events,
                            const std::vector<ModulatorSet>& sets, Journal& journal) {
  Warnings lines;
  for (const auto& set : sets)
    for (const auto& text : set.columns) {
      const std::string column = modulator_term(text).column;
      long total = 0, missing = 0;
      for (const auto& event : events)
        if (event.type == set.event_type) {
          const auto value = event.values.find(column);
          ++total;
          missing += value == event.values.end() || !std::isfinite(value->second);
        }
      if (missing == 0) continue;
      std::string line = fmt::format(
          "{}: {} of {} events of '{}' have no value of {}; these count in the main effect alone",
          path, missing, total, set.event_type, column);
      if (missing == total)
        lines.push_back(std::move(line));
      else
        journal.info(line);
    }
  return lines;
}

void require_scans(const std::vector<uint8_t>& kept) {
  const auto n = std::count(kept.begin(), kept.end(), 1);
  if (n < 2)
    fail(ErrorCode::bad_input,
         "censoring leaves {} of {} scans; a run needs two or more: leave the run out, or censor "
         "less",
         n, kept.size());
}

/// Builds the design of one run from its events and confounds.
void add_run_from_events(const DesignRequest& a, const std::vector<RunInput>& runs, size_t r,
                         RunDesigns& out, Journal& journal) {
  const RunInput& run = runs[r];
  DesignOptions options = out.options;
  options.start_time_s =
      a.slice_time_ref ? *a.slice_time_ref * run.tr_s : run.start_time_s.value_or(0);
  if (options.hrf.shape == HrfShape::fir && options.fine_grid.fir_delays.empty())
    options.fine_grid.fir_delays = default_fir_delays(run.tr_s);
  check_fir_delays(options.fine_grid.fir_delays, run.n_scans);
  RunConfounds confounds = read_run_confounds(a.confounds, r, runs.size(), run.n_scans, journal);
  if (confounds.file) out.inputs.push_back(*confounds.file);
  if (confounds.columns && options.drift == DriftModel::cosine && has_cosines(*confounds.columns) &&
      !a.drift) {
    options.drift = DriftModel::none;
    out.warnings.push_back(run.name +
                           ": the confounds' cosine columns are the high-pass filter; no other "
                           "drift is added");
  }
  out.designs.push_back(
      run.volume_onset_s.empty()
          ? make_design(out.events[r], confounds.columns, run.tr_s, run.n_scans, options)
          : make_design(out.events[r], confounds.columns, run.volume_onset_s, options));
  confounds.record.volume_timing = volume_timing_record(run);
  for (auto& line :
       outside_warnings(event_source(a, r), out.events[r], out.designs[r], run, options))
    out.warnings.push_back(std::move(line));
  for (auto& line :
       missing_modulators(event_source(a, r), out.events[r], options.modulators, journal))
    out.warnings.push_back(std::move(line));
  out.run_starts.push_back({0});
  out.run_options.push_back(std::move(options));
  out.kept.push_back(std::move(confounds.kept));
  out.run_records.push_back(std::move(confounds.record));
}

void add_ready_run(const DesignRequest& a, const std::vector<RunInput>& runs, size_t r,
                   RunDesigns& out, Journal& journal) {
  ReadyDesign ready = read_ready_design(a.designs[r], runs[r].n_scans);
  out.inputs.push_back(ready.file);
  RunConfounds confounds =
      read_run_confounds(a.confounds, r, runs.size(), ready.design.n_scans(), journal);
  for (size_t t = 0; t < ready.kept.size(); ++t) confounds.kept[t] &= ready.kept[t];
  require_scans(confounds.kept);
  mend_constant(ready, confounds.kept, a.designs[r], out.warnings, journal);
  confounds.record.design_format = ready.format;
  if (ready.run_starts.size() > 1)
    confounds.record.run_starts.emplace(ready.run_starts.begin(), ready.run_starts.end());
  out.run_starts.push_back(std::move(ready.run_starts));
  out.designs.push_back(std::move(ready.design));
  out.kept.push_back(std::move(confounds.kept));
  out.run_records.push_back(std::move(confounds.record));
}

}  // namespace

double RunInput::length_s() const {
  return volume_onset_s.empty() ? double(n_scans) * tr_s : volume_onset_s.back() + tr_s;
}

RunDesigns load_designs(const DesignRequest& a, const std::vector<RunInput>& runs,
                        Journal& journal) {
  check(a, runs.size());
  require_files_of_one_run(a, runs);
  RunDesigns out;
  if (a.stats_model.given()) {
    add_model_runs(a, runs, out, journal);
    for (const auto& kept : out.kept) require_scans(kept);
    for (auto& line : repeated_content(a, out.inputs)) out.warnings.push_back(std::move(line));
    return out;
  }
  out.options = design_options(a);
  for (auto& line : idle_choices(a, out.options)) out.warnings.push_back(std::move(line));
  load_run_events(a, runs.size(), out, journal);
  if (a.designs.empty()) check_modulated_types(out.options, out.events);
  out.options.modulator_policy.means_over_runs =
      modulator_means(out.events, out.options.modulators);
  out.options.modulator_policy.sds_over_runs = modulator_sds(out.events, out.options.modulators);

  for (size_t r = 0; r < runs.size(); ++r)
    with_context(runs[r].name, [&] {
      if (a.designs.empty())
        add_run_from_events(a, runs, r, out, journal);
      else
        add_ready_run(a, runs, r, out, journal);
      require_scans(out.kept[r]);
      return 0;
    });
  for (auto& line : repeated_content(a, out.inputs)) out.warnings.push_back(std::move(line));
  return out;
}

namespace {

std::vector<ContrastSpec> with_distinct_names(std::vector<ContrastSpec> specs) {
  std::set<std::string> names;
  for (const auto& spec : specs)
    if (!names.insert(spec.name).second)
      fail(ErrorCode::usage, "two contrasts are named '{}' in file names; rename one", spec.name);
  return specs;
}

}  // namespace

std::vector<ContrastSpec> contrast_specs(const std::vector<std::string>& t,
                                         const std::vector<std::string>& f,
                                         const std::vector<std::string>& files,
                                         std::vector<InputFile>* inputs) {
  std::vector<ContrastSpec> specs;
  for (const auto& text : t) specs.push_back(parse_contrast(text, ContrastKind::t));
  for (const auto& text : f) specs.push_back(parse_contrast(text, ContrastKind::F));
  const auto more = contrasts_of_files(files, inputs);
  specs.insert(specs.end(), more.begin(), more.end());
  return with_distinct_names(std::move(specs));
}

std::vector<ContrastSpec> contrast_specs(const DesignRequest& a) {
  return contrast_specs(a.contrasts, a.f_contrasts, a.contrast_files);
}

ScanCounts scan_counts(const RunDesigns& d, size_t r) {
  const long n = long(d.designs[r].n_scans());
  return {n, n - long(std::count(d.kept[r].begin(), d.kept[r].end(), 1))};
}

namespace {

std::optional<ByName<double>> sds_of_modulators(const DesignMatrix& design) {
  ByName<double> sds;
  for (size_t j = 0; j < design.names.size(); ++j)
    if (!std::isnan(design.trial_sd[j])) sds.emplace_back(design.names[j], design.trial_sd[j]);
  if (sds.empty()) return std::nullopt;
  return sds;
}

}  // namespace

RunSettings run_settings(const DesignRequest& a, const RunDesigns& d, size_t r) {
  RunSettings record;
  record.inputs = d.run_records[r];
  if (d.run_options.empty()) return record;
  const DesignMatrix& design = d.designs[r];
  const DesignOptions& o = d.run_options[r];
  record.modulator_sd = sds_of_modulators(design);
  record.start_time_s = design.frame_times_s[0];
  record.start_time_source = o.grid == HrfGrid::spm ? "microtime onset"
                             : a.slice_time_ref     ? "--slice-time-ref"
                             : o.start_time_s != 0  ? "StartTime of the JSON sidecar"
                                                    : "start of the scan";
  record.drift =
      o.drift == d.options.drift ? to_string(o.drift) : "cosine columns of the confounds";
  if (o.drift == DriftModel::cosine) record.high_pass_hz = o.high_pass_hz;
  if (o.drift == DriftModel::polynomial) record.drift_order = o.drift_order;
  if (o.hrf.shape == HrfShape::fir) record.fir_delays = o.fine_grid.fir_delays;
  return record;
}

namespace {

const char* design_source(const DesignRequest& a) {
  return a.stats_model.given()   ? "BIDS stats model"
         : !a.designs.empty()    ? "ready matrix"
         : !a.ev.empty()         ? "FSL three-column files"
         : !a.stim_times.empty() ? "AFNI stim times"
                                 : "events";
}

ResponseGridRecord grid_record(const DesignOptions& o) {
  ResponseGridRecord record;
  record.grid = name_of(o.grid);
  if (o.grid == HrfGrid::nilearn) {
    record.oversampling = o.fine_grid.oversampling;
    record.min_onset_s = o.fine_grid.min_onset_s;
  } else {
    record.microtime_bins = o.microtime.bins_per_scan;
    record.microtime_onset = o.microtime.sampled_bin;
  }
  return record;
}

ModulatorsRecord modulators_record(const DesignRequest& a, const DesignOptions& o) {
  ModulatorsRecord record;
  if (o.modulators.empty()) return record;
  record.modulators = a.modulators;
  if (a.modulators.empty())  // SPM's pmod
    for (const auto& set : o.modulators)
      record.modulators->push_back(
          fmt::format("{}:{}", set.event_type, fmt::join(set.columns, ",")));
  record.centering = to_string(o.modulator_policy.center);
  record.orthogonalisation =
      o.modulator_policy.orthogonalise == Orthogonalisation::serial ? "serial" : "none";
  record.scaling = to_string(o.modulator_policy.scaling);
  record.missing_values = "0 after centring; the trial counts in the main effect";
  return record;
}

}  // namespace

DesignSettings design_settings(const DesignRequest& a, const RunDesigns& d) {
  DesignSettings record;
  record.source = design_source(a);
  if (a.stats_model.given()) record.model = a.stats_model.file;
  if (!a.stats_model.node.empty()) record.node = a.stats_model.node;
  record.confounds = confounds_record(a.confounds);
  if (!a.designs.empty()) return record;
  if (!a.stats_model.given())
    record.hrf = to_string(d.options.hrf);
  else if (!d.responses.empty())
    record.hrf = fmt::format("{}", fmt::join(d.responses, ", "));
  record.grid = grid_record(d.options);
  record.modulators = modulators_record(a, d.options);
  return record;
}

}  // namespace sociometer::jobs
