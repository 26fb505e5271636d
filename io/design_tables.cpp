#include "io/design_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "io/table.hpp"

namespace sociometer {
namespace {

int required_column(const Table& table, const std::string& name) {
  const int column = table.find(name);
  if (column >= 0) return column;
  std::string list;
  for (const auto& n : table.names) list += (list.empty() ? "" : ", ") + n;
  fail(ErrorCode::bad_input, "{} has no column '{}'; its columns: {}", table.path, name, list);
}

void warn_count(Warnings& warnings, const Table& table, int count, const std::string& what) {
  if (count > 0) warnings.push_back(fmt::format("{}: {} {}", table.path, count, what));
}

double checked_time(const Table& table, size_t row, int column, double value) {
  if (!std::isfinite(value) || (table.names[size_t(column)] == "duration" && value < 0))
    fail(ErrorCode::bad_input, "{} line {}: {} is {}; it must be a finite number{}", table.path,
         table.line_numbers[row], table.names[size_t(column)], value,
         table.names[size_t(column)] == "duration" ? " of at least 0" : "");
  return value;
}

bool matches_any(const std::string& name, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) {
    return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

std::vector<size_t> matching_columns(const Table& table, const std::vector<std::string>& globs,
                                     const std::vector<std::string>& excluded) {
  std::vector<size_t> chosen;
  if (globs.empty()) {
    for (size_t i = 0; i < table.names.size(); ++i)
      if (!matches_any(table.names[i], excluded)) chosen.push_back(i);
    return chosen;
  }
  for (const auto& glob : globs) {
    bool any = false;
    for (size_t i = 0; i < table.names.size(); ++i) {
      if (::fnmatch(glob.c_str(), table.names[i].c_str(), 0) != 0) continue;
      any = true;
      if (std::find(chosen.begin(), chosen.end(), i) == chosen.end()) chosen.push_back(i);
    }
    if (!any) fail(ErrorCode::bad_input, "no column of {} matches '{}'", table.path, glob);
  }
  return chosen;
}

bool is_time_column(const std::string& name) {
  return name.empty() || name == "frame_time" || name == "frame_times" || name == "Unnamed: 0";
}

}  // namespace

Events read_events(const std::string& path, const std::vector<std::string>& value_columns,
                   Warnings& warnings) {
  const Table table = read_table(path);
  const int onset = required_column(table, "onset"), duration = required_column(table, "duration");
  const int type = table.find("trial_type"), modulation = table.find("modulation");
  std::vector<int> columns;
  for (const auto& name : value_columns) columns.push_back(required_column(table, name));
  if (table.rows.empty())
    fail(ErrorCode::bad_input,
         "{} has a header and no events; leave this run out or repair the file", path);

  Events events;
  int dropped_onset = 0, dropped_type = 0, no_duration = 0;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    Event event;
    event.onset_s = number_in(table, row, onset);
    event.duration_s = number_in(table, row, duration);
    if (std::isnan(event.onset_s)) {
      ++dropped_onset;
      continue;
    }
    if (type >= 0 && is_missing(table.rows[row][size_t(type)])) {
      ++dropped_type;
      continue;
    }
    if (std::isnan(event.duration_s)) {
      ++no_duration;
      event.duration_s = 0;
    }
    checked_time(table, row, onset, event.onset_s);
    checked_time(table, row, duration, event.duration_s);
    event.type = type >= 0 ? table.rows[row][size_t(type)] : "trial";
    if (modulation >= 0) {
      const double amplitude = number_in(table, row, modulation);
      if (!std::isnan(amplitude)) event.amplitude = checked_time(table, row, modulation, amplitude);
    }
    for (size_t c = 0; c < columns.size(); ++c)
      event.values[value_columns[c]] = number_in(table, row, columns[c]);
    events.push_back(std::move(event));
  }
  warn_count(warnings, table, dropped_onset, "event(s) without an onset were left out");
  warn_count(warnings, table, dropped_type, "event(s) without a trial_type were left out");
  warn_count(warnings, table, no_duration, "event(s) without a duration were given 0 s");
  if (events.empty())
    fail(ErrorCode::bad_input, "{} has no event with an onset and a trial_type", path);
  return events;
}

NamedColumns read_confounds(const std::string& path, const std::vector<std::string>& globs,
                            const std::vector<std::string>& excluded_globs, Warnings& warnings) {
  const Table table = read_table(path);
  NamedColumns out;
  const auto chosen = matching_columns(table, globs, excluded_globs);
  out.values.resize(Eigen::Index(table.rows.size()), Eigen::Index(chosen.size()));
  for (size_t c = 0; c < chosen.size(); ++c) {
    out.names.push_back(table.names[chosen[c]]);
    bool leading = true;
    int filled = 0;
    for (size_t row = 0; row < table.rows.size(); ++row) {
      double value = number_in(table, row, int(chosen[c]));
      if (std::isnan(value)) {
        if (!leading)
          fail(ErrorCode::bad_input,
               "{} line {}, column '{}' is missing; only the first rows of a confound may be (they "
               "become 0)",
               path, table.line_numbers[row], out.names.back());
        value = 0;
        ++filled;
      } else {
        leading = false;
      }
      out.values(Eigen::Index(row), Eigen::Index(c)) = value;
    }
    if (filled == int(table.rows.size()) && filled > 0)
      fail(ErrorCode::bad_input, "{} column '{}' holds no value at all", path, out.names.back());
    if (filled > 0)
      warnings.push_back(fmt::format("{}: column '{}' starts with {} missing value(s), taken as 0",
                                     path, out.names.back(), filled));
  }
  return out;
}

DesignMatrix read_design(const std::string& path) {
  const Table table = read_table(path);
  DesignMatrix design;
  const int first = is_time_column(table.names[0]) && table.names.size() > 1 ? 1 : 0;
  const auto n = Eigen::Index(table.rows.size());
  design.values.resize(n, Eigen::Index(table.names.size()) - first);
  if (first == 1) design.frame_times_s.resize(n);
  for (Eigen::Index row = 0; row < n; ++row) {
    if (first == 1) design.frame_times_s[row] = number_in(table, size_t(row), 0);
    for (size_t c = size_t(first); c < table.names.size(); ++c)
      design.values(row, Eigen::Index(c) - first) = number_in(table, size_t(row), int(c));
  }
  design.names.assign(table.names.begin() + first, table.names.end());
  design.roles.assign(design.names.size(), ColumnRole::given);
  return with_context(path, [&] {
    check_design(design);
    return design;
  });
}

std::vector<uint8_t> read_censor_columns(const std::string& path, const std::string& glob,
                                         Eigen::Index n_scans) {
  const Table table = read_table(path);
  const auto columns = matching_columns(table, {glob}, {});
  if (Eigen::Index(table.rows.size()) != n_scans)
    fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path, table.rows.size(),
         n_scans);
  std::vector<uint8_t> kept(size_t(n_scans), 1);
  for (size_t row = 0; row < table.rows.size(); ++row)
    for (size_t column : columns) {
      const double value = number_in(table, row, int(column));
      if (!std::isnan(value) && value != 0) kept[row] = 0;
    }
  return kept;
}

std::vector<uint8_t> parse_censor_list(const std::string& list, Eigen::Index n_scans) {
  std::vector<uint8_t> kept(size_t(n_scans), 1);
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    long first = 0, last = 0;
    int used = 0;
    const int n = std::sscanf(part.c_str(), "%ld%n-%ld%n", &first, &used, &last, &used);
    if (n == 1) last = first;
    if (n < 1 || size_t(used) != part.size() || last < first || first < 0)
      fail(ErrorCode::usage, "censor list '{}': expected scans counted from 0, like 3,7,12-15",
           list);
    if (last >= n_scans)
      fail(ErrorCode::bad_input, "censor list '{}' names scan {}, the run has {} scans (0 to {})",
           list, last, n_scans, n_scans - 1);
    for (long scan = first; scan <= last; ++scan) kept[size_t(scan)] = 0;
  }
  return kept;
}

std::optional<double> number_in_json(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  const auto json = nlohmann::json::parse(file, nullptr, false);
  if (json.is_discarded() || !json.is_object())
    fail(ErrorCode::bad_input, "{} is not a JSON object", path);
  if (!json.contains(key)) return std::nullopt;
  if (!json[key].is_number()) fail(ErrorCode::bad_input, "{}: {} is not a number", path, key);
  return json[key].get<double>();
}

std::string design_to_tsv(const DesignMatrix& design) {
  std::vector<std::string> names = design.names;
  const bool times = design.frame_times_s.size() == design.n_scans();
  if (times) names.insert(names.begin(), "frame_time");
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index t = 0; t < design.n_scans(); ++t) {
    std::vector<std::string> row;
    if (times) row.push_back(format_number(design.frame_times_s[t]));
    for (Eigen::Index c = 0; c < design.n_columns(); ++c)
      row.push_back(format_number(design.values(t, c)));
    rows.push_back(std::move(row));
  }
  return to_tsv(names, rows);
}

std::string square_to_tsv(const std::vector<std::string>& names, const Eigen::MatrixXd& values) {
  std::vector<std::string> header = names;
  header.insert(header.begin(), "column");
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < names.size(); ++i) {
    std::vector<std::string> row{names[i]};
    for (size_t j = 0; j < names.size(); ++j)
      row.push_back(format_number(values(Eigen::Index(i), Eigen::Index(j))));
    rows.push_back(std::move(row));
  }
  return to_tsv(header, rows);
}

}  // namespace sociometer
