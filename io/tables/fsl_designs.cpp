#include "io/tables/fsl_designs.hpp"

#include <charconv>
#include <cmath>
#include <sstream>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

double vest_number(const std::string& word, const std::string& path, int line) {
  double value = 0;
  const char* begin = word.data() + (word.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
    fail(ErrorCode::bad_input, "{} line {}: '{}' is not a finite number", path, line, word);
  return value;
}

/// The positive count following a key.
long count_in(const std::string& rest, const std::string& path, int line) {
  const double value = vest_number(unpadded(rest), path, line);
  if (value < 1 || value > 1e7 || value != std::floor(value))
    fail(ErrorCode::bad_input, "{} line {}: {} is not a number of rows or columns", path, line,
         value);
  return long(value);
}

/// Accumulates the rows of a VEST file, line by line.
struct VestReader {
  const std::string& path;
  long n_columns = -1, n_rows = -1;
  bool in_matrix = false;
  std::vector<std::string> names;
  std::vector<std::vector<double>> rows;

  void take(const std::string& text, int line) {
    if (text.starts_with('/'))
      take_key(text, line);
    else if (in_matrix)
      take_row(text, line);
  }
  void take_key(const std::string& text, int line) {
    const size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string key = text.substr(1, end - 1), rest = text.substr(end);
    if (key == "NumWaves") n_columns = count_in(rest, path, line);
    if (key == "NumPoints" || key == "NumContrasts") n_rows = count_in(rest, path, line);
    if (key == "Matrix") in_matrix = true;
    if (!key.starts_with("ContrastName")) return;
    const long number = count_in(key.substr(std::string("ContrastName").size()), path, line);
    if (size_t(number) > names.size()) names.resize(size_t(std::min(number, 10000L)));
    if (size_t(number) <= names.size()) names[size_t(number) - 1] = unpadded(rest);
  }
  void take_row(const std::string& text, int line) {
    std::istringstream words(text);
    std::vector<double> row;
    for (std::string word; words >> word;) row.push_back(vest_number(word, path, line));
    if (n_columns >= 0 && long(row.size()) != n_columns)
      fail(ErrorCode::bad_input, "{} line {}: {} numbers, /NumWaves is {}", path, line, row.size(),
           n_columns);
    if (!rows.empty() && row.size() != rows.front().size())
      fail(ErrorCode::bad_input, "{} line {}: {} numbers, the first row has {}", path, line,
           row.size(), rows.front().size());
    rows.push_back(std::move(row));
  }
};

std::string weight_list(const Eigen::VectorXd& weights) {
  std::vector<std::string> words;
  for (double w : weights) words.push_back(format_number(w));
  return fmt::format("[{}]", fmt::join(words, ", "));
}

}  // namespace

bool is_vest(const FileContent& text) {
  const std::string start = text.value.substr(0, 4096);
  const size_t first = start.find_first_not_of(" \t\r\n");
  return first != std::string::npos && start[first] == '/' &&
         (start.find("/NumWaves") != std::string::npos ||
          start.find("/Matrix") != std::string::npos);
}

VestFile read_vest(const FileContent& text) {
  const std::string& path = text.file.path;
  std::istringstream lines(text.value);
  VestReader reader{path, -1, -1, false, {}, {}};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line = unpadded(line);
    if (!line.empty()) reader.take(line, number);
  }
  if (reader.rows.empty()) fail(ErrorCode::bad_input, "{} has no numbers after /Matrix", path);
  if (reader.n_rows >= 0 && long(reader.rows.size()) != reader.n_rows)
    fail(ErrorCode::bad_input, "{} has {} rows after /Matrix, its header says {}", path,
         reader.rows.size(), reader.n_rows);
  VestFile out;
  out.names = std::move(reader.names);
  out.values.resize(Eigen::Index(reader.rows.size()), Eigen::Index(reader.rows.front().size()));
  for (size_t i = 0; i < reader.rows.size(); ++i)
    out.values.row(Eigen::Index(i)) = Eigen::Map<const Eigen::RowVectorXd>(
        reader.rows[i].data(), Eigen::Index(reader.rows[i].size()));
  return out;
}

DesignMatrix read_fsl_design(const FileContent& text) {
  DesignMatrix design;
  design.values = read_vest(text).values;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j)
    design.names.push_back("EV" + std::to_string(j + 1));
  design.roles.assign(design.names.size(), ColumnRole::given);
  return design;
}

std::vector<ContrastSpec> read_fsl_contrasts(const FileContent& contrasts,
                                             const FileContent* ftests) {
  const VestFile t = read_vest(contrasts);
  std::vector<ContrastSpec> specs;
  for (Eigen::Index i = 0; i < t.values.rows(); ++i) {
    std::string name = size_t(i) < t.names.size() ? camel_case(t.names[size_t(i)]) : "";
    if (name.empty()) name = "contrast" + std::to_string(i + 1);
    specs.push_back({name, ContrastKind::t, {weight_list(t.values.row(i))}});
  }
  if (!ftests) return specs;
  const VestFile f = read_vest(*ftests);
  if (f.values.cols() != t.values.rows())
    fail(ErrorCode::shape_mismatch, "{} has {} columns, {} has {} contrasts", ftests->file.path,
         f.values.cols(), contrasts.file.path, t.values.rows());
  for (Eigen::Index i = 0; i < f.values.rows(); ++i) {
    ContrastSpec spec{"f" + std::to_string(i + 1), ContrastKind::F, {}};
    for (Eigen::Index j = 0; j < f.values.cols(); ++j)
      if (f.values(i, j) != 0) spec.rows.push_back(specs[size_t(j)].rows[0]);
    if (spec.rows.empty())
      fail(ErrorCode::bad_input, "{}: F test {} holds no contrast", ftests->file.path, i + 1);
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::vector<long> read_fsl_groups(const std::string& path) {
  const VestFile file = read_vest(read_text_file(path));
  if (file.values.cols() != 1)
    fail(ErrorCode::bad_input, "{} has {} columns; groups have one", path, file.values.cols());
  std::vector<long> groups;
  for (double value : file.values.col(0)) {
    if (!(std::abs(value) < 1e9 && value == std::floor(value)))
      fail(ErrorCode::bad_input,
           "{}: {} is not the number of a group, a whole number of at most nine digits", path,
           value);
    groups.push_back(long(value));
  }
  return groups;
}

Events read_fsl_events(const Table& table, const std::string& type) {
  const std::string& path = table.path;
  if (table.names.size() != 3 || table.names[0] != "confound_1")
    fail(ErrorCode::bad_input,
         "{} has {} columns{}; a three-column file holds onset, duration and amplitude and no "
         "header",
         path, table.names.size(), table.names[0] == "confound_1" ? "" : " with names");
  Events events;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    double values[3];
    for (int c = 0; c < 3; ++c) {
      values[c] = number_in(table, row, c);
      if (!std::isfinite(values[c]) || (c == 1 && values[c] < 0))
        fail(ErrorCode::bad_input, "{} line {}: {} is {}; it must be a finite number{}", path,
             table.line_numbers[row],
             c == 0   ? "onset"
             : c == 1 ? "duration"
                      : "amplitude",
             values[c], c == 1 ? " of at least 0" : "");
    }
    if (values[0] == 0 && values[1] == 0 && values[2] == 0) continue;
    events.push_back({values[0], values[1], type, values[2], {}});
  }
  return events;
}

Table read_group_table(const std::string& path) {
  const FileContent text = read_text_file(path);
  if (!is_vest(text)) return table_of(text);
  const Eigen::MatrixXd values = read_vest(text).values;
  Table table;
  table.path = path;
  table.checksum = text.file.checksum;
  for (Eigen::Index j = 0; j < values.cols(); ++j)
    table.names.push_back("EV" + std::to_string(j + 1));
  for (Eigen::Index i = 0; i < values.rows(); ++i) {
    table.rows.emplace_back();
    for (Eigen::Index j = 0; j < values.cols(); ++j)
      table.rows.back().push_back(format_number(values(i, j)));
    table.line_numbers.push_back(int(i) + 1);
  }
  return table;
}

}  // namespace sociometer
