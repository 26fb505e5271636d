#include "cli/jobs/regions/test_job.hpp"

#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/region_tests.hpp"
#include "io/records/region_values.hpp"
#include "io/tables/participant_table.hpp"

namespace sociometer::jobs {
namespace {

TestedTerm two_samples(const TestRequest& a, const ValueTable& table,
                       const ParticipantTable& people, int n_threads) {
  const auto labels = people.cells(a.group, table.participants);
  std::set<std::string> names(labels.begin(), labels.end());
  for (size_t i = 0; i < labels.size(); ++i)
    if (is_missing(labels[i]))
      fail(ErrorCode::bad_input, "{}: column {} is missing for participant {}", a.participants,
           a.group, table.participants[i]);
  if (names.size() != 2)
    fail(ErrorCode::bad_input,
         "column {} of {} has {} groups among these participants ({}); two are needed", a.group,
         a.participants, names.size(), fmt::join(names, ", "));
  std::vector<uint8_t> second;
  for (const auto& label : labels) second.push_back(label == *names.rbegin());
  return {fmt::format("{} - {}", *names.begin(), *names.rbegin()), table.columns,
          test_two_samples(table.values, second, a.options, n_threads)};
}

/// Covariates of the participants with complete values; the others are removed from the table.
Eigen::MatrixXd covariates_of(const TestRequest& a, const ParticipantTable& people,
                              ValueTable& table, Journal& journal) {
  Eigen::MatrixXd all(table.values.rows(), Eigen::Index(a.covariates.size()));
  for (size_t k = 0; k < a.covariates.size(); ++k)
    all.col(Eigen::Index(k)) = people.numbers(a.covariates[k], table.participants);
  std::vector<Eigen::Index> complete;
  for (Eigen::Index i = 0; i < all.rows(); ++i) {
    if (all.row(i).allFinite())
      complete.push_back(i);
    else
      journal.warn(
          fmt::format("{} is left out: a covariate is missing", table.participants[size_t(i)]));
  }
  table.keep(complete);
  return all(complete, Eigen::all);
}

std::vector<TestedTerm> regression(const TestRequest& a, ValueTable& table,
                                   const ParticipantTable& people, const Session& session) {
  const Eigen::MatrixXd covariates = covariates_of(a, people, table, session.journal);
  if (table.values.rows() < covariates.cols() + 2)
    fail(ErrorCode::bad_input, "{} participants have all covariates; {} covariates need {} or more",
         table.values.rows(), covariates.cols(), covariates.cols() + 2);
  const auto results = test_regression(table.values, covariates, a.options, session.threads);
  std::vector<TestedTerm> out;
  for (size_t k = 0; k < results.size(); ++k)
    out.push_back({a.covariates[k], table.columns, results[k]});
  return out;
}

/// @param people  participants, where the test needs them.
std::vector<TestedTerm> tested(const TestRequest& a, ValueTable& table,
                               const std::optional<ParticipantTable>& people,
                               const Session& session) {
  switch (a.test) {
    case RegionTestKind::one_sample:
      return {{"mean", table.columns, test_one_sample(table.values, a.options, session.threads)}};
    case RegionTestKind::paired: {
      const ValueTable differences = differences_of(table, a.pairs);
      return {{"difference", differences.columns,
               test_one_sample(differences.values, a.options, session.threads)}};
    }
    case RegionTestKind::two_sample:
      return {two_samples(a, table, *people, session.threads)};
    case RegionTestKind::regression:
      return regression(a, table, *people, session);
  }
  return {};
}

/// The rows whose p after Holm is at most .05.
void report_rows(const std::vector<TestedTerm>& all, const TestRequest& a, Journal& journal) {
  constexpr double kPasses = 0.05;
  size_t n = 0, passing = 0;
  for (const auto& term : all)
    for (const auto& result : term.results) n += std::isfinite(result.t) ? 1 : 0;
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& term : all)
    for (size_t i = 0; i < term.results.size(); ++i) {
      const RegionTestResult& r = term.results[i];
      if (!(r.p_holm <= kPasses)) continue;
      ++passing;
      rows.emplace_back(
          fmt::format("{} {} {}", term.columns[i].first, term.columns[i].second, term.term),
          fmt::format("t({:.1f}) = {:.2f}, p = {:.2g}, after Holm {:.2g}", r.dof, r.t, r.p,
                      r.p_holm));
    }
  Summary summary(
      fmt::format("{} test(s), {} of them with p after Holm at most {:g}", n, passing, kPasses));
  for (auto& [name, text] : rows) summary.add(std::move(name), std::move(text));
  summary.report(journal, a.output, a.prefix);
}

/// Regions and contrasts without a test, as one line; empty when there are none.
std::string untested_text(const std::vector<TestedTerm>& all) {
  std::vector<std::string> untested;
  for (const auto& term : all)
    for (size_t i = 0; i < term.results.size(); ++i)
      if (std::isnan(term.results[i].t))
        untested.push_back(fmt::format("{} {} ({} values)", term.columns[i].first,
                                       term.columns[i].second, term.results[i].n));
  if (untested.empty()) return "";
  return fmt::format("not tested because there are too few values or no spread: {}",
                     fmt::join(untested, ", "));
}

}  // namespace

JobSummary test_regions(const TestRequest& a, const Session& session) {
  check(a);
  Journal& journal = session.journal;
  const StoredRegionValues stored = read_region_values(a.table);
  ValueTable table = pivot(stored.values, a.choice, a.table);
  if (is_no_effect(table.statistic))
    journal.warn(fmt::format("{} of regions is no effect: tests of it are not tests of effects",
                             table.statistic));
  if (is_no_effect(stored.map_statistic))
    journal.warn(
        fmt::format("the values of {} are of maps of {}, which are no effects: tests of them are "
                    "not tests of effects",
                    a.table, stored.map_statistic));
  std::optional<ParticipantTable> people;
  if (!a.participants.empty()) people.emplace(a.participants);
  RegionTestRecord record{name_of(a.test),      {}, a.options,     {}, table.statistic,
                          stored.map_statistic, {}, stored.files()};
  record.terms = tested(a, table, people, session);
  record.participants = table.participants;
  record.left_out = table.left_out;
  if (people) record.inputs.push_back(people->file());
  note_read(session, record.inputs);
  OutputSet outputs(a.output, session.policy("roi-test", a.prefix));
  write_region_tests(record, session.provenance, name_prefix(a.prefix), outputs);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_rows(record.terms, a, journal);
  if (table.left_out > 0)
    journal.info(fmt::format("{} values of coverage below {} were left out", table.left_out,
                             a.choice.min_coverage));
  const std::string untested = untested_text(record.terms);
  if (untested.empty()) return {};
  journal.warn(untested);
  return {{untested}};
}

}  // namespace sociometer::jobs
