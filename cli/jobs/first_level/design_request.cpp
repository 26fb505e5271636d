#include "cli/jobs/first_level/design_request.hpp"

#include <charconv>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "cli/jobs/first_level/confound_inputs.hpp"
#include "cli/jobs/first_level/event_inputs.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace {

void check_counts(const DesignRequest& a, size_t n_runs) {
  const auto one_per_run = [&](const std::vector<std::string>& files, const char* option) {
    if (!files.empty() && files.size() != n_runs)
      fail(ErrorCode::usage, "{} file(s) for {} but {} run(s); give one per run, in the same order",
           files.size(), option, n_runs);
  };
  one_per_run(a.events, "--events");
  one_per_run(a.designs, "--design");
  one_per_run(a.confounds.files, "--confounds");
}

/// Options for events, by name, in the order of the help text.
std::vector<std::pair<const char*, bool>> choices_about_events(const DesignRequest& a) {
  return {{"--hrf", a.hrf.has_value()},
          {"--hrf-grid", a.hrf_grid.has_value()},
          {"--oversampling", a.oversampling.has_value()},
          {"--min-onset", a.min_onset_s.has_value()},
          {"--microtime", a.microtime.has_value()},
          {"--microtime-onset", a.microtime_onset.has_value()},
          {"--fir-delays", !a.fir_delays.empty()},
          {"--modulators", !a.modulators.empty()},
          {"--center", a.center.has_value()},
          {"--orthogonalise", a.orthogonalise.has_value()},
          {"--modulator-scaling", a.modulator_scaling.has_value()},
          {"--drift", a.drift.has_value()},
          {"--high-pass", a.high_pass_hz.has_value()},
          {"--drift-order", a.drift_order.has_value()},
          {"--slice-time-ref", a.slice_time_ref.has_value()}};
}

}  // namespace

std::string to_string(const CompcorCount& count) {
  return count.n == 0 ? "all" : std::to_string(count.n);
}

CompcorCount parse_compcor_count(const std::string& text) {
  CompcorCount count;
  if (text == "all") return count;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count.n);
  if (error != std::errc() || stop != end || count.n < 1)
    fail(ErrorCode::usage, "--n-compcor is '{}'; it is a number of components, or all", text);
  return count;
}

void FieldOf<CompcorCount>::read(const Json& json, CompcorCount& count, const std::string& where) {
  if (!json.is_string()) fail(ErrorCode::bad_input, "{} is {}, not a text", where, json.dump());
  count = parsed_in(where, [&] { return parse_compcor_count(json.get<std::string>()); });
}

void FieldOf<HrfModel>::read(const Json& json, HrfModel& model, const std::string& where) {
  if (!json.is_string()) fail(ErrorCode::bad_input, "{} is {}, not a text", where, json.dump());
  model = parsed_in(where, [&] { return parse_hrf_model(json.get<std::string>()); });
}

DesignOptions design_options(const DesignRequest& a) {
  DesignOptions o;
  o.hrf = a.hrf.value_or(o.hrf);
  o.grid = a.hrf_grid.value_or(o.grid);
  const int oversampling = a.oversampling.value_or(o.fine_grid.oversampling);
  const double min_onset_s = a.min_onset_s.value_or(o.fine_grid.min_onset_s);
  constexpr int kMostPoints = 10000;
  if (oversampling < 2 || oversampling > kMostPoints)
    fail(ErrorCode::usage, "--oversampling is {}; it must be at least 2 and at most {}",
         oversampling, kMostPoints);
  if (o.grid == HrfGrid::spm && a.slice_time_ref)
    fail(ErrorCode::usage,
         "--slice-time-ref has no effect on --hrf-grid spm, which samples at --microtime-onset; "
         "give one of them");
  if (!(min_onset_s <= 0))
    fail(ErrorCode::usage, "--min-onset is {} s; it must be 0 or less", min_onset_s);
  if (a.tr_s && !(*a.tr_s > 0 && std::isfinite(*a.tr_s)))
    fail(ErrorCode::usage, "--tr is {} s; it must be positive", *a.tr_s);
  if (a.slice_time_ref && !(*a.slice_time_ref >= 0 && *a.slice_time_ref <= 1))
    fail(ErrorCode::usage, "--slice-time-ref is {}; it must lie between 0 and 1",
         *a.slice_time_ref);
  o.fine_grid = {oversampling, min_onset_s, a.fir_delays};
  for (int delay : a.fir_delays)
    if (delay < 0)
      fail(ErrorCode::usage, "--fir-delays has {}; delays are scans, 0 or more", delay);
  o.microtime = {a.microtime.value_or(o.microtime.bins_per_scan),
                 a.microtime_onset.value_or(o.microtime.sampled_bin)};
  o.drift = a.drift.value_or(o.drift);
  o.high_pass_hz = a.high_pass_hz.value_or(o.high_pass_hz);
  o.drift_order = a.drift_order.value_or(o.drift_order);
  for (const auto& text : a.modulators) o.modulators.push_back(parse_modulators(text));
  ModulatorPolicy& policy = o.modulator_policy;
  policy.center = a.center.value_or(policy.center);
  policy.orthogonalise = a.orthogonalise.value_or(policy.orthogonalise);
  policy.scaling = a.modulator_scaling.value_or(policy.scaling);
  return o;
}

namespace {

/// A stats model already specifies what these options would set.
void check_model(const DesignRequest& a) {
  if (!a.stats_model.given()) return;
  const char* other = !a.designs.empty()                    ? "--design"
                      : !a.ev.empty()                       ? "--ev"
                      : !a.stim_times.empty()               ? "--stim-times"
                      : !a.confounds.columns.empty()        ? "--confound-columns"
                      : !a.confounds.strategy.parts.empty() ? "--confound-strategy"
                                                            : nullptr;
  for (const auto& [option, given] : choices_about_events(a))
    if (given && std::string(option) != "--slice-time-ref") other = option;
  if (other)
    fail(ErrorCode::usage, "{} and --model exclude each other: {} says it itself, in its node",
         other, a.stats_model.file);
}

}  // namespace

void check(const DesignRequest& a, size_t n_runs) {
  check_model(a);
  check_counts(a, n_runs);
  check_events(a, n_runs);
  check(a.confounds);
  if (!a.designs.empty() && (!a.confounds.files.empty() || !a.modulators.empty()))
    fail(ErrorCode::usage,
         "--design is a ready matrix: --confounds and --modulators go with events");
  const size_t n_lists = a.confounds.censor.size();
  if (n_lists > 1 && n_lists != n_runs)
    fail(ErrorCode::usage, "{} --censor values for {} runs; give one for all or one per run",
         n_lists, n_runs);
}

std::vector<std::string> idle_choices(const DesignRequest& a, const DesignOptions& o) {
  std::vector<std::string> lines;
  const bool nilearn = o.grid == HrfGrid::nilearn;
  const std::tuple<const char*, bool, const char*> needs[] = {
      {"--fir-delays", o.hrf.shape == HrfShape::fir, "--hrf fir"},
      {"--drift-order", o.drift == DriftModel::polynomial, "--drift polynomial"},
      {"--high-pass", o.drift == DriftModel::cosine, "--drift cosine"},
      {"--oversampling", nilearn, "--hrf-grid nilearn"},
      {"--min-onset", nilearn, "--hrf-grid nilearn"},
      {"--microtime", !nilearn, "--hrf-grid spm"},
      {"--microtime-onset", !nilearn, "--hrf-grid spm"}};
  for (const auto& [option, given] : choices_about_events(a)) {
    if (!given) continue;
    if (!a.designs.empty()) {
      lines.push_back(std::string(option) + " has no effect on a ready --design");
      continue;
    }
    for (const auto& [name, used, needed] : needs)
      if (std::string(option) == name && !used)
        lines.push_back(fmt::format("{} has no effect without {}", name, needed));
  }
  return lines;
}

}  // namespace sociometer::jobs
