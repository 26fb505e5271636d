#include "cli/jobs/first_level/confound_inputs.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/censoring.hpp"

namespace sociometer::jobs {
namespace {

/// The strategy as requested.
ConfoundStrategy strategy_of(const ConfoundRequest& a) {
  const StrategyRequest& s = a.strategy;
  ConfoundStrategy strategy;
  strategy.parts = s.parts;
  strategy.motion = s.motion.value_or(strategy.motion);
  strategy.wm_csf = s.wm_csf.value_or(strategy.wm_csf);
  strategy.global_signal = s.global_signal.value_or(strategy.global_signal);
  strategy.compcor = s.compcor.value_or(strategy.compcor);
  strategy.scrub = s.scrub.value_or(strategy.scrub);
  strategy.fd_threshold_mm = s.fd_threshold_mm.value_or(strategy.fd_threshold_mm);
  strategy.std_dvars_threshold = s.std_dvars_threshold.value_or(strategy.std_dvars_threshold);
  const std::string n = s.n_compcor.value_or("all");
  if (n == "all") return strategy;
  const char* end = n.data() + n.size();
  const auto [stop, error] = std::from_chars(n.data(), end, strategy.n_compcor);
  if (error != std::errc() || stop != end || strategy.n_compcor < 1)
    fail(ErrorCode::usage, "--n-compcor is '{}'; it is a number of components, or all", n);
  return strategy;
}

/// An option given for a component of the strategy, and the component.
std::vector<std::pair<const char*, const char*>> said_of_parts(const StrategyRequest& s) {
  const std::tuple<bool, const char*, const char*> all[] = {
      {s.motion.has_value(), "--motion", "motion"},
      {s.wm_csf.has_value(), "--wm-csf", "wm_csf"},
      {s.global_signal.has_value(), "--global-signal", "global_signal"},
      {s.compcor.has_value(), "--compcor", "compcor"},
      {s.n_compcor.has_value(), "--n-compcor", "compcor"},
      {s.scrub.has_value(), "--scrub", "scrub"},
      {s.fd_threshold_mm.has_value(), "--fd-threshold", "scrub"},
      {s.std_dvars_threshold.has_value(), "--std-dvars-threshold", "scrub"}};
  std::vector<std::pair<const char*, const char*>> out;
  for (const auto& [given, option, part] : all)
    if (given) out.emplace_back(option, part);
  return out;
}

const std::string& censor_of(const ConfoundRequest& a, size_t run) {
  return a.censor.size() == 1 ? a.censor[0] : a.censor[run];
}

/// The scans retained by --censor.
std::vector<uint8_t> kept_by_censor(const ConfoundRequest& a, size_t run, size_t n_runs,
                                    Eigen::Index n_scans, Warnings& notes) {
  if (a.censor.empty()) return std::vector<uint8_t>(size_t(n_scans), 1);
  const std::string& censor = censor_of(a, run);
  if (is_scan_list(censor)) {
    if (a.censor.size() == 1 && n_runs > 1)
      fail(ErrorCode::usage, "--censor {} is a list of scans for {} runs; give one list per run",
           censor, n_runs);
    return widened(parse_censor_list(censor, n_scans), a.censor_before, a.censor_after);
  }
  if (a.files.empty())
    fail(ErrorCode::usage, "--censor {} names a column, which needs --confounds", censor);
  return widened(read_censor_columns(a.files[run], parse_censor_rules(censor), n_scans, notes),
                 a.censor_before, a.censor_after);
}

/// Columns named in --censor are not regressors unless they are selected.
std::vector<std::string> censor_globs(const ConfoundRequest& a) {
  std::vector<std::string> globs;
  for (const auto& censor : a.censor)
    if (!is_scan_list(censor))
      for (const auto& rule : parse_censor_rules(censor)) globs.push_back(rule.glob);
  return globs;
}

/// Centres columns over the retained scans.
void demean(NamedColumns& columns, const std::vector<uint8_t>& kept) {
  for (Eigen::Index c = 0; c < columns.values.cols(); ++c) {
    double sum = 0;
    int n = 0;
    for (Eigen::Index t = 0; t < columns.values.rows(); ++t)
      if (kept[size_t(t)]) sum += columns.values(t, c), ++n;
    if (n > 0) columns.values.col(c).array() -= sum / n;
  }
}

void add_strategy(const ConfoundRequest& a, const std::string& path, RunConfounds& out,
                  std::vector<std::string>& columns, Warnings& notes) {
  ChosenConfounds chosen = choose_confounds(path, strategy_of(a));
  if (chosen.kept.size() != out.kept.size())
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path,
         chosen.kept.size(), out.kept.size());
  for (size_t t = 0; t < out.kept.size(); ++t) out.kept[t] &= chosen.kept[t];
  columns = std::move(chosen.columns);
  notes.insert(notes.end(), chosen.notes.begin(), chosen.notes.end());
  out.facts["NonSteadyStateScans"] = chosen.non_steady_state;
  if (strategy_of(a).has("scrub")) out.facts["ScrubbedScans"] = chosen.scrubbed;
  if (chosen.non_steady_state + chosen.scrubbed > 0)
    notes.push_back(
        fmt::format("{}: {} scan(s) of the non-steady state and {} scrubbed are left "
                    "out, of {}",
                    path, chosen.non_steady_state, chosen.scrubbed, out.kept.size()));
}

}  // namespace

void check(const ConfoundRequest& a) {
  if (!a.strategy.parts.empty() && a.files.empty())
    fail(ErrorCode::usage, "--confound-strategy chooses columns of --confounds, which is missing");
  const auto said = said_of_parts(a.strategy);
  if (!said.empty() && a.strategy.parts.empty())
    fail(ErrorCode::usage, "{} belongs to --confound-strategy, which is missing", said[0].first);
  const ConfoundStrategy strategy = strategy_of(a);
  check_strategy(strategy);
  for (const auto& [option, part] : said)
    if (!strategy.has(part))
      fail(ErrorCode::usage, "{} is about part {} of --confound-strategy, which names {}", option,
           part, fmt::join(a.strategy.parts, ", "));
  if (a.censor_before < 0 || a.censor_after < 0)
    fail(ErrorCode::usage, "--censor-before is {} and --censor-after {}; they must be 0 or more",
         a.censor_before, a.censor_after);
  if ((a.censor_before > 0 || a.censor_after > 0) && a.censor.empty())
    fail(ErrorCode::usage, "--censor-before and --censor-after widen --censor, which is missing");
}

RunConfounds read_run_confounds(const ConfoundRequest& a, size_t run, size_t n_runs,
                                Eigen::Index n_scans, Journal& journal) {
  RunConfounds out;
  Warnings notes;
  out.kept = kept_by_censor(a, run, n_runs, n_scans, notes);
  if (!a.files.empty()) {
    const std::string& path = a.files[run];
    std::vector<std::string> columns;
    if (!a.strategy.parts.empty())
      add_strategy(a, path, out, columns, notes);
    else if (a.columns.empty())
      require_a_choice(path);
    columns.insert(columns.end(), a.columns.begin(), a.columns.end());
    if (columns.empty() && !a.strategy.parts.empty())
      out.columns.emplace(NamedColumns{{}, Eigen::MatrixXd(n_scans, 0)});
    else
      out.columns = read_confounds(path, columns, censor_globs(a), notes, a.missing);
    if (a.demean && out.columns->values.rows() == n_scans) demean(*out.columns, out.kept);
    out.facts["ConfoundColumns"] = out.columns->names;
  }
  for (const auto& note : notes) journal.info(note);
  return out;
}

std::vector<uint8_t> read_kept_scans(const ConfoundRequest& a, size_t run, size_t n_runs,
                                     Eigen::Index n_scans, Journal& journal) {
  Warnings notes;
  auto kept = kept_by_censor(a, run, n_runs, n_scans, notes);
  for (const auto& note : notes) journal.info(note);
  return kept;
}

void add_confound_json(Json& json, const ConfoundRequest& a) {
  if (!a.censor.empty()) {
    json["Censor"] = a.censor;
    json["CensorBefore"] = a.censor_before;
    json["CensorAfter"] = a.censor_after;
  }
  if (a.files.empty()) return;
  json["ConfoundsMissingFirstValues"] =
      a.missing == MissingConfounds::zero ? "0" : "the next value of the column";
  json["ConfoundsDemeaned"] = a.demean;
  if (a.strategy.parts.empty()) return;
  const ConfoundStrategy s = strategy_of(a);
  Json& strategy = json["ConfoundStrategy"];
  strategy["Parts"] = s.parts;
  if (s.has("motion")) strategy["Motion"] = s.motion;
  if (s.has("wm_csf")) strategy["WmCsf"] = s.wm_csf;
  if (s.has("global_signal")) strategy["GlobalSignal"] = s.global_signal;
  if (s.has("compcor"))
    strategy["CompCor"] = {{"Kind", s.compcor},
                           {"Components", a.strategy.n_compcor.value_or("all")}};
  if (s.has("scrub"))
    strategy["Scrub"] = {{"ShortestStretch", s.scrub},
                         {"FramewiseDisplacement", s.fd_threshold_mm},
                         {"StdDvars", s.std_dvars_threshold}};
}

}  // namespace sociometer::jobs
