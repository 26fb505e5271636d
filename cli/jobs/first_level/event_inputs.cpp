#include "cli/jobs/first_level/event_inputs.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/design/modulator_term.hpp"
#include "io/tables/afni_tables.hpp"
#include "io/tables/fsl_designs.hpp"
#include "io/tables/spm_conditions.hpp"

namespace sociometer::jobs {
namespace {

/// Splits "faces=run1.txt,run2.txt".
struct NamedFiles {
  std::string name;
  std::vector<std::string> files;
};

NamedFiles named_files(const std::string& text, const char* option) {
  const size_t equals = text.find('=');
  NamedFiles out;
  if (equals != std::string::npos) {
    out.name = unpadded(text.substr(0, equals));
    for (const auto& file : split_list(text.substr(equals + 1)))
      out.files.push_back(unpadded(file));
  }
  const bool complete = !out.name.empty() && !out.files.empty() &&
                        std::find(out.files.begin(), out.files.end(), "") == out.files.end();
  if (!complete)
    fail(ErrorCode::usage, "{} '{}': expected NAME=FILE, with one file per run for --ev", option,
         text);
  return out;
}

std::vector<NamedFiles> named_lists(const std::vector<std::string>& texts, const char* option) {
  std::vector<NamedFiles> out;
  std::set<std::string> names;
  for (const auto& text : texts) {
    out.push_back(named_files(text, option));
    if (!names.insert(out.back().name).second)
      fail(ErrorCode::usage, "{} names '{}' twice", option, out.back().name);
  }
  return out;
}

double seconds_in(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ||
      value < 0)
    fail(ErrorCode::usage, "--stim-duration: '{}' is not a duration in s", text);
  return value;
}

/// Duration of one condition: NAME=SECONDS takes precedence over SECONDS.
double stim_duration(const DesignRequest& a, const std::string& name) {
  double duration = 0;
  for (const auto& text : a.stim_durations)
    if (text.find('=') == std::string::npos) duration = seconds_in(text);
  for (const auto& text : a.stim_durations)
    if (const size_t equals = text.find('='); equals != std::string::npos)
      if (unpadded(text.substr(0, equals)) == name) duration = seconds_in(text.substr(equals + 1));
  return duration;
}

void check_stim_durations(const DesignRequest& a, const std::vector<NamedFiles>& lists) {
  for (const auto& text : a.stim_durations) {
    const size_t equals = text.find('=');
    seconds_in(equals == std::string::npos ? text : text.substr(equals + 1));
    if (equals == std::string::npos) continue;
    const std::string name = unpadded(text.substr(0, equals));
    if (std::none_of(lists.begin(), lists.end(), [&](const auto& l) { return l.name == name; }))
      fail(ErrorCode::usage, "--stim-duration names '{}', which --stim-times does not", name);
  }
}

/// Gives every event of a modulated type the modulator's column; NaN where it is missing.
void fill_values(const std::vector<ModulatorSet>& sets, std::vector<Events>& runs) {
  for (const auto& set : sets)
    for (const auto& text : set.columns) {
      const std::string column = modulator_term(text).column;
      bool found = false;
      for (auto& events : runs)
        for (auto& event : events) {
          if (event.type != set.event_type) continue;
          found |= event.values.contains(column);
          event.values.try_emplace(column, kMissing);
        }
      if (!found)
        fail(ErrorCode::bad_input, "no event of '{}' has '{}', by which it is to be modulated",
             set.event_type, column);
    }
}

std::vector<std::string> modulated_columns(const std::vector<ModulatorSet>& sets) {
  std::set<std::string> names;
  for (const auto& set : sets)
    for (const auto& text : set.columns) names.insert(modulator_term(text).column);
  return {names.begin(), names.end()};
}

/// The modulators in SPM's file are used unless others are requested.
void take_modulators(const std::vector<ModulatorSet>& from_file, std::vector<ModulatorSet>& sets) {
  for (const auto& set : from_file) {
    const auto same = std::find_if(sets.begin(), sets.end(),
                                   [&](const auto& s) { return s.event_type == set.event_type; });
    if (same == sets.end())
      sets.push_back(set);
    else
      for (const auto& column : set.columns)
        if (std::find(same->columns.begin(), same->columns.end(), column) == same->columns.end())
          same->columns.push_back(column);
  }
}

/// SPM mean-centres modulators and orthogonalises them serially, or (orth 0) does neither.
void take_policy_of_spm(const DesignRequest& a, bool orthogonal, bool plain, RunDesigns& out,
                        Warnings& notes) {
  const bool center = a.center.has_value(), serial = a.orthogonalise.has_value();
  if (orthogonal && plain && !(center && serial))
    fail(ErrorCode::bad_input,
         "SPM's orth is true of some conditions with modulators and false of others, which is one "
         "choice for all here: give --center and --orthogonalise");
  ModulatorPolicy& policy = out.options.modulator_policy;
  if (!center) policy.center = orthogonal ? Centering::run : Centering::none;
  if (!serial)
    policy.orthogonalise = orthogonal ? Orthogonalisation::serial : Orthogonalisation::none;
  if (!center || !serial)
    notes.push_back(fmt::format(
        "modulators of the SPM file (orth {}) are taken with --center {} --orthogonalise {}",
        orthogonal ? 1 : 0, to_string(policy.center), name_of(policy.orthogonalise)));
}

void load_tables(const DesignRequest& a, RunDesigns& out, Journal& journal) {
  std::vector<ModulatorSet> from_files;
  Warnings notes;
  bool any_spm = false, orthogonal = false, plain = false;
  for (const auto& path : a.events) {
    FileContent content = read_content(path);
    const InputFile file = content.file;
    if (is_matlab_file(content)) {
      SpmConditions conditions = read_spm_conditions(content, notes);
      any_spm = true;
      orthogonal = orthogonal || conditions.some_orthogonal;
      plain = plain || conditions.some_plain;
      take_modulators(conditions.modulators, from_files);
      out.events.push_back(std::move(conditions.events));
    } else {
      out.event_tables.push_back(table_of(as_text(std::move(content))));
      out.event_rows.push_back(event_rows(out.event_tables.back()));
      out.events.push_back(read_events(out.event_tables.back(),
                                       modulated_columns(out.options.modulators), out.warnings));
    }
    out.inputs.push_back(file);
  }
  if (any_spm && a.modulators.empty()) {
    out.options.modulators = std::move(from_files);
    if (orthogonal || plain) take_policy_of_spm(a, orthogonal, plain, out, notes);
  }
  if (any_spm) fill_values(out.options.modulators, out.events);
  for (const auto& note : notes) journal.info(note);
}

void load_ev_files(const DesignRequest& a, size_t n_runs, RunDesigns& out) {
  out.events.resize(n_runs);
  for (const auto& list : named_lists(a.ev, "--ev"))
    for (size_t r = 0; r < n_runs; ++r) {
      const Table table = read_table(list.files[r]);
      const Events events = read_fsl_events(table, list.name);
      out.events[r].insert(out.events[r].end(), events.begin(), events.end());
      out.inputs.push_back(table.file());
    }
}

/// Amplitudes without a modulator have no effect, which is reported.
void warn_of_amplitudes(const std::string& name, const std::vector<Events>& runs, RunDesigns& out) {
  const auto& sets = out.options.modulators;
  const bool asked = std::any_of(sets.begin(), sets.end(),
                                 [&](const auto& set) { return set.event_type == name; });
  for (const auto& events : runs)
    for (const auto& event : events)
      if (!event.values.empty() && !asked) {
        out.warnings.push_back(fmt::format(
            "the amplitudes of '{0}' are not used; --modulators {0}:amplitude_1 makes them a "
            "regressor beside it",
            name));
        return;
      }
}

void load_stim_times(const DesignRequest& a, size_t n_runs, RunDesigns& out) {
  out.events.resize(n_runs);
  const auto lists = named_lists(a.stim_times, "--stim-times");
  check_stim_durations(a, lists);
  for (const auto& list : lists) {
    const FileContent text = read_text_file(list.files[0]);
    const auto runs = read_stim_times(text, list.name, stim_duration(a, list.name), n_runs);
    for (size_t r = 0; r < n_runs; ++r)
      out.events[r].insert(out.events[r].end(), runs[r].begin(), runs[r].end());
    out.inputs.push_back(text.file);
    warn_of_amplitudes(list.name, runs, out);
  }
  fill_values(out.options.modulators, out.events);
}

}  // namespace

size_t runs_of(const DesignRequest& a) {
  if (!a.events.empty() || !a.designs.empty()) return std::max(a.events.size(), a.designs.size());
  if (!a.ev.empty()) return named_files(a.ev[0], "--ev").files.size();
  return a.stats_model.given() ? a.confounds.files.size() : 0;
}

void check_events(const DesignRequest& a, size_t n_runs) {
  int sources = 0;
  for (const auto* list : {&a.events, &a.ev, &a.stim_times, &a.designs}) sources += !list->empty();
  // The columns of a model may all be confounds.
  if (sources != 1 && !(sources == 0 && a.stats_model.given()))
    fail(ErrorCode::usage,
         "give {}one of --events, --ev, --stim-times and --design: they say what happened in a run",
         sources == 0 ? "" : "only ");
  for (const auto& list : named_lists(a.ev, "--ev"))
    if (list.files.size() != n_runs)
      fail(ErrorCode::usage, "--ev {} has {} file(s) but there are {} run(s); give one per run",
           list.name, list.files.size(), n_runs);
  for (const auto& list : named_lists(a.stim_times, "--stim-times"))
    if (list.files.size() != 1)
      fail(ErrorCode::usage, "--stim-times {} has {} files; one holds the times of all runs",
           list.name, list.files.size());
  if (!a.stim_durations.empty() && a.stim_times.empty())
    fail(ErrorCode::usage, "--stim-duration belongs to --stim-times, which is missing");
}

void load_run_events(const DesignRequest& a, size_t n_runs, RunDesigns& out, Journal& journal) {
  if (!a.events.empty()) load_tables(a, out, journal);
  if (!a.ev.empty()) load_ev_files(a, n_runs, out);
  if (!a.stim_times.empty()) load_stim_times(a, n_runs, out);
  for (size_t r = 0; r < out.events.size(); ++r)
    if (out.events[r].empty())
      fail(ErrorCode::bad_input, "run {} has no events; leave it out", r + 1);
  if (!a.ev.empty() && !out.options.modulators.empty())
    fail(ErrorCode::usage,
         "--modulators names columns of events tables; with --ev the third column is the "
         "amplitude");
}

std::vector<std::string> ev_files_of_run(const DesignRequest& a, size_t run) {
  std::vector<std::string> files;
  for (const auto& list : named_lists(a.ev, "--ev"))
    if (run < list.files.size()) files.push_back(list.files[run]);
  return files;
}

std::string event_source(const DesignRequest& a, size_t run) {
  return run < a.events.size() ? a.events[run] : fmt::format("run {}", run + 1);
}

}  // namespace sociometer::jobs
