#include "io/tables/design_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "io/tables/json_object.hpp"
#include "io/tables/spm_conditions.hpp"
#include "io/tables/table.hpp"

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

bool is_time_column(const std::string& name) {
  return name.empty() || name == "frame_time" || name == "frame_times" || name == "Unnamed: 0";
}

/// The first few of a list, to keep messages readable.
std::string first_names(const std::vector<std::string>& names) {
  constexpr size_t kShown = 3;
  const std::string shown = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + long(std::min(kShown, names.size())), ", "));
  return names.size() > kShown ? shown + ", .." : shown;
}

/// Fills missing values at the beginning of a column.
/// @return their number.
int fill_start(const Table& table, int column, MissingConfounds fill,
               Eigen::Ref<Eigen::VectorXd> values) {
  Eigen::Index missing = 0;
  const Eigen::Index n = values.size();
  while (missing < n && std::isnan(values[missing])) ++missing;
  if (missing == n && n > 0)
    fail(ErrorCode::bad_input, "{} column '{}' holds no value at all", table.path,
         table.names[size_t(column)]);
  for (Eigen::Index row = missing; row < n; ++row)
    if (std::isnan(values[row]))
      fail(ErrorCode::bad_input,
           "{} line {}, column '{}' is missing; only the first rows of a confound may be (they "
           "are filled)",
           table.path, table.line_numbers[size_t(row)], table.names[size_t(column)]);
  if (missing > 0)
    values.head(missing).setConstant(fill == MissingConfounds::zero ? 0 : values[missing]);
  return int(missing);
}

}  // namespace

std::vector<size_t> matching_columns(const Table& table, const std::vector<std::string>& globs,
                                     const std::vector<std::string>& excluded) {
  std::vector<size_t> chosen;
  std::vector<uint8_t> is_chosen(table.names.size(), 0);
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
      if (!is_chosen[i]) chosen.push_back(i);
      is_chosen[i] = 1;
    }
    if (!any) fail(ErrorCode::bad_input, "no column of {} matches '{}'", table.path, glob);
  }
  return chosen;
}

Table read_confounds_table(const std::string& path) {
  FileContent content = read_content(path);
  if (is_matlab_file(content)) return read_spm_regressors(content);
  return table_of(as_text(std::move(content)));
}

std::vector<size_t> event_rows(const Table& table) {
  const int onset = required_column(table, "onset"), type = table.find("trial_type");
  std::vector<size_t> rows;
  for (size_t row = 0; row < table.rows.size(); ++row)
    if (!std::isnan(number_in(table, row, onset)) &&
        (type < 0 || !is_missing(table.rows[row][size_t(type)])))
      rows.push_back(row);
  return rows;
}

Events read_events(const Table& table, const std::vector<std::string>& value_columns,
                   Warnings& warnings) {
  const std::string& path = table.path;
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
      event.amplitude = number_in(table, row, modulation);
      if (std::isnan(event.amplitude))
        fail(ErrorCode::bad_input,
             "{} line {}: modulation is missing; give the event's amplitude (1 for an event that "
             "counts in full), or leave the row or the column out",
             path, table.line_numbers[row]);
      checked_time(table, row, modulation, event.amplitude);
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

NamedColumns read_confounds(const Table& table, const std::vector<std::string>& globs,
                            const std::vector<std::string>& excluded_globs, Warnings& notes,
                            MissingConfounds fill) {
  NamedColumns out;
  const auto chosen = matching_columns(table, globs, excluded_globs);
  out.values.resize(Eigen::Index(table.rows.size()), Eigen::Index(chosen.size()));
  std::vector<std::string> filled;
  int most = 0;
  for (size_t c = 0; c < chosen.size(); ++c) {
    out.names.push_back(table.names[chosen[c]]);
    for (size_t row = 0; row < table.rows.size(); ++row)
      out.values(Eigen::Index(row), Eigen::Index(c)) = number_in(table, row, int(chosen[c]));
    const int missing = fill_start(table, int(chosen[c]), fill, out.values.col(Eigen::Index(c)));
    if (missing > 0) filled.push_back(out.names.back());
    most = std::max(most, missing);
  }
  if (!filled.empty())
    notes.push_back(
        fmt::format("{}: {} column(s) start with up to {} missing value(s), taken as {} ({})",
                    table.path, filled.size(), most,
                    fill == MissingConfounds::zero ? "0" : "the next value", first_names(filled)));
  return out;
}

DesignMatrix read_design(const std::string& path) { return design_of(read_table(path)); }

DesignMatrix design_of(const Table& table) {
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
  return with_context(table.path, [&] {
    check_design(design);
    if (n < 2)
      fail(ErrorCode::bad_input,
           "{} row(s) below the header; a design has one per scan, two or more", n);
    return design;
  });
}

std::optional<double> number_in_json(const FileContent& sidecar, const std::string& key) {
  const std::string& path = sidecar.file.path;
  const auto json = json_object_of(sidecar);
  if (!json.contains(key)) return std::nullopt;
  if (!json[key].is_number())
    fail(ErrorCode::bad_input, "{}: {} is not a number{}; repair the file, or give the option",
         path, key, json[key].is_null() ? " but null, NaN or infinite" : "");
  return json[key].get<double>();
}

std::vector<double> numbers_in_json(const FileContent& sidecar, const std::string& key) {
  const auto json = json_object_of(sidecar);
  if (!json.contains(key)) return {};
  const auto& list = json[key];
  const bool sound = list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& one) {
                       return one.is_number();
                     });
  if (!sound)
    fail(ErrorCode::bad_input, "{}: {} is not a list of numbers; repair the file",
         sidecar.file.path, key);
  return list.template get<std::vector<double>>();
}

std::string design_to_tsv(const DesignMatrix& design) {
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index t = 0; t < design.n_scans(); ++t) {
    std::vector<std::string> row;
    for (Eigen::Index c = 0; c < design.n_columns(); ++c)
      row.push_back(format_number(design.values(t, c)));
    rows.push_back(std::move(row));
  }
  return to_tsv(design.names, rows);
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
