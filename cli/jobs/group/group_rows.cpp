#include "cli/jobs/group/group_rows.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/group/group_design_table.hpp"
#include "engine/core/error.hpp"
#include "io/tables/fsl_designs.hpp"

namespace sociometer::jobs {
namespace {

std::vector<std::string> people_of(const std::vector<Observation>& observations) {
  std::vector<std::string> out;
  for (const auto& one : observations) out.push_back(one.participant);
  return out;
}

/// Sets levels that are not in the names, from a column of the table with one row per map.
void set_levels_from_table(const WithinFactor& within, const Table& table,
                           std::vector<Observation>& observations, Journal& journal) {
  const int column = table.find(within.name);
  if (column < 0)
    fail(ErrorCode::bad_input,
         "--within {}: no map has {}-<label> in its path, and {} has no column {}", within.name,
         within.key, table.path, within.name);
  const auto rows = rows_of_observations(table, observations, true, journal);
  for (size_t i = 0; i < rows.size(); ++i) {
    observations[i].level = table.rows[rows[i]][size_t(column)];
    if (observations[i].participant.empty() && is_id_column(table))
      observations[i].participant = table.rows[rows[i]][0];
    if (is_missing(observations[i].level) || observations[i].participant.empty())
      fail(ErrorCode::bad_input, "{}: row {} does not say {} and participant of {}", table.path,
           rows[i] + 1, within.name, observations[i].path);
  }
}

/// Adds a missing constant, or reports the consequence of its absence.
void complete_with_constant(const GroupDesignRequest& a, bool names_people, GroupDesign& design,
                            GroupDesignRecord& record, Journal& journal) {
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(design.values.rows());
  if (spans(design.values, ones)) return;
  if (a.no_intercept || (!names_people && !a.add_intercept)) {
    record.intercept = "none";
    if (!a.no_intercept)
      journal.warn(
          fmt::format("{} has no constant in its columns: means are not modelled, and slopes go "
                      "through the origin; --add-intercept adds one",
                      a.table));
    return;
  }
  const bool taken = std::ranges::find(design.names, "intercept") != design.names.end();
  design.names.emplace_back(taken ? "constant" : "intercept");
  design.values.conservativeResize(Eigen::NoChange, design.values.cols() + 1);
  design.values.rightCols(1) = ones;
  design.n_implied = 1;
  record.intercept = "added";
  if (!a.add_intercept)
    journal.warn(
        fmt::format("{} has no constant in its columns: the column {} is added, or slopes would "
                    "go through the origin (--no-intercept leaves it out)",
                    a.table, design.names.back()));
}

/// One column per participant, after those that contrasts can name.
void add_person_effects(const std::vector<Observation>& observations, GroupDesign& design,
                        GroupDesignRecord& record) {
  const DesignColumns people = person_columns(people_of(observations));
  const DesignColumns all = joined_columns({{design.names, design.values}, people});
  design.names = all.names;
  design.values = all.values;
  design.n_implied = Eigen::Index(people.names.size());
  record.person_effects = people.names.size();
}

std::vector<int> numbers_of_people(const std::vector<Observation>& observations) {
  std::map<std::string, int> numbers;
  std::vector<int> out;
  for (const auto& one : observations)
    out.push_back(numbers.emplace(one.participant, int(numbers.size())).first->second);
  return out;
}

/// Columns of --design, after those of the within-participant factor; an intercept if none.
GroupDesign design_of_table(const GroupDesignRequest& a, const std::optional<Table>& table,
                            const WithinFactor& within, GroupRows& out, Journal& journal) {
  const bool persons = !within.name.empty();
  GroupDesign design{{}, Eigen::MatrixXd(Eigen::Index(out.observations.size()), 0)};
  if (table) {
    const auto rows = rows_of_observations(*table, out.observations, true, journal);
    for (size_t i = 0; i < rows.size(); ++i)
      if (out.observations[i].participant.empty() && is_id_column(*table))
        out.observations[i].participant = table->rows[rows[i]][0];
    design = read_design_columns(*table, rows, within.name);
    if (!persons) complete_with_constant(a, is_id_column(*table), design, out.record, journal);
  }
  if (!persons) return table ? design : one_sample_design(design.values.rows());
  Factor factor{within.name, {}, within.reference};
  for (const auto& one : out.observations) factor.labels.push_back(one.level);
  const DesignColumns levels = noted_factor(factor, a.participants.coding, out.record, journal);
  const DesignColumns all = joined_columns({levels, {design.names, design.values}});
  return {all.names, all.values, 0, {{within.name, levels.names}}};
}

/// Reads the table of --participants and assigns participants to observations.
std::optional<ParticipantsTable> table_of_people(const GroupDesignRequest& a,
                                                 std::vector<Observation>& observations) {
  if (a.participants.table.empty()) return std::nullopt;
  ParticipantsTable people(a.participants.table);
  if (a.participants.in_order)
    people.name_in_order(observations);
  else
    people.name_participants(observations);
  return people;
}

/// Several maps of one participant without participant effects have correlated errors.
void check_independence(const std::optional<Table>& table, bool blocks_given, GroupRows& rows,
                        Journal& journal) {
  std::map<std::string, size_t> first;
  std::optional<std::pair<size_t, size_t>> twice;
  std::set<std::string> several;
  for (size_t i = 0; i < rows.observations.size(); ++i) {
    const std::string& who = rows.observations[i].participant;
    if (who.empty()) continue;
    const auto [other, fresh] = first.emplace(who, i);
    if (fresh) continue;
    several.insert(who);
    if (!twice) twice = {other->second, i};
  }
  if (!twice) return;
  const DesignColumns people = person_columns(people_of(rows.observations));
  const bool modelled = std::ranges::all_of(several, [&](const std::string& who) {
    const auto column = std::ranges::find(people.names, who) - people.names.begin();
    return spans(rows.design.values, people.values.col(column));
  });
  if (modelled) {
    journal.info(
        "several maps of one participant: the design has a column for each of these participants");
    if (!blocks_given) rows.blocks = numbers_of_people(rows.observations);
    return;
  }
  if (blocks_given) {
    journal.warn(
        "several maps of one participant: t, z and p of the model take them as independent, which "
        "they are not; only p by permutation is right (or give --within)");
    return;
  }
  const Observation &a = rows.observations[twice->first], &b = rows.observations[twice->second];
  if (table) rows_of_observations(*table, rows.observations, false, journal);
  fail_for_two_maps(a.participant, a.path, b.path);
}

/// Rows of --design that remain after participants were dropped: those of the maps in use if it has
/// one row per map, else those of all remaining participants.
void keep_rows(const std::vector<Observation>& before, const std::vector<Observation>& after,
               bool row_per_map, Table& table, Journal& journal) {
  std::vector<size_t> kept;
  if (row_per_map && table.rows.size() == before.size()) {
    const auto rows = rows_of_observations(table, before, true, journal);
    for (size_t i = 0; i < before.size(); ++i)
      if (std::ranges::any_of(after, [&](const Observation& one) {
            return one.path == before[i].path && one.map == before[i].map;
          }))
        kept.push_back(rows[i]);
  } else if (!row_per_map && is_id_column(table)) {
    for (size_t r = 0; r < table.rows.size(); ++r) {
      const std::string& who = table.rows[r][0];
      const auto is_who = [&](const Observation& one) {
        return one.participant == who || one.participant == "sub-" + who;
      };
      if (std::ranges::none_of(before, is_who) || std::ranges::any_of(after, is_who))
        kept.push_back(r);
    }
  } else {
    return;
  }
  Table out = table;
  out.rows.clear();
  out.line_numbers.clear();
  for (size_t r : kept) {
    out.rows.push_back(table.rows[r]);
    if (r < table.line_numbers.size()) out.line_numbers.push_back(table.line_numbers[r]);
  }
  table = std::move(out);
}

}  // namespace

GroupRows group_rows(const GroupDesignRequest& a, const std::vector<EffectMap>& maps,
                     bool blocks_given, Journal& journal) {
  GroupRows out;
  out.observations = observations_of(maps);
  const std::optional<ParticipantsTable> people = table_of_people(a, out.observations);
  std::optional<Table> table;
  if (!a.table.empty()) table = read_group_table(a.table);
  if (people) out.inputs.push_back(people->table().file());
  if (table) out.inputs.push_back(table->file());
  WithinFactor within = a.within.empty() ? WithinFactor{} : parse_within(a.within);
  if (!a.within.empty() && !set_levels(within, out.observations)) {
    if (!table)
      fail(ErrorCode::bad_input,
           "--within {}: no map has {}-<label> in its path, and there is no --design with a column "
           "{}",
           within.name, within.key, within.name);
    set_levels_from_table(within, *table, out.observations, journal);
  }
  bool persons = !a.within.empty();
  const std::vector<Observation> before = out.observations;
  if (!a.difference.empty()) {
    out.observations = difference_rows(a.difference, within, std::move(out.observations), journal);
    out.record.within = within.key;
    out.record.difference = a.difference;
    within = {};
    persons = false;
  } else if (persons) {
    out.observations = repeated_measures(within, std::move(out.observations), journal);
    out.record.within = within.key;
  }
  if (table && (persons || !a.difference.empty()))
    keep_rows(before, out.observations, persons, *table, journal);
  out.design = people ? participants_design(a.participants, *people, within, !a.no_intercept,
                                            out.observations, out.record, journal)
                      : design_of_table(a, table, within, out, journal);
  if (persons) {
    add_person_effects(out.observations, out.design, out.record);
    out.blocks = numbers_of_people(out.observations);
  } else {
    check_independence(table, blocks_given, out, journal);
  }
  return out;
}

}  // namespace sociometer::jobs
