#include "cli/jobs/rsa/model_columns.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer::jobs {
namespace {

bool same_participant(const std::string& a, const std::string& b) {
  const auto label = [](const std::string& text) {
    return text.starts_with("sub-") ? text.substr(4) : text;
  };
  return label(a) == label(b);
}

std::string place_of(const Table& table, size_t row) {
  return fmt::format("{} line {}", table.path, table.line_numbers[row]);
}

/// The column of --values that names conditions.
int condition_column(const Table& table, const std::string& conditions) {
  for (const auto& name : {conditions, std::string("condition"), std::string("option")})
    if (const int at = table.find(name); at >= 0) return at;
  fail(ErrorCode::bad_input,
       "{} has no column '{}' (nor condition or option) that names the conditions", table.path,
       conditions);
}

/// Rows of --values of a participant, by condition.
std::map<std::string, size_t> rows_by_condition(const Table& table, const RsaRequest& a,
                                                const TrialSource& source) {
  const int conditions = condition_column(table, a.conditions);
  const int people = std::max(table.find("participant_id"), table.find("participant"));
  std::map<std::string, size_t> out;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    if (people >= 0 && !same_participant(row[size_t(people)], source.participant)) continue;
    if (!out.emplace(row[size_t(conditions)], r).second)
      fail(ErrorCode::bad_input, "{} has two rows of condition '{}'{}", table.path,
           row[size_t(conditions)],
           people >= 0 ? " of participant " + source.participant
                       : "; a column participant_id identifies people");
  }
  if (out.empty())
    fail(ErrorCode::bad_input, "--values {} has no row of participant {} ({})", table.path,
         source.participant, source.table.path);
  return out;
}

std::vector<ModelCell> cells_of_values(const Table& table, int column, const RsaRequest& a,
                                       const TrialSource& source) {
  const auto rows = rows_by_condition(table, a, source);
  std::vector<ModelCell> cells;
  for (const auto& trial : source.trials)
    if (const auto found = rows.find(trial.condition); found == rows.end())
      cells.push_back({"n/a", table.path});
    else
      cells.push_back({table.rows[found->second][size_t(column)], place_of(table, found->second)});
  return cells;
}

/// Conditions of a participant, in the order of their trials, without a row in --values.
std::vector<std::string> conditions_without_values(const Table& values, const RsaRequest& a,
                                                   const TrialSource& source, size_t& n_all) {
  const auto rows = rows_by_condition(values, a, source);
  std::set<std::string> seen;
  std::vector<std::string> missing;
  for (const auto& trial : source.trials)
    if (seen.insert(trial.condition).second && !rows.contains(trial.condition))
      missing.push_back(trial.condition);
  n_all = seen.size();
  return missing;
}

/// NaN if it is missing; nothing if it is no finite number.
std::optional<double> number_of(const std::string& cell) {
  if (is_missing(cell)) return kNaN;
  double value = kNaN;
  const char *first = cell.data(), *last = first + cell.size();
  if (*first == '+') ++first;
  const auto parsed = std::from_chars(first, last, value);
  if (parsed.ec != std::errc() || parsed.ptr != last || !std::isfinite(value)) return {};
  return value;
}

}  // namespace

ModelColumn model_column(const std::string& word) {
  const std::string ending = ":category";
  if (!word.ends_with(ending)) return {word, false};
  return {word.substr(0, word.size() - ending.size()), true};
}

bool is_built_in_nuisance(const std::string& name) {
  return name == "run" || name == "time" || name == "trials";
}

std::vector<ModelCell> model_cells(const std::string& name, const RsaRequest& a,
                                   const TrialSource& source, const std::optional<Table>& values) {
  const int column = source.table.find(name), other = values ? values->find(name) : -1;
  if (column >= 0 && other >= 0)
    fail(ErrorCode::bad_input, "column '{}' is in {} and in {}; rename one of them", name,
         source.table.path, values->path);
  if (column < 0 && other < 0)
    fail(ErrorCode::bad_input, "no column '{}' in {}{}; it has {}", name, source.table.path,
         values ? " or " + values->path : "", fmt::join(source.table.names, ", "));
  if (column < 0) return cells_of_values(*values, other, a, source);
  std::vector<ModelCell> cells;
  for (size_t t = 0; t < source.trials.size(); ++t)
    cells.push_back({source.cell(t, column), place_of(source.table, source.rows[t])});
  return cells;
}

void check_conditions_of_values(const Table& values, const RsaRequest& a,
                                const std::vector<TrialSource>& people,
                                std::vector<std::string>& warnings) {
  const bool used =
      std::ranges::any_of(
          a.models, [&](const auto& word) { return values.find(model_column(word).name) >= 0; }) ||
      std::ranges::any_of(a.nuisance, [&](const auto& word) {
        return !is_built_in_nuisance(word) && values.find(model_column(word).name) >= 0;
      });
  if (!used) return;
  for (const auto& source : people) {
    size_t n_all = 0;
    const auto missing = conditions_without_values(values, a, source, n_all);
    if (missing.empty()) continue;
    if (missing.size() == n_all)
      fail(ErrorCode::bad_input,
           "{} has no row for any condition of {} ({}: {}); name conditions alike in both tables",
           values.path, source.participant, a.conditions, fmt::join(missing, ", "));
    warnings.push_back(fmt::format(
        "{} has no row for {} of the {} conditions of {}: {}; their "
        "pairs are left out",
        values.path, missing.size(), n_all, source.participant, fmt::join(missing, ", ")));
  }
}

ModelColumn decided_column(const std::string& word, const RsaRequest& a,
                           const std::vector<TrialSource>& people,
                           const std::optional<Table>& values) {
  ModelColumn out = model_column(word);
  std::optional<ModelCell> number, text;
  for (const auto& person : people)
    for (auto& cell : model_cells(out.name, a, person, values))
      if (!is_missing(cell.text)) (number_of(cell.text) ? number : text) = std::move(cell);
  if (out.category) return out;
  if (number && text)
    fail(ErrorCode::bad_input,
         "column '{}' has numbers and other texts: '{}' in {}, '{}' in {}; correct it, write n/a "
         "for "
         "missing values, or give {}:category (0 same, 1 different)",
         out.name, text->text, text->place, number->text, number->place, out.name);
  if (text && has_decimal_comma(text->text))
    fail(ErrorCode::bad_input,
         "column '{}' has '{}' in {}: numbers have a decimal point; write points, or give "
         "{}:category (0 same, 1 different)",
         out.name, text->text, text->place, out.name);
  out.category = text.has_value();
  return out;
}

Eigen::VectorXd numbers_of(const std::vector<ModelCell>& cells) {
  Eigen::VectorXd out(Eigen::Index(cells.size()));
  for (size_t i = 0; i < cells.size(); ++i)
    out[Eigen::Index(i)] = number_of(cells[i].text).value_or(kNaN);
  return out;
}

}  // namespace sociometer::jobs
