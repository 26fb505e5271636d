#include "cli/jobs/first_level/confound_inputs.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/design/centred_columns.hpp"
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
  if (s.n_compcor) strategy.n_compcor = s.n_compcor->n;
  return strategy;
}

/// An option given for a component of the strategy, and the component.
std::vector<std::pair<const char*, ConfoundPart>> said_of_parts(const StrategyRequest& s) {
  using Part = ConfoundPart;
  const std::tuple<bool, const char*, Part> all[] = {
      {s.motion.has_value(), "--motion", Part::motion},
      {s.wm_csf.has_value(), "--wm-csf", Part::wm_csf},
      {s.global_signal.has_value(), "--global-signal", Part::global_signal},
      {s.compcor.has_value(), "--compcor", Part::compcor},
      {s.n_compcor.has_value(), "--n-compcor", Part::compcor},
      {s.scrub.has_value(), "--scrub", Part::scrub},
      {s.fd_threshold_mm.has_value(), "--fd-threshold", Part::scrub},
      {s.std_dvars_threshold.has_value(), "--std-dvars-threshold", Part::scrub}};
  std::vector<std::pair<const char*, ConfoundPart>> out;
  for (const auto& [given, option, part] : all)
    if (given) out.emplace_back(option, part);
  return out;
}

const std::string& censor_of(const ConfoundRequest& a, size_t run) {
  return a.censor.size() == 1 ? a.censor[0] : a.censor[run];
}

/// The scans retained by --censor.
std::vector<uint8_t> kept_by_censor(const ConfoundRequest& a, size_t run, size_t n_runs,
                                    Eigen::Index n_scans, const Table* confounds, Warnings& notes) {
  if (a.censor.empty()) return std::vector<uint8_t>(size_t(n_scans), 1);
  const std::string& censor = censor_of(a, run);
  if (is_scan_list(censor)) {
    if (a.censor.size() == 1 && n_runs > 1)
      fail(ErrorCode::usage, "--censor {} is a list of scans for {} runs; give one list per run",
           censor, n_runs);
    return widened(parse_censor_list(censor, n_scans), a.censor_before, a.censor_after);
  }
  if (!confounds)
    fail(ErrorCode::usage, "--censor {} names a column, which needs --confounds", censor);
  return widened(read_censor_columns(*confounds, parse_censor_rules(censor), n_scans, notes),
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

void add_strategy(const ConfoundRequest& a, const Table& table, RunConfounds& out,
                  std::vector<std::string>& columns, Warnings& notes) {
  const std::string& path = table.path;
  ChosenConfounds chosen = choose_confounds(table, strategy_of(a));
  if (chosen.kept.size() != out.kept.size())
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path,
         chosen.kept.size(), out.kept.size());
  for (size_t t = 0; t < out.kept.size(); ++t) out.kept[t] &= chosen.kept[t];
  columns = std::move(chosen.columns);
  notes.insert(notes.end(), chosen.notes.begin(), chosen.notes.end());
  out.record.non_steady_state = chosen.non_steady_state;
  if (strategy_of(a).has(ConfoundPart::scrub)) out.record.scrubbed = chosen.scrubbed;
  if (chosen.non_steady_state + chosen.scrubbed > 0)
    notes.push_back(
        fmt::format("{}: {} scan(s) of the non-steady state and {} scrubbed are left "
                    "out, of {}",
                    path, chosen.non_steady_state, chosen.scrubbed, out.kept.size()));
}

ConfoundStrategyRecord strategy_record(const ConfoundRequest& a) {
  const ConfoundStrategy s = strategy_of(a);
  ConfoundStrategyRecord record;
  record.parts = names_of_all(s.parts);
  if (s.has(ConfoundPart::motion)) record.motion = name_of(s.motion);
  if (s.has(ConfoundPart::wm_csf)) record.wm_csf = name_of(s.wm_csf);
  if (s.has(ConfoundPart::global_signal)) record.global_signal = name_of(s.global_signal);
  if (s.has(ConfoundPart::compcor))
    record.compcor =
        CompcorRecord{name_of(s.compcor), to_string(a.strategy.n_compcor.value_or(CompcorCount{}))};
  if (s.has(ConfoundPart::scrub))
    record.scrub = ScrubRecord{s.scrub, s.fd_threshold_mm, s.std_dvars_threshold};
  return record;
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
           name_of(part), fmt::join(names_of_all(a.strategy.parts), ", "));
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
  std::optional<Table> table;
  if (!a.files.empty()) table = read_confounds_table(a.files[run]);
  out.kept = kept_by_censor(a, run, n_runs, n_scans, table ? &*table : nullptr, notes);
  if (table) {
    out.file = table->file();
    std::vector<std::string> columns;
    if (!a.strategy.parts.empty())
      add_strategy(a, *table, out, columns, notes);
    else if (a.columns.empty())
      require_a_choice(*table);
    columns.insert(columns.end(), a.columns.begin(), a.columns.end());
    if (columns.empty() && !a.strategy.parts.empty())
      out.columns.emplace(NamedColumns{{}, Eigen::MatrixXd(n_scans, 0)});
    else
      out.columns = read_confounds(*table, columns, censor_globs(a), notes, a.missing);
    if (a.demean && out.columns->values.rows() == n_scans)
      centre_over_kept(out.columns->values, out.kept);
    out.record.confounds = out.columns->names;
  }
  for (const auto& note : notes) journal.info(note);
  return out;
}

std::vector<uint8_t> kept_scans(const ConfoundRequest& a, size_t run, size_t n_runs,
                                Eigen::Index n_scans, const Table* confounds, Journal& journal) {
  Warnings notes;
  auto kept = kept_by_censor(a, run, n_runs, n_scans, confounds, notes);
  for (const auto& note : notes) journal.info(note);
  return kept;
}

ConfoundsRecord confounds_record(const ConfoundRequest& a) {
  ConfoundsRecord record;
  if (!a.censor.empty()) {
    record.censor = a.censor;
    record.censor_before = a.censor_before;
    record.censor_after = a.censor_after;
  }
  if (a.files.empty()) return record;
  record.missing_first_values =
      a.missing == MissingConfounds::zero ? "0" : "the next value of the column";
  record.demeaned = a.demean;
  if (!a.strategy.parts.empty()) record.strategy = strategy_record(a);
  return record;
}

}  // namespace sociometer::jobs
