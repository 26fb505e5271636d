#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/roi_inputs.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/roi_test_options.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

struct RoiTestArguments {
  TestArguments common;
  std::string test = "one-sample", participants, group, output, prefix;
  std::vector<std::string> pairs, covariates;
  bool equal_variances = false;
};

/// Rows of the output that belong together: one term, all regions and contrasts.
struct Tested {
  std::string term;
  std::vector<std::pair<std::string, std::string>> columns;
  std::vector<RegionTestResult> results;
};

double number_of(const std::string& cell, const std::string& column, const std::string& who) {
  Table one;
  one.path = "the participants table, " + who;
  one.names = {column};
  one.rows = {{cell}};
  one.line_numbers = {0};
  return number_in(one, 0, 0);
}

Tested one_sample(const ValueTable& table, const RegionTestOptions& o, int n_threads) {
  return {"mean", table.columns, test_one_sample(table.values, o, n_threads)};
}

Tested paired(const RoiTestArguments& a, const ValueTable& table, const RegionTestOptions& o,
              int n_threads) {
  if (a.pairs.empty()) fail(ErrorCode::usage, "--test paired needs --pair CONTRAST,CONTRAST");
  std::vector<std::string> rois;
  for (const auto& [roi, contrast] : table.columns)
    if (std::find(rois.begin(), rois.end(), roi) == rois.end()) rois.push_back(roi);
  Tested out{"difference", {}, {}};
  std::vector<Eigen::VectorXd> differences;
  for (const auto& pair : a.pairs) {
    const auto names = split_list(pair);
    if (names.size() != 2)
      fail(ErrorCode::usage, "--pair '{}' is not of the form CONTRAST,CONTRAST", pair);
    for (const auto& roi : rois) {
      differences.emplace_back(table.values.col(table.find(roi, names[0])) -
                               table.values.col(table.find(roi, names[1])));
      out.columns.emplace_back(roi, names[0] + " - " + names[1]);
    }
  }
  Eigen::MatrixXd values(table.values.rows(), Eigen::Index(differences.size()));
  for (Eigen::Index c = 0; c < values.cols(); ++c) values.col(c) = differences[size_t(c)];
  out.results = test_one_sample(values, o, n_threads);
  return out;
}

Tested two_samples(const RoiTestArguments& a, const ValueTable& table, const RegionTestOptions& o,
                   int n_threads) {
  if (a.participants.empty() || a.group.empty())
    fail(ErrorCode::usage, "--test two-sample needs --participants TABLE and --group COLUMN");
  const auto labels = participant_columns(a.participants, table.participants, {a.group})[0];
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
          test_two_samples(table.values, second, o, n_threads)};
}

/// Covariates of the participants that have all of them; the others leave the table.
Eigen::MatrixXd covariates_of(const RoiTestArguments& a, ValueTable& table) {
  const auto cells = participant_columns(a.participants, table.participants, a.covariates);
  std::vector<Eigen::Index> complete;
  Eigen::MatrixXd all(table.values.rows(), Eigen::Index(cells.size()));
  for (Eigen::Index i = 0; i < all.rows(); ++i) {
    for (Eigen::Index k = 0; k < all.cols(); ++k)
      all(i, k) = number_of(cells[size_t(k)][size_t(i)], a.covariates[size_t(k)],
                            table.participants[size_t(i)]);
    if (all.row(i).allFinite())
      complete.push_back(i);
    else
      warn(fmt::format("{} is left out: a covariate is missing", table.participants[size_t(i)]));
  }
  table.values = Eigen::MatrixXd(table.values(complete, Eigen::all));
  std::vector<std::string> kept;
  for (Eigen::Index i : complete) kept.push_back(table.participants[size_t(i)]);
  table.participants = kept;
  return all(complete, Eigen::all);
}

std::vector<Tested> regression(const RoiTestArguments& a, ValueTable& table,
                               const RegionTestOptions& o, int n_threads) {
  if (a.participants.empty() || a.covariates.empty())
    fail(ErrorCode::usage,
         "--test regression needs --participants TABLE and --covariates COLUMN..");
  const Eigen::MatrixXd covariates = covariates_of(a, table);
  if (table.values.rows() < covariates.cols() + 2)
    fail(ErrorCode::bad_input, "{} participants have all covariates; {} covariates need {} or more",
         table.values.rows(), covariates.cols(), covariates.cols() + 2);
  const auto results = test_regression(table.values, covariates, o, n_threads);
  std::vector<Tested> out;
  for (size_t k = 0; k < results.size(); ++k)
    out.push_back({a.covariates[k], table.columns, results[k]});
  return out;
}

std::vector<Tested> tested(const RoiTestArguments& a, ValueTable& table, const RegionTestOptions& o,
                           int n_threads) {
  if (a.test == "one-sample") return {one_sample(table, o, n_threads)};
  if (a.test == "paired") return {paired(a, table, o, n_threads)};
  if (a.test == "two-sample") return {two_samples(a, table, o, n_threads)};
  if (a.test == "regression") return regression(a, table, o, n_threads);
  fail(ErrorCode::usage, "unknown test '{}'; known: one-sample, paired, two-sample, regression",
       a.test);
}

Json dictionary(const RoiTestArguments& a, const ValueTable& table, const RegionTestOptions& o) {
  Json json;
  json["Description"] = "Tests of region values, one row per region, contrast and term";
  json["roi"] = {{"Description", "Region"}};
  json["contrast"] = {{"Description", "Contrast, or difference of two"}};
  json["test"] = {{"Description", "one-sample, paired, two-sample or regression"}};
  json["term"] = {{"Description", "What is tested: the mean, a difference, or a covariate"}};
  add_test_dictionary(json, o);
  json["Test"] = a.test;
  if (a.test == "two-sample")
    json["Variances"] = o.equal_variances ? "equal (pooled)" : "unequal (Welch)";
  json["Statistic"] = table.statistic;
  if (!table.map_statistic.empty()) json["MapStatistic"] = table.map_statistic;
  json["Alternative"] = to_string(o.alternative);
  json["Participants"] = table.participants;
  json["ValuesLeftOut"] = table.left_out;
  json["Inputs"] = Json::array();
  for (const auto& path : {a.common.table, a.participants})
    if (!path.empty())
      json["Inputs"].push_back(
          {{"Path", path}, {"XXH3", input_file("", checksum_of_file(path)).checksum}});
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

/// The rows whose p after Holm is at most .05.
void tell_rows(const std::vector<Tested>& all, const RoiTestArguments& a) {
  constexpr double kPasses = 0.05;
  size_t n = 0, passing = 0;
  for (const auto& group : all)
    for (const auto& result : group.results) n += std::isfinite(result.t) ? 1 : 0;
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& group : all)
    for (size_t i = 0; i < group.results.size(); ++i) {
      const RegionTestResult& r = group.results[i];
      if (!(r.p_holm <= kPasses)) continue;
      ++passing;
      rows.emplace_back(
          fmt::format("{} {} {}", group.columns[i].first, group.columns[i].second, group.term),
          fmt::format("t({:.1f}) = {:.2f}, p = {:.2g}, after Holm {:.2g}", r.dof, r.t, r.p,
                      r.p_holm));
    }
  Summary summary(
      fmt::format("{} test(s), {} of them with p after Holm at most {:g}", n, passing, kPasses));
  for (auto& [name, text] : rows) summary.add(std::move(name), std::move(text));
  summary.tell(a.output, a.prefix);
}

int run_test(const RoiTestArguments& a, const GlobalOptions& global) {
  RegionTestOptions options = checked_options(a.common);
  options.equal_variances = a.equal_variances;
  ValueTable table = pivot(read_region_values(a.common.table), a.common.choice, a.common.table);
  if (is_no_effect(table.map_statistic))
    warn(
        fmt::format("the values of {} are of maps of {}, which are no effects: tests of them are "
                    "not tests of effects",
                    a.common.table, table.map_statistic));
  const std::vector<Tested> all = tested(a, table, options, global.threads());
  std::vector<std::string> names{"roi", "contrast", "test", "term"};
  names.insert(names.end(), test_columns().begin(), test_columns().end());
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> untested;
  for (const auto& group : all)
    for (size_t i = 0; i < group.results.size(); ++i) {
      const auto& [roi, contrast] = group.columns[i];
      std::vector<std::string> row{roi, contrast, a.test, group.term};
      const auto cells = test_cells(group.results[i]);
      row.insert(row.end(), cells.begin(), cells.end());
      rows.push_back(row);
      if (std::isnan(group.results[i].t))
        untested.push_back(fmt::format("{} {} ({} values)", roi, contrast, group.results[i].n));
    }
  OutputSet outputs(a.output, output_policy(global, "roi-test", a.prefix));
  const std::string prefix = name_prefix(a.prefix);
  outputs.write(prefix + "roi_tests.tsv", to_tsv(names, rows));
  outputs.write(prefix + "roi_tests.json", to_text(dictionary(a, table, options)));
  write_configuration(outputs, a.prefix);
  outputs.commit();
  tell_rows(all, a);
  if (table.left_out > 0)
    info(fmt::format("{} values of coverage below {} were left out", table.left_out,
                     a.common.choice.min_coverage));
  if (!untested.empty())
    warn(fmt::format("not tested for want of values or spread: {}", fmt::join(untested, ", ")));
  return untested.empty() ? kDone : kDoneWithFailures;
}

}  // namespace

void add_roi_test_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand("test", "Tests of region values over participants");
  auto a = std::make_shared<RoiTestArguments>();
  c->add_option("table", a->common.table, "roi_values.tsv of `roi extract`")->required();
  c->add_option("--test", a->test, "one-sample, paired, two-sample or regression")
      ->capture_default_str();
  c->add_option("--roi", a->common.choice.rois, "Regions, by name or glob (default: all)");
  c->add_option("--contrast", a->common.choice.contrasts,
                "Contrasts, by name or glob (default: all)");
  c->add_option("--pair", a->pairs, "paired: CONTRAST,CONTRAST; the first minus the second");
  c->add_option("--participants", a->participants, "Table with participant_id and what follows");
  c->add_option("--group", a->group, "two-sample: its column with two labels");
  c->add_option("--covariates", a->covariates, "regression: its columns");
  c->add_flag("--equal-variances", a->equal_variances, "two-sample: pooled variance, not Welch's");
  c->add_option("--null-value", a->common.options.null_value, "Mean or difference under the null")
      ->capture_default_str();
  c->add_option("--alternative", a->common.alternative, "two-sided, greater or less")
      ->capture_default_str();
  c->add_option("--regression-scale", a->common.options.regression_scale,
                "Scale of the prior of slopes")
      ->capture_default_str();
  add_test_options(*c, a->common);
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi test values/roi_values.tsv --test regression \\\n"
      "    --participants study/participants.tsv --covariates social_anxiety depression -o tests");
  c->callback([a, &global, &exit_code] { exit_code = run_test(*a, global); });
}

}  // namespace sociometer::cli
