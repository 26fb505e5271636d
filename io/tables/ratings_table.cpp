#include "io/tables/ratings_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

int column_of(const Table& table, const char* name) {
  const int column = table.find(name);
  if (column < 0)
    fail(ErrorCode::bad_input, "{} has no column '{}'; its columns: {}", table.path, name,
         fmt::join(table.names, ", "));
  return column;
}

std::vector<double> numbers_of(const Table& table, const char* name) {
  const int column = column_of(table, name);
  std::vector<double> out;
  for (size_t row = 0; row < table.rows.size(); ++row) out.push_back(number_in(table, row, column));
  return out;
}

double split_of(const Table& table, const char* name, const std::vector<double>& values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (double v : values)
    if (!std::isnan(v)) low = std::min(low, v), high = std::max(high, v);
  if (!(low < high))
    fail(ErrorCode::bad_input, "{}: column '{}' does not vary: there are no two levels to compare",
         table.path, name);
  return (low + high) / 2;
}

}  // namespace

RatingCells read_ratings(const Table& table, const std::vector<std::string>& wanted,
                         Warnings& warnings) {
  const int id = column_of(table, "participant_id");
  const auto rating = numbers_of(table, "rating"), rank = numbers_of(table, "mean_rank"),
             match = numbers_of(table, "p_match");
  RatingCells out;
  out.rank_split = split_of(table, "mean_rank", rank);
  out.match_split = split_of(table, "p_match", match);
  std::map<std::string, std::array<std::pair<double, int>, 4>> sums;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    std::string label = table.rows[row][size_t(id)];
    if (label.starts_with("sub-")) label.erase(0, 4);
    if (std::find(wanted.begin(), wanted.end(), label) == wanted.end()) continue;
    if (std::isnan(rating[row]) || std::isnan(rank[row]) || std::isnan(match[row])) continue;
    auto& [sum, n] =
        sums[label][2 * size_t(rank[row] < out.rank_split) + size_t(match[row] > out.match_split)];
    sum += rating[row];
    ++n;
  }
  std::vector<Eigen::Vector4d> rows;
  int incomplete = 0;
  for (const auto& [label, cells] : sums) {
    Eigen::Vector4d means;
    for (size_t c = 0; c < 4; ++c) means[Eigen::Index(c)] = cells[c].first / cells[c].second;
    if (!means.allFinite()) {
      ++incomplete;
      continue;
    }
    out.participants.push_back(label);
    rows.push_back(means);
  }
  if (incomplete > 0)
    warnings.push_back(
        fmt::format("{}: {} participant(s) without ratings in all four cells were left out",
                    table.path, incomplete));
  out.cells.resize(Eigen::Index(rows.size()), 4);
  for (size_t i = 0; i < rows.size(); ++i) out.cells.row(Eigen::Index(i)) = rows[i];
  return out;
}

}  // namespace sociometer
