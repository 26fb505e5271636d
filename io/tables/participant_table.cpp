#include "io/tables/participant_table.hpp"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

std::string with_sub(const std::string& participant) {
  return participant.starts_with("sub-") ? participant : "sub-" + participant;
}

}  // namespace

ParticipantTable::ParticipantTable(const std::string& path) : table_(read_table(path)) {
  int id = table_.find("participant_id");
  if (id < 0) id = table_.find("participant");
  if (id < 0)
    fail(ErrorCode::bad_input, "{} has no column participant_id; its columns are {}", path,
         fmt::join(table_.names, ", "));
  for (size_t row = 0; row < table_.rows.size(); ++row) {
    const std::string name = with_sub(table_.rows[row][size_t(id)]);
    if (!row_of_.insert({name, row}).second)
      fail(ErrorCode::bad_input, "{} line {}: participant {} occurs twice", path,
           table_.line_numbers[row], name);
  }
}

std::vector<std::string> ParticipantTable::cells(
    const std::string& column, const std::vector<std::string>& participants) const {
  const int at = table_.find(column);
  if (at < 0)
    fail(ErrorCode::bad_input, "{} has no column '{}'; its columns are {}", path(), column,
         fmt::join(table_.names, ", "));
  std::vector<std::string> out;
  size_t n_found = 0;
  for (const auto& participant : participants) {
    const auto found = row_of_.find(with_sub(participant));
    out.push_back(found == row_of_.end() ? "n/a" : table_.rows[found->second][size_t(at)]);
    n_found += found != row_of_.end();
  }
  if (n_found == 0)
    fail(ErrorCode::bad_input, "{} has no row of any of the {} participants, the first {}", path(),
         participants.size(), participants.empty() ? "none" : participants.front());
  return out;
}

Eigen::VectorXd ParticipantTable::numbers(const std::string& column,
                                          const std::vector<std::string>& participants) const {
  const auto text = cells(column, participants);
  Eigen::VectorXd out(Eigen::Index(text.size()));
  for (size_t i = 0; i < text.size(); ++i) {
    double& value = out[Eigen::Index(i)];
    value = kNaN;
    if (is_missing(text[i])) continue;
    char* end = nullptr;
    value = std::strtod(text[i].c_str(), &end);
    if (*end != '\0' || !std::isfinite(value))
      fail(ErrorCode::bad_input,
           "{}: column {} of participant {} is '{}'; scores and covariates are numbers", path(),
           column, participants[i], text[i]);
  }
  return out;
}

}  // namespace sociometer
