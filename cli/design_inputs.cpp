#include "cli/design_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <CLI/CLI.hpp>
#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "engine/design/modulator_term.hpp"
#include "io/byte_stream.hpp"

namespace sociometer::cli {
namespace {

void check_counts(const DesignArguments& a, size_t n_runs) {
  const auto check = [&](const std::vector<std::string>& files, const char* option) {
    if (!files.empty() && files.size() != n_runs)
      fail(ErrorCode::usage, "{} file(s) for {} but {} run(s); give one per run, in the same order",
           files.size(), option, n_runs);
  };
  check(a.events, "--events");
  check(a.designs, "--design");
  check(a.confounds, "--confounds");
  if (a.events.empty() == a.designs.empty())
    fail(ErrorCode::usage, "give either --events or --design{}",
         a.events.empty() ? "" : ", not both");
  if (!a.designs.empty() && (!a.confounds.empty() || !a.modulators.empty()))
    fail(ErrorCode::usage,
         "--design is a ready matrix: --confounds and --modulators go with --events");
  if (a.censor.size() > 1 && a.censor.size() != n_runs)
    fail(ErrorCode::usage, "{} --censor values for {} runs; give one for all or one per run",
         a.censor.size(), n_runs);
}

DesignOptions parse_options(const DesignArguments& a) {
  DesignOptions o;
  o.hrf = parse_hrf_model(a.hrf);
  if (a.hrf_grid != "nilearn" && a.hrf_grid != "spm")
    fail(ErrorCode::usage, "unknown HRF grid '{}'; known: nilearn, spm", a.hrf_grid);
  o.grid = a.hrf_grid == "spm" ? HrfGrid::spm : HrfGrid::nilearn;
  if (a.oversampling < 2)
    fail(ErrorCode::usage, "--oversampling is {}; it must be at least 2", a.oversampling);
  if (o.grid == HrfGrid::spm && a.slice_time_ref)
    fail(ErrorCode::usage,
         "--slice-time-ref has no effect on --hrf-grid spm, which samples at --microtime-onset; "
         "give one of them");
  if (!(a.min_onset_s <= 0))
    fail(ErrorCode::usage, "--min-onset is {} s; it must be 0 or less", a.min_onset_s);
  if (a.tr_s && !(*a.tr_s > 0 && std::isfinite(*a.tr_s)))
    fail(ErrorCode::usage, "--tr is {} s; it must be positive", *a.tr_s);
  if (a.slice_time_ref && !(*a.slice_time_ref >= 0 && *a.slice_time_ref <= 1))
    fail(ErrorCode::usage, "--slice-time-ref is {}; it must lie between 0 and 1",
         *a.slice_time_ref);
  o.fine_grid = {a.oversampling, a.min_onset_s, a.fir_delays};
  for (int delay : a.fir_delays)
    if (delay < 0)
      fail(ErrorCode::usage, "--fir-delays has {}; delays are scans, 0 or more", delay);
  o.microtime = {a.microtime, a.microtime_onset};
  o.drift = parse_drift_model(a.drift);
  o.high_pass_hz = a.high_pass_hz;
  o.drift_order = a.drift_order;
  for (const auto& text : a.modulators) o.modulators.push_back(parse_modulators(text));
  o.modulator_policy.center = parse_centering(a.center);
  o.modulator_policy.orthogonalise = parse_orthogonalisation(a.orthogonalise);
  o.modulator_policy.scaling = parse_modulator_scaling(a.modulator_scaling);
  return o;
}

InputFile checked_input(const std::string& path) { return input_file(path, crc32_of_file(path)); }

/// A list of scans has only digits, commas and hyphens; anything else names columns.
bool is_scan_list(const std::string& text) {
  return text.find_first_not_of("0123456789,-") == std::string::npos;
}

std::vector<uint8_t> kept_scans(const DesignArguments& a, size_t run, size_t n_runs,
                                Eigen::Index n_scans) {
  if (a.censor.empty()) return std::vector<uint8_t>(size_t(n_scans), 1);
  const std::string& censor = a.censor.size() == 1 ? a.censor[0] : a.censor[run];
  if (is_scan_list(censor)) {
    if (a.censor.size() == 1 && n_runs > 1)
      fail(ErrorCode::usage, "--censor {} is a list of scans for {} runs; give one list per run",
           censor, n_runs);
    return parse_censor_list(censor, n_scans);
  }
  if (a.confounds.empty())
    fail(ErrorCode::usage, "--censor {} names a column, which needs --confounds", censor);
  return read_censor_columns(a.confounds[run], censor, n_scans);
}

/// fMRIPrep's cosine columns already hold the high-pass filter: a second basis would only cost
/// scans.
bool has_cosines(const NamedColumns& confounds) {
  return std::any_of(confounds.names.begin(), confounds.names.end(), [](const auto& name) {
    return ::fnmatch("cosine[0-9]*", name.c_str(), 0) == 0;
  });
}

std::vector<std::string> modulator_columns(const DesignOptions& options) {
  std::set<std::string> names;
  for (const auto& set : options.modulators)
    for (const auto& text : set.columns) names.insert(modulator_term(text).column);
  return {names.begin(), names.end()};
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

DesignMatrix ready_design(const std::string& path, const RunInput& run) {
  DesignMatrix design = read_design(path);
  if (run.n_scans > 0 && design.n_scans() != run.n_scans)
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path, design.n_scans(),
         run.n_scans);
  return design;
}

std::vector<int> default_fir_delays(double tr_s) {
  std::vector<int> delays;  // 20 s cover the response
  for (int d = 0; d * tr_s < 20; ++d) delays.push_back(d);
  return delays;
}

}  // namespace

void add_design_options(CLI::App& c, DesignArguments& a) {
  c.add_option("--events", a.events, "BIDS events tables, one per run");
  c.add_option("--design", a.designs, "Ready design matrices (TSV with a header), one per run");
  c.add_option("--confounds", a.confounds, "Confounds tables, one per run");
  c.add_option("--confound-columns", a.confound_columns,
               "Columns or globs of the confounds (default: all)");
  c.add_option("--censor", a.censor,
               "Scans to leave out: a column or glob of the confounds (nonzero = out), or a list "
               "per run counted from "
               "0, like 3,7,12-15");
  c.add_option("--tr", a.tr_s,
               "Repetition time in s (default: the JSON sidecar's, else the header's)");
  a.event_options.push_back(
      c.add_option("--hrf", a.hrf,
                   "spm, glover, each with '+ derivative' and '+ dispersion'; fir; none")
          ->capture_default_str());
  a.event_options.push_back(
      c.add_option("--hrf-grid", a.hrf_grid,
                   "Where events fall between scans: nilearn or spm (microtime bins)")
          ->capture_default_str());
  a.event_options.push_back(
      c.add_option("--oversampling", a.oversampling, "nilearn grid: points per scan")
          ->capture_default_str());
  a.event_options.push_back(
      c.add_option("--min-onset", a.min_onset_s, "nilearn grid: its start before the first scan, s")
          ->capture_default_str());
  a.event_options.push_back(c.add_option("--microtime", a.microtime, "spm grid: bins per scan (T)")
                                ->capture_default_str());
  a.event_options.push_back(
      c.add_option("--microtime-onset", a.microtime_onset, "spm grid: sampled bin, from 1 (T0)")
          ->capture_default_str());
  a.event_options.push_back(c.add_option(
      "--fir-delays", a.fir_delays, "Delays in scans for --hrf fir (default: those below 20 s)"));
  a.event_options.push_back(
      c.add_option("--modulators", a.modulators,
                   "TYPE:COLUMN[,COLUMN..] of the events table, also as abs(COLUMN)"));
  a.event_options.push_back(
      c.add_option("--center", a.center,
                   "Centre modulators over the trials of the run, of all runs, or none")
          ->capture_default_str());
  a.event_options.push_back(
      c.add_option("--orthogonalise", a.orthogonalise, "Modulators: none, or serial as SPM does")
          ->capture_default_str());
  a.event_options.push_back(
      c.add_option("--modulator-scaling", a.modulator_scaling,
                   "Divide modulators by their standard deviation over the trials of the run (sd) "
                   "or of all runs (sd-all), or not (none)")
          ->capture_default_str());
  a.event_options.push_back(
      a.drift_option =
          c.add_option("--drift", a.drift, "cosine, polynomial or none")->capture_default_str());
  a.event_options.push_back(
      c.add_option("--high-pass", a.high_pass_hz, "Cosine drift: cutoff in Hz")
          ->capture_default_str());
  a.event_options.push_back(c.add_option("--drift-order", a.drift_order, "Polynomial drift: order")
                                ->capture_default_str());
  a.event_options.push_back(c.add_option(
      "--slice-time-ref", a.slice_time_ref,
      "When a scan is sampled, as a fraction of TR (default: the sidecar's StartTime, else 0)"));
  c.add_option("--contrast", a.contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c.add_option("--f-contrast", a.f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
}

RunDesigns load_designs(const DesignArguments& a, const std::vector<RunInput>& runs) {
  check_counts(a, runs.size());
  RunDesigns out;
  out.options = parse_options(a);
  if (!a.designs.empty())
    for (const auto* option : a.event_options)
      if (option->count() > 0)
        out.warnings.push_back(option->get_name() + " has no effect on a ready --design");
  const auto columns = modulator_columns(out.options);
  for (const auto& path : a.events) {
    out.events.push_back(read_events(path, columns, out.warnings));
    out.inputs.push_back(checked_input(path));
  }
  if (!a.events.empty()) check_modulated_types(out.options, out.events);
  out.options.modulator_policy.means_over_runs =
      modulator_means(out.events, out.options.modulators);
  out.options.modulator_policy.sds_over_runs = modulator_sds(out.events, out.options.modulators);

  for (size_t r = 0; r < runs.size(); ++r)
    with_context(runs[r].name, [&] {
      if (!a.designs.empty()) {
        out.designs.push_back(ready_design(a.designs[r], runs[r]));
        out.inputs.push_back(checked_input(a.designs[r]));
      } else {
        DesignOptions options = out.options;
        options.start_time_s =
            a.slice_time_ref ? *a.slice_time_ref * runs[r].tr_s : runs[r].start_time_s.value_or(0);
        if (options.hrf.shape == HrfShape::fir && options.fine_grid.fir_delays.empty())
          options.fine_grid.fir_delays = default_fir_delays(runs[r].tr_s);
        std::optional<NamedColumns> confounds;
        if (!a.confounds.empty()) {
          std::vector<std::string> censor_globs;
          for (const auto& censor : a.censor)
            if (!is_scan_list(censor)) censor_globs.push_back(censor);
          confounds =
              read_confounds(a.confounds[r], a.confound_columns, censor_globs, out.warnings);
          out.inputs.push_back(checked_input(a.confounds[r]));
          if (options.drift == DriftModel::cosine && has_cosines(*confounds) &&
              (!a.drift_option || a.drift_option->count() == 0)) {
            options.drift = DriftModel::none;
            out.warnings.push_back(runs[r].name +
                                   ": the confounds' cosine columns are the high-pass filter; no "
                                   "other drift is added");
          }
        }
        out.run_options.push_back(options);
        out.designs.push_back(
            make_design(out.events[r], confounds, runs[r].tr_s, runs[r].n_scans, options));
      }
      out.kept.push_back(kept_scans(a, r, runs.size(), out.designs[r].n_scans()));
      return 0;
    });
  return out;
}

std::vector<ContrastSpec> contrast_specs(const std::vector<std::string>& t,
                                         const std::vector<std::string>& f) {
  std::vector<ContrastSpec> specs;
  std::set<std::string> names;
  const auto add = [&](const std::string& text, ContrastKind kind) {
    specs.push_back(parse_contrast(text, kind));
    if (!names.insert(specs.back().name).second)
      fail(ErrorCode::usage, "two contrasts are named '{}' in file names; rename one",
           specs.back().name);
  };
  for (const auto& text : t) add(text, ContrastKind::t);
  for (const auto& text : f) add(text, ContrastKind::F);
  return specs;
}

Warnings collinearity_warnings(const DesignMatrix& design, const DesignDiagnostics& d,
                               const std::string& run) {
  Warnings warnings;
  for (Eigen::Index i = 0; i < design.n_columns(); ++i) {
    if (design.roles[size_t(i)] != ColumnRole::task && design.roles[size_t(i)] != ColumnRole::given)
      continue;
    if (d.zero[size_t(i)])
      warnings.push_back(
          fmt::format("{}: column '{}' is zero in every scan that is kept (events outside the run, "
                      "or a modulator that does not vary)",
                      run, design.names[size_t(i)]));
    if (d.vif[i] > 5)
      warnings.push_back(fmt::format(
          "{}: the variance of '{}' is inflated {:.3g} times by the other columns (VIF > 5)", run,
          design.names[size_t(i)], d.vif[i]));
    for (Eigen::Index j = 0; j < i; ++j)
      if (design.roles[size_t(j)] == design.roles[size_t(i)] && std::abs(d.correlation(i, j)) > 0.8)
        warnings.push_back(fmt::format("{}: '{}' and '{}' correlate at {:.3f}", run,
                                       design.names[size_t(j)], design.names[size_t(i)],
                                       d.correlation(i, j)));
  }
  return warnings;
}

Eigen::MatrixXd kept_rows(const DesignMatrix& design, const std::vector<uint8_t>& kept) {
  std::vector<Eigen::Index> rows;
  for (size_t t = 0; t < kept.size(); ++t)
    if (kept[t]) rows.push_back(Eigen::Index(t));
  return design.values(rows, Eigen::all);
}

void add_run_json(Json& json, const DesignArguments& a, const RunDesigns& d, size_t r) {
  const Eigen::Index n = d.designs[r].n_scans(),
                     kept = std::count(d.kept[r].begin(), d.kept[r].end(), 1);
  json["Scans"] = n;
  json["CensoredScans"] = n - kept;
  if (d.run_options.empty()) return;
  const DesignMatrix& design = d.designs[r];
  for (size_t j = 0; j < design.names.size(); ++j)
    if (!std::isnan(design.trial_sd[j])) json["ModulatorSD"][design.names[j]] = design.trial_sd[j];
  const DesignOptions& o = d.run_options[r];
  json["StartTime"] = d.designs[r].frame_times_s[0];
  json["StartTimeSource"] = o.grid == HrfGrid::spm ? "microtime onset"
                            : a.slice_time_ref     ? "--slice-time-ref"
                            : o.start_time_s != 0  ? "StartTime of the JSON sidecar"
                                                   : "start of the scan";
  json["Drift"] =
      o.drift == d.options.drift ? to_string(o.drift) : "cosine columns of the confounds";
  if (o.drift == DriftModel::cosine) json["HighPassHz"] = o.high_pass_hz;
  if (o.drift == DriftModel::polynomial) json["DriftOrder"] = o.drift_order;
  if (o.hrf.shape == HrfShape::fir) json["FIRDelays"] = o.fine_grid.fir_delays;
}

Json design_json(const DesignArguments& a, const RunDesigns& d) {
  Json json;
  if (!a.designs.empty()) {
    json["Source"] = "ready matrix";
    return json;
  }
  const DesignOptions& o = d.options;
  json["Source"] = "events";
  json["HRF"] = to_string(o.hrf);
  json["HRFGrid"] = a.hrf_grid;
  if (o.grid == HrfGrid::nilearn) {
    json["Oversampling"] = o.fine_grid.oversampling;
    json["MinOnset"] = o.fine_grid.min_onset_s;
  } else {
    json["MicrotimeBins"] = o.microtime.bins_per_scan;
    json["MicrotimeOnset"] = o.microtime.sampled_bin;
  }
  if (a.modulators.empty()) return json;
  json["Modulators"] = a.modulators;
  json["ModulatorCentering"] = to_string(o.modulator_policy.center);
  json["ModulatorOrthogonalisation"] = a.orthogonalise;
  json["ModulatorScaling"] = to_string(o.modulator_policy.scaling);
  json["ModulatorMissingValues"] = "0 after centring; the trial counts in the main effect";
  return json;
}

}  // namespace sociometer::cli
