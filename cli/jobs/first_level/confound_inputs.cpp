#include "cli/jobs/first_level/confound_inputs.hpp"

#include <algorithm>
#include <charconv>

#include <CLI/CLI.hpp>

#include "cli/jobs/bridge.hpp"
#include "cli/options/bind.hpp"
#include "engine/core/error.hpp"
#include "io/tables/censoring.hpp"

namespace sociometer::cli {
namespace {

/// The strategy as it was asked for.
ConfoundStrategy strategy_of(const DesignArguments& a) {
  ConfoundStrategy strategy = a.strategy;
  if (a.n_compcor == "all") return strategy;
  const char* end = a.n_compcor.data() + a.n_compcor.size();
  const auto [stop, error] = std::from_chars(a.n_compcor.data(), end, strategy.n_compcor);
  if (error != std::errc() || stop != end || strategy.n_compcor < 1)
    fail(ErrorCode::usage, "--n-compcor is '{}'; it is a number of components, or all",
         a.n_compcor);
  return strategy;
}

MissingConfounds missing_rule(const DesignArguments& a) {
  if (a.missing_confounds == "zero") return MissingConfounds::zero;
  if (a.missing_confounds == "next") return MissingConfounds::next;
  fail(ErrorCode::usage, "unknown --missing-confounds '{}'; known: zero, next",
       a.missing_confounds);
}

const std::string& censor_of(const DesignArguments& a, size_t run) {
  return a.censor.size() == 1 ? a.censor[0] : a.censor[run];
}

/// The scans that --censor keeps.
std::vector<uint8_t> kept_by_censor(const DesignArguments& a, size_t run, size_t n_runs,
                                    Eigen::Index n_scans, Warnings& notes) {
  if (a.censor.empty()) return std::vector<uint8_t>(size_t(n_scans), 1);
  const std::string& censor = censor_of(a, run);
  if (is_scan_list(censor)) {
    if (a.censor.size() == 1 && n_runs > 1)
      fail(ErrorCode::usage, "--censor {} is a list of scans for {} runs; give one list per run",
           censor, n_runs);
    return widened(parse_censor_list(censor, n_scans), a.censor_before, a.censor_after);
  }
  if (a.confounds.empty())
    fail(ErrorCode::usage, "--censor {} names a column, which needs --confounds", censor);
  return widened(read_censor_columns(a.confounds[run], parse_censor_rules(censor), n_scans, notes),
                 a.censor_before, a.censor_after);
}

/// Columns that --censor names are no regressors unless they are chosen.
std::vector<std::string> censor_globs(const DesignArguments& a) {
  std::vector<std::string> globs;
  for (const auto& censor : a.censor)
    if (!is_scan_list(censor))
      for (const auto& rule : parse_censor_rules(censor)) globs.push_back(rule.glob);
  return globs;
}

/// Means over the kept scans become 0.
void demean(NamedColumns& columns, const std::vector<uint8_t>& kept) {
  for (Eigen::Index c = 0; c < columns.values.cols(); ++c) {
    double sum = 0;
    int n = 0;
    for (Eigen::Index t = 0; t < columns.values.rows(); ++t)
      if (kept[size_t(t)]) sum += columns.values(t, c), ++n;
    if (n > 0) columns.values.col(c).array() -= sum / n;
  }
}

void add_strategy(const DesignArguments& a, const std::string& path, RunConfounds& out,
                  std::vector<std::string>& columns, Warnings& notes) {
  ChosenConfounds chosen = choose_confounds(path, strategy_of(a));
  if (chosen.kept.size() != out.kept.size())
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path,
         chosen.kept.size(), out.kept.size());
  for (size_t t = 0; t < out.kept.size(); ++t) out.kept[t] &= chosen.kept[t];
  columns = std::move(chosen.columns);
  notes.insert(notes.end(), chosen.notes.begin(), chosen.notes.end());
  out.facts["NonSteadyStateScans"] = chosen.non_steady_state;
  if (a.strategy.has("scrub")) out.facts["ScrubbedScans"] = chosen.scrubbed;
  if (chosen.non_steady_state + chosen.scrubbed > 0)
    notes.push_back(
        fmt::format("{}: {} scan(s) of the non-steady state and {} scrubbed are left "
                    "out, of {}",
                    path, chosen.non_steady_state, chosen.scrubbed, out.kept.size()));
}

}  // namespace

void add_confound_options(CLI::App& c, DesignArguments& a) {
  c.add_option("--confounds", a.confounds, "Confounds tables, one per run");
  c.add_option("--confound-columns", a.confound_columns,
               "Columns or globs of the confounds (default: all)")
      ->delimiter(',');
  in_any_case(c.add_option("--confound-strategy", a.strategy.parts,
                           "fMRIPrep's confounds by name: motion, wm_csf, global_signal, compcor, "
                           "high_pass, scrub, ica_aroma, non_steady_state"))
      ->delimiter(',');
  // Each text begins with the part that its option is about.
  const auto add = [&](const char* name, auto& value, const std::string& text) {
    const size_t start = std::string("Strategy ").size();
    a.strategy_options.emplace_back(c.add_option(name, value, text)->capture_default_str(),
                                    text.substr(start, text.find(':') - start));
    return a.strategy_options.back().first;
  };
  in_any_case(add("--motion", a.strategy.motion,
                  "Strategy motion: basic, power2, derivatives or full (24 columns)"));
  in_any_case(
      add("--wm-csf", a.strategy.wm_csf, "Strategy wm_csf: basic, power2, derivatives or full"));
  in_any_case(add("--global-signal", a.strategy.global_signal,
                  "Strategy global_signal: basic, power2, derivatives or full"));
  in_any_case(add("--compcor", a.strategy.compcor,
                  "Strategy compcor: anat_combined, anat_separated, temporal, "
                  "temporal_anat_combined or temporal_anat_separated"));
  in_any_case(add("--n-compcor", a.n_compcor, "Strategy compcor: components of each mask, or all"));
  add("--scrub", a.strategy.scrub,
      "Strategy scrub: stretches of fewer scans between scrubbed ones are scrubbed too");
  add("--fd-threshold", a.strategy.fd_threshold_mm,
      "Strategy scrub: largest framewise displacement, mm");
  add("--std-dvars-threshold", a.strategy.std_dvars_threshold,
      "Strategy scrub: largest standardised DVARS");
  in_any_case(c.add_option("--missing-confounds", a.missing_confounds,
                           "What stands for values that a confound's first rows lack: zero, or "
                           "next (the next value, as nilearn)"))
      ->capture_default_str();
  c.add_flag("--demean-confounds", a.demean_confounds,
             "Confounds lose their mean over the kept scans (no contrast of events changes)");
  c.add_option("--censor", a.censor,
               "Scans to leave out: columns or globs of the confounds (nonzero = out), "
               "comparisons as framewise_displacement>0.5, joined by commas; or a list per run "
               "counted from 0, like 3,7,12-15");
  c.add_option("--censor-before", a.censor_before,
               "Scans that are left out before each that --censor leaves out")
      ->capture_default_str();
  c.add_option("--censor-after", a.censor_after, "Scans that are left out after each")
      ->capture_default_str();
}

void check_confound_arguments(const DesignArguments& a) {
  if (!a.strategy.parts.empty() && a.confounds.empty())
    fail(ErrorCode::usage, "--confound-strategy chooses columns of --confounds, which is missing");
  for (const auto& [option, part] : a.strategy_options)
    if (option->count() > 0 && a.strategy.parts.empty())
      fail(ErrorCode::usage, "{} belongs to --confound-strategy, which is missing",
           option->get_name());
  check_strategy(strategy_of(a));
  for (const auto& [option, part] : a.strategy_options)
    if (option->count() > 0 && !a.strategy.has(part))
      fail(ErrorCode::usage, "{} is about part {} of --confound-strategy, which names {}",
           option->get_name(), part, fmt::join(a.strategy.parts, ", "));
  missing_rule(a);
  if (a.censor_before < 0 || a.censor_after < 0)
    fail(ErrorCode::usage, "--censor-before is {} and --censor-after {}; they must be 0 or more",
         a.censor_before, a.censor_after);
  if ((a.censor_before > 0 || a.censor_after > 0) && a.censor.empty())
    fail(ErrorCode::usage, "--censor-before and --censor-after widen --censor, which is missing");
}

RunConfounds read_run_confounds(const DesignArguments& a, size_t run, size_t n_runs,
                                Eigen::Index n_scans) {
  RunConfounds out;
  Warnings notes;
  out.kept = kept_by_censor(a, run, n_runs, n_scans, notes);
  if (!a.confounds.empty()) {
    const std::string& path = a.confounds[run];
    std::vector<std::string> columns;
    if (!a.strategy.parts.empty())
      add_strategy(a, path, out, columns, notes);
    else if (a.confound_columns.empty())
      require_a_choice(path);
    columns.insert(columns.end(), a.confound_columns.begin(), a.confound_columns.end());
    if (columns.empty() && !a.strategy.parts.empty())
      out.columns.emplace(NamedColumns{{}, Eigen::MatrixXd(n_scans, 0)});
    else
      out.columns = read_confounds(path, columns, censor_globs(a), notes, missing_rule(a));
    if (a.demean_confounds && out.columns->values.rows() == n_scans) demean(*out.columns, out.kept);
    out.facts["ConfoundColumns"] = out.columns->names;
  }
  for (const auto& note : notes) info(note);
  return out;
}

void add_confound_json(Json& json, const DesignArguments& a) {
  if (!a.censor.empty()) {
    json["Censor"] = a.censor;
    json["CensorBefore"] = a.censor_before;
    json["CensorAfter"] = a.censor_after;
  }
  if (a.confounds.empty()) return;
  json["ConfoundsMissingFirstValues"] =
      a.missing_confounds == "zero" ? "0" : "the next value of the column";
  json["ConfoundsDemeaned"] = a.demean_confounds;
  if (a.strategy.parts.empty()) return;
  const ConfoundStrategy& s = a.strategy;
  Json& strategy = json["ConfoundStrategy"];
  strategy["Parts"] = s.parts;
  if (s.has("motion")) strategy["Motion"] = s.motion;
  if (s.has("wm_csf")) strategy["WmCsf"] = s.wm_csf;
  if (s.has("global_signal")) strategy["GlobalSignal"] = s.global_signal;
  if (s.has("compcor")) strategy["CompCor"] = {{"Kind", s.compcor}, {"Components", a.n_compcor}};
  if (s.has("scrub"))
    strategy["Scrub"] = {{"ShortestStretch", s.scrub},
                         {"FramewiseDisplacement", s.fd_threshold_mm},
                         {"StdDvars", s.std_dvars_threshold}};
}

}  // namespace sociometer::cli
