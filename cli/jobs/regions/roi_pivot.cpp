#include "cli/jobs/regions/roi_pivot.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

bool matches(const std::string& name, const std::vector<std::string>& globs) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
           return name == glob || ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
         });
}

/// The only value of a field, or the one chosen.
std::string only_one(const std::vector<RegionValue>& values, const std::string& chosen,
                     const std::string& what, const std::string& option, const std::string& path,
                     std::string (*field)(const RegionValue&)) {
  std::set<std::string> there;
  for (const auto& v : values) there.insert(field(v));
  if (!chosen.empty()) {
    if (!there.contains(chosen))
      fail(ErrorCode::bad_input, "{} has no {} '{}'; it has {}", path, what, chosen,
           there == std::set<std::string>{""} ? "none" : fmt::format("{}", fmt::join(there, ", ")));
    return chosen;
  }
  if (there.size() > 1)
    fail(ErrorCode::bad_input, "{} has several {}s ({}); choose one with {}", path, what,
         fmt::join(there, ", "), option);
  return *there.begin();
}

/// A glob that finds nothing is a typing error.
void check_found(const std::vector<std::string>& globs, const std::set<std::string>& there,
                 const std::string& what, const std::string& path) {
  for (const auto& glob : globs)
    if (std::none_of(there.begin(), there.end(),
                     [&](const std::string& name) { return matches(name, {glob}); }))
      fail(ErrorCode::bad_input, "{} has no {} '{}'; it has {}", path, what, glob,
           fmt::join(there, ", "));
}

}  // namespace

Eigen::Index ValueTable::find(const std::string& roi, const std::string& contrast) const {
  std::set<std::string> rois, contrasts;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].first == roi && columns[c].second == contrast) return Eigen::Index(c);
    rois.insert(columns[c].first);
    contrasts.insert(columns[c].second);
  }
  fail(ErrorCode::usage, "there is no region {} with contrast {}; regions: {}; contrasts: {}", roi,
       contrast, fmt::join(rois, ", "), fmt::join(contrasts, ", "));
}

void require_effects(const ValueTable& table, const std::string& path) {
  if (is_no_effect(table.map_statistic))
    fail(ErrorCode::bad_input,
         "the values of {} are of maps of {}; signals are compared by their effects: extract the "
         "effect maps",
         path, table.map_statistic);
}

ValueTable pivot(const std::vector<RegionValue>& values, const ValueChoice& choice,
                 const std::string& path) {
  ValueTable out;
  out.map_statistic = map_statistic_of(path);
  out.statistic = only_one(values, choice.statistic, "statistic", "--statistic", path,
                           [](const RegionValue& v) { return v.statistic; });
  out.session = only_one(values, choice.session, "session", "--session", path,
                         [](const RegionValue& v) { return v.unit.session; });
  std::set<std::string> rois, contrasts;
  for (const auto& v : values) {
    rois.insert(v.roi);
    contrasts.insert(v.unit.contrast);
  }
  check_found(choice.rois, rois, "region", path);
  check_found(choice.contrasts, contrasts, "contrast", path);
  std::map<std::string, Eigen::Index> row_of;
  std::map<std::pair<std::string, std::string>, Eigen::Index> column_of;
  std::vector<const RegionValue*> chosen;
  for (const auto& v : values) {
    if (v.statistic != out.statistic || v.unit.session != out.session ||
        !matches(v.roi, choice.rois) || !matches(v.unit.contrast, choice.contrasts))
      continue;
    chosen.push_back(&v);
    if (row_of.insert({v.unit.participant, Eigen::Index(row_of.size())}).second)
      out.participants.push_back(v.unit.participant);
    if (column_of.insert({{v.roi, v.unit.contrast}, Eigen::Index(column_of.size())}).second)
      out.columns.emplace_back(v.roi, v.unit.contrast);
  }
  if (chosen.empty())
    fail(ErrorCode::bad_input, "{} has no rows of the regions and contrasts chosen", path);
  out.values.setConstant(Eigen::Index(out.participants.size()), Eigen::Index(out.columns.size()),
                         std::numeric_limits<double>::quiet_NaN());
  for (const auto* v : chosen) {
    if (v->coverage < choice.min_coverage) {
      ++out.left_out;
      continue;
    }
    out.values(row_of.at(v->unit.participant), column_of.at({v->roi, v->unit.contrast})) = v->value;
  }
  return out;
}

std::vector<double> regressor_sds(const std::vector<RegionValue>& values, const ValueTable& table,
                                  const std::string& region,
                                  const std::vector<std::string>& signals,
                                  const std::vector<std::string>& participants) {
  // t, z and p do not scale with the regressor.
  static const std::set<std::string> effects{
      "mean", "median",  "weighted-mean", "weighted-sum", "sum",
      "peak", "minimum", "psc",           "eigenvariate", "effect"};
  if (effects.count(table.statistic) == 0)
    return std::vector<double>(signals.size(), std::numeric_limits<double>::quiet_NaN());
  const std::set<std::string> wanted(participants.begin(), participants.end());
  std::vector<double> out;
  for (const auto& signal : signals) {
    double sum = 0, n = 0;
    for (const auto& v : values) {
      if (v.unit.contrast != signal || v.roi != region || v.statistic != table.statistic ||
          v.unit.session != table.session || wanted.count(v.unit.participant) == 0)
        continue;
      sum += v.regressor_sd;  // one that is missing makes the mean missing
      n += 1;
    }
    out.push_back(n > 0 ? sum / n : std::numeric_limits<double>::quiet_NaN());
  }
  return out;
}

std::vector<std::vector<std::string>> participant_columns(
    const std::string& path, const std::vector<std::string>& participants,
    const std::vector<std::string>& columns) {
  const Table table = read_table(path);
  int id = table.find("participant_id");
  if (id < 0) id = table.find("participant");
  if (id < 0)
    fail(ErrorCode::bad_input, "{} has no column participant_id; its columns are {}", path,
         fmt::join(table.names, ", "));
  std::map<std::string, size_t> row_of;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    std::string name = table.rows[row][size_t(id)];
    if (!name.starts_with("sub-")) name = "sub-" + name;
    if (!row_of.insert({name, row}).second)
      fail(ErrorCode::bad_input, "{} line {}: participant {} occurs twice", path,
           table.line_numbers[row], name);
  }
  std::vector<std::vector<std::string>> out;
  for (const auto& column : columns) {
    const int at = table.find(column);
    if (at < 0)
      fail(ErrorCode::bad_input, "{} has no column '{}'; its columns are {}", path, column,
           fmt::join(table.names, ", "));
    out.emplace_back();
    size_t n_found = 0;
    for (const auto& participant : participants) {
      const std::string name = participant.starts_with("sub-") ? participant : "sub-" + participant;
      const auto found = row_of.find(name);
      out.back().push_back(found == row_of.end() ? "n/a" : table.rows[found->second][size_t(at)]);
      n_found += found != row_of.end();
    }
    if (n_found == 0)
      fail(ErrorCode::bad_input, "{} has no row of any of the {} participants, the first {}", path,
           participants.size(), participants.empty() ? "none" : participants.front());
  }
  return out;
}

}  // namespace sociometer::cli
