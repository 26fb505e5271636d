#include "cli/jobs/regions/individual_inputs.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

void refuse_repeats(const std::vector<std::string>& names, const char* option) {
  for (const auto& name : names)
    if (std::count(names.begin(), names.end(), name) > 1)
      fail(ErrorCode::usage, "{} names {} twice", option, name);
}

/// The only table that has a column.
std::string table_with(const std::string& column, const std::vector<std::string>& paths) {
  std::vector<std::string> having;
  for (const auto& path : paths)
    if (read_table(path).find(column) >= 0) having.push_back(path);
  if (having.size() == 1) return having[0];
  if (having.empty())
    fail(ErrorCode::bad_input, "no column '{}' in {}", column, fmt::join(paths, ", "));
  fail(ErrorCode::bad_input, "column '{}' is in several tables ({}); give one of them", column,
       fmt::join(having, ", "));
}

/// A cell as a number; NaN when missing.
double number_of(const std::string& cell, const std::string& column, const std::string& path,
                 const std::string& participant) {
  if (is_missing(cell)) return std::nan("");
  char* end = nullptr;
  const double value = std::strtod(cell.c_str(), &end);
  if (cell.empty() || *end != '\0' || !std::isfinite(value))
    fail(ErrorCode::bad_input, "{}: column {} of participant {} is '{}'; scores are numbers", path,
         column, participant, cell);
  return value;
}

Eigen::MatrixXd columns_of(const std::vector<std::string>& columns,
                           const std::vector<std::string>& paths,
                           const std::vector<std::string>& participants) {
  Eigen::MatrixXd out(Eigen::Index(participants.size()), Eigen::Index(columns.size()));
  for (size_t k = 0; k < columns.size(); ++k) {
    const std::string path = table_with(columns[k], paths);
    const auto cells = participant_columns(path, participants, {columns[k]})[0];
    for (size_t i = 0; i < cells.size(); ++i)
      out(Eigen::Index(i), Eigen::Index(k)) =
          number_of(cells[i], columns[k], path, participants[i]);
  }
  return out;
}

/// The names asked for, or all of the table in its order.
std::vector<std::string> names_of(const std::vector<std::string>& asked, const ValueTable& table,
                                  bool regions) {
  if (!asked.empty()) return asked;
  std::vector<std::string> out;
  for (const auto& [region, signal] : table.columns) {
    const std::string& name = regions ? region : signal;
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

}  // namespace

void check(const IndividualRequest& r) {
  refuse_repeats(r.scores, "--scores");
  refuse_repeats(r.covariates, "--covariates");
  refuse_repeats(r.regions, "--regions");
  refuse_repeats(r.signals, "--signals");
  for (const auto& covariate : r.covariates)
    if (std::count(r.scores.begin(), r.scores.end(), covariate) > 0)
      fail(ErrorCode::usage, "{} is among both --scores and --covariates", covariate);
  if (!(r.options.alpha > 0 && r.options.alpha < 1))
    fail(ErrorCode::usage, "--alpha is {}; it must lie between 0 and 1", r.options.alpha);
  if (!(r.options.evidence > 1))
    fail(ErrorCode::usage, "--evidence is {}; a Bayes factor that supports is above 1",
         r.options.evidence);
}

IndividualInputs load(const IndividualRequest& request) {
  ValueChoice choice = request.choice;
  const auto values = read_region_values(request.table);
  const ValueTable table = pivot(values, choice, request.table);
  require_effects(table, request.table);
  IndividualInputs out;
  out.options = request.options;
  out.statistic = table.statistic;
  out.session = table.session;
  IndividualData& data = out.data;
  data.scores = request.scores;
  data.covariates = request.covariates;
  data.brain.regions = names_of(request.regions, table, true);
  data.brain.signals = names_of(request.signals, table, false);
  std::vector<Eigen::Index> columns, rows;
  for (const auto& region : data.brain.regions)
    for (const auto& signal : data.brain.signals) columns.push_back(table.find(region, signal));
  const Eigen::MatrixXd cells = table.values(Eigen::all, columns);
  const Eigen::MatrixXd scores =
      columns_of(request.scores, request.participants, table.participants);
  const Eigen::MatrixXd covariates =
      columns_of(request.covariates, request.participants, table.participants);
  for (Eigen::Index i = 0; i < cells.rows(); ++i) {
    const std::string& participant = table.participants[size_t(i)];
    const bool complete =
        cells.row(i).allFinite() && scores.row(i).allFinite() && covariates.row(i).allFinite();
    (complete ? data.brain.participants : out.left_out).push_back(participant);
    if (complete) rows.push_back(i);
  }
  data.brain.cells = cells(rows, Eigen::all);
  out.options.regressor_sd = regressor_sds(values, table, data.brain.regions[0], data.brain.signals,
                                           data.brain.participants);
  data.score_values = scores(rows, Eigen::all);
  data.covariate_values = covariates(rows, Eigen::all);
  if (!out.left_out.empty())
    warn(fmt::format("left out, a value, score or covariate is missing: {}",
                     fmt::join(out.left_out, ", ")));
  return out;
}

}  // namespace sociometer::cli
