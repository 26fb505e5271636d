#include "cli/jobs/regions/individual_inputs.hpp"

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/records/region_values.hpp"
#include "io/tables/participant_table.hpp"

namespace sociometer::jobs {
namespace {

/// The single table that has a column.
const ParticipantTable& table_with(const std::string& column,
                                   const std::vector<ParticipantTable>& tables) {
  std::vector<std::string> all, having;
  const ParticipantTable* found = nullptr;
  for (const auto& table : tables) {
    all.push_back(table.path());
    if (!table.has(column)) continue;
    having.push_back(table.path());
    found = &table;
  }
  if (having.empty())
    fail(ErrorCode::bad_input, "no column '{}' in {}", column, fmt::join(all, ", "));
  if (having.size() > 1)
    fail(ErrorCode::bad_input, "column '{}' is in several tables ({}); give one of them", column,
         fmt::join(having, ", "));
  return *found;
}

}  // namespace

Eigen::MatrixXd columns_of_people(const std::vector<std::string>& columns,
                                  const std::vector<ParticipantTable>& tables,
                                  const std::vector<std::string>& participants) {
  Eigen::MatrixXd out(Eigen::Index(participants.size()), Eigen::Index(columns.size()));
  for (size_t k = 0; k < columns.size(); ++k)
    out.col(Eigen::Index(k)) = table_with(columns[k], tables).numbers(columns[k], participants);
  return out;
}

IndividualRecord load_individual(const IndividualRequest& a, Journal& journal) {
  const StoredRegionValues stored = read_region_values(a.table);
  const ValueTable table = pivot(stored.values, a.choice, a.table);
  require_effects(stored, table.statistic);
  std::vector<ParticipantTable> tables;
  for (const auto& path : a.participants) tables.emplace_back(path);
  IndividualRecord out;
  out.options = a.options;
  out.statistic = table.statistic;
  out.inputs = stored.files();
  for (const auto& people : tables) out.inputs.push_back(people.file());
  IndividualData& data = out.data;
  data.brain = cells_of(table, a.regions.empty() ? table.regions() : a.regions,
                        a.signals.empty() ? table.contrasts() : a.signals);
  data.scores = a.scores;
  data.covariates = a.covariates;
  data.score_values = columns_of_people(a.scores, tables, table.participants);
  data.covariate_values = columns_of_people(a.covariates, tables, table.participants);
  out.left_out = keep_complete(data);
  out.options.regressor_sd = regressor_sds(stored.values, table, data.brain.regions[0],
                                           data.brain.signals, data.brain.participants);
  if (!out.left_out.empty())
    journal.warn(fmt::format("left out, a value, score or covariate is missing: {}",
                             fmt::join(out.left_out, ", ")));
  return out;
}

}  // namespace sociometer::jobs
