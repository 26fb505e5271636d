#include "cli/jobs/connectivity/beta_series_job.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/jobs/joined_tables.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/connectivity/condition_series.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "io/records/connectivity_records.hpp"
#include "io/records/described_table.hpp"

namespace sociometer::jobs {
namespace {

/// The trials, and what of them is not correlated.
struct LoadedTrials : JoinedTables {
  size_t without_participant = 0, without_condition = 0;
  bool has_runs = false;  ///< a column gives the run; else each table counts as one

  std::vector<std::string> cautions(const BetaSeriesRequest& a) const {
    std::vector<std::string> out;
    const auto add = [&](size_t n, const std::string& what) {
      if (n > 0) out.push_back(fmt::format("{} of {} trials {}", n, table.n_rows, what));
    };
    add(without_match, fmt::format("have no row in {}", fmt::join(a.join, ", ")));
    add(without_participant, fmt::format("have no {} and are left out", a.participant));
    add(without_condition, fmt::format("have no {} and are left out", a.by));
    if (!has_runs)
      out.push_back(
          "no column gives the run, so that each table counts as one: where it holds several runs, "
          "differences between them count as correlation; give --join trials.tsv");
    return out;
  }
};

size_t count_empty(const MixedTable& table, const std::string& column) {
  const auto& words = table.at(column).words;
  return size_t(std::count(words.begin(), words.end(), ""));
}

LoadedTrials load_trials(const BetaSeriesRequest& a) {
  LoadedTrials out{read_joined_tables({a.tables, a.join, a.join_by, a.participant}), 0, 0, false};
  with_context(names_of_tables(a.tables), [&] {
    out.without_participant = count_empty(out.table, a.participant);
    if (!a.by.empty()) out.without_condition = count_empty(out.table, a.by);
  });
  out.has_runs = out.table.has("run_number") || out.table.has("run");
  return out;
}

Eigen::VectorXd amplitudes(const MixedTable& table, const std::string& region) {
  const MixedColumn& column = table.at(region);
  if (!column.is_numeric())
    fail(ErrorCode::bad_input, "column '{}' has words, and a region needs amplitudes", region);
  return Eigen::Map<const Eigen::VectorXd>(column.numbers.data(),
                                           Eigen::Index(column.numbers.size()));
}

/// The run of each trial: its file, session and run.
std::vector<std::string> runs_of_trials(const MixedTable& table) {
  std::vector<std::string> out(table.n_rows);
  for (size_t i = 0; i < out.size() && !table.file.empty(); ++i)
    out[i] = std::to_string(table.file[i]);
  for (const char* name : {"session", "session_id", "ses", "run_number", "run"}) {
    if (!table.has(name)) continue;
    const auto& words = table.at(name).words;
    for (size_t i = 0; i < out.size(); ++i) out[i] += "\t" + words[i];
  }
  return out;
}

TrialAmplitudes amplitudes_of(const BetaSeriesRequest& a, const MixedTable& table) {
  TrialAmplitudes out;
  out.participant = table.at(a.participant).words;
  out.condition =
      a.by.empty() ? std::vector<std::string>(table.n_rows, "all") : table.at(a.by).words;
  out.run = runs_of_trials(table);
  out.regions = a.regions;
  out.seed = amplitudes(table, a.seed);
  out.values.resize(Eigen::Index(table.n_rows), Eigen::Index(a.regions.size()));
  for (size_t k = 0; k < a.regions.size(); ++k)
    out.values.col(Eigen::Index(k)) = amplitudes(table, a.regions[k]);
  return out;
}

BetaSeriesFacts facts_of_series(const BetaSeriesRequest& a, const LoadedTrials& trials) {
  return {
      a.seed,
      a.by.empty() ? "all trials" : a.by,
      trials.table.n_rows,
      trials.without_match,
      trials.without_participant,
      trials.without_condition,
      fmt::format("within each {}'s trials of the condition", trials.has_runs ? "run" : "table"),
      trials.files};
}

void write_series(const BetaSeriesRequest& a, const std::vector<ConditionSeries>& all,
                  const BetaSeriesFacts& facts, const Session& session, OutputSet& outputs) {
  TableRows rows;
  for (const auto& one : all)
    rows.push_back({one.participant, one.condition, one.region, std::to_string(one.correlation.n),
                    std::to_string(one.correlation.n_runs), format_number(one.correlation.r),
                    format_number(one.correlation.fisher_z)});
  write_described_table(
      outputs, name_prefix(a.prefix) + "betaSeries",
      {{a.participant, "participant"},
       {"condition", "whose trials are correlated"},
       {"region", "correlated with the seed"},
       {"n", "trials with an amplitude in both"},
       {"runs", "of these trials, whose means are removed; tables where no column gives the run"},
       {"r", "Pearson's; n/a with n - runs below 3 or without spread"},
       {"z", "Fisher's, atanh r"}},
      rows, BetaSeriesRecord{facts}, session.provenance);
}

void write_tests(const BetaSeriesRequest& a, const std::vector<ConditionSeriesTest>& tests,
                 const BetaSeriesFacts& facts, const Session& session, OutputSet& outputs) {
  TableRows rows;
  for (const auto& t : tests)
    rows.push_back({t.condition, t.other.empty() ? "n/a" : t.other, t.region,
                    std::to_string(t.test.n), format_number(t.test.mean), format_number(t.test.sd),
                    format_number(t.test.t), format_number(t.test.dof), format_number(t.test.p)});
  write_described_table(outputs, name_prefix(a.prefix) + "betaSeriesTests",
                        {{"condition", "whose mean z is tested"},
                         {"other", "condition that is subtracted within participants; n/a: none"},
                         {"region", "correlated with the seed"},
                         {"n", "participants"},
                         {"mean", "of z, or of its difference"},
                         {"sd", "over participants"},
                         {"t", "of the mean against 0"},
                         {"dof", "n - 1"},
                         {"p", "two-sided, uncorrected"}},
                        rows, BetaSeriesTestsRecord{facts}, session.provenance);
}

/// Participants of whom some correlation has no value, and trials without an amplitude.
std::vector<std::string> cautions_of(const BetaSeriesRequest& a, const LoadedTrials& trials,
                                     const std::vector<ConditionSeries>& all) {
  std::vector<std::string> out;
  std::vector<std::string> columns{a.seed};
  columns.insert(columns.end(), a.regions.begin(), a.regions.end());
  for (const auto& region : columns) {
    const auto& numbers = trials.table.at(region).numbers;
    const auto n = std::count_if(numbers.begin(), numbers.end(),
                                 [](double number) { return std::isnan(number); });
    if (n > 0)
      out.push_back(
          fmt::format("{} of {} trials have no amplitude in {} and are left out of its "
                      "correlations",
                      n, trials.table.n_rows, region));
  }
  std::set<std::string> people;
  for (const auto& one : all)
    if (std::isnan(one.correlation.r)) people.insert(one.participant);
  if (!people.empty())
    out.push_back(
        fmt::format("{} {} no correlation in some condition or region (n/a in "
                    "betaSeries.tsv: too few trials, or amplitudes that do not vary)",
                    fmt::join(people, ", "), people.size() == 1 ? "has" : "have"));
  return out;
}

std::string test_line(const BetaSeriesRequest& a, const ConditionSeriesTest& t) {
  constexpr double kPasses = 0.05;
  const std::string what =
      t.other.empty()
          ? fmt::format("{} and {} in {}", a.seed, t.region, t.condition)
          : fmt::format("{} and {}, {} less {}", a.seed, t.region, t.condition, t.other);
  if (std::isnan(t.test.p))
    return fmt::format("{}: not tested, {} participant(s) have a correlation.", what, t.test.n);
  return fmt::format(
      "{}: {} (mean z {:.3f}, t({:g}) = {:.2f}, uncorrected p = {:.3g}, {} participants).", what,
      t.test.p < kPasses ? (t.test.mean > 0 ? "positive" : "negative")
                         : "not shown to differ from 0",
      t.test.mean, t.test.dof, t.test.t, t.test.p, t.test.n);
}

}  // namespace

void check(const BetaSeriesRequest& a) {
  if (a.tables.empty())
    fail(ErrorCode::usage, "no table is given: name tables of trials with a column per region");
  if (a.seed.empty()) fail(ErrorCode::usage, "no --seed is given: the column of a region");
  if (a.regions.empty()) fail(ErrorCode::usage, "no --regions are given: columns of other regions");
  for (const auto& region : a.regions)
    if (region == a.seed)
      fail(ErrorCode::usage, "{} is both --seed and among --regions: it correlates with itself",
           region);
  if (!a.join_by.empty() && a.join.empty()) fail(ErrorCode::usage, "--join-by belongs to --join");
}

JobSummary beta_series(const BetaSeriesRequest& a, const Session& session) {
  check(a);
  const LoadedTrials trials = load_trials(a);
  note_read(session, trials.files);
  const auto all = condition_series(
      with_context(names_of_tables(a.tables), [&] { return amplitudes_of(a, trials.table); }));
  const auto tests = test_condition_series(all);
  const BetaSeriesFacts facts = facts_of_series(a, trials);
  OutputSet outputs(a.output, session.policy("beta-series", a.prefix));
  write_series(a, all, facts, session, outputs);
  write_tests(a, tests, facts, session, outputs);
  JobSummary summary;
  for (const auto& t : tests) summary.text += test_line(a, t) + "\n";
  auto cautions = trials.cautions(a);
  for (auto& caution : cautions_of(a, trials, all)) cautions.push_back(std::move(caution));
  for (const auto& caution : cautions) {
    session.journal.warn(caution);
    summary.text += "Caution: " + caution + ".\n";
  }
  outputs.write(name_prefix(a.prefix) + "betaSeries.txt", summary.text);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(session.journal, a.output, a.prefix);
  return summary;
}

}  // namespace sociometer::jobs
