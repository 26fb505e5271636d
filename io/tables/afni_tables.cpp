#include "io/tables/afni_tables.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <sstream>

#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

double afni_number(const std::string& text, const std::string& where) {
  double value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    fail(ErrorCode::bad_input, "{}: '{}' is not a finite number", where, text);
  return value;
}

long afni_count(const std::string& text, const std::string& where) {
  const double value = afni_number(text, where);
  if (value != std::floor(value) || value < 0 || value > 1e7)
    fail(ErrorCode::bad_input, "{}: {} is not a number of rows, columns or scans", where, value);
  return long(value);
}

struct TimesLine {
  int number = 0;
  std::string text;
};

/// Lines that contain words; comments start with #.
std::vector<TimesLine> lines_of_times(const FileContent& file) {
  std::istringstream text(file.value);
  std::vector<TimesLine> lines;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    line = unpadded(line.substr(0, line.find('#')));
    if (!line.empty()) lines.push_back({number, line});
  }
  return lines;
}

/// One time with its married parameters: 12.5*3,0.7:2.
Event married_event(const std::string& word, const std::string& type, double duration_s,
                    const std::string& where) {
  Event event;
  event.type = type;
  event.duration_s = duration_s;
  const size_t colon = word.find(':');
  if (colon != std::string::npos) event.duration_s = afni_number(word.substr(colon + 1), where);
  if (event.duration_s < 0)
    fail(ErrorCode::bad_input, "{}: '{}' has a negative duration", where, word);
  const std::string head = word.substr(0, colon);
  const size_t star = head.find('*');
  event.onset_s = afni_number(head.substr(0, star), where);
  if (star == std::string::npos) return event;
  int number = 0;
  for (const auto& amplitude : split_list(head.substr(star + 1)))
    event.values["amplitude_" + std::to_string(++number)] = afni_number(amplitude, where);
  return event;
}

void add_times(const TimesLine& line, const std::string& path, const std::string& type,
               double duration_s, Events& events) {
  std::istringstream words(line.text);
  const std::string where = fmt::format("{} line {}", path, line.number);
  for (std::string word; words >> word;)
    if (word != "*") events.push_back(married_event(word, type, duration_s, where));
}

/// Attributes and numbers of a .1D file with a header.
struct MatrixFile {
  std::map<std::string, std::string> attributes;
  std::vector<std::vector<double>> rows;
};

void take_attribute(const std::string& line, MatrixFile& out) {
  const size_t equals = line.find('='), open = line.find('"', equals);
  const size_t close = line.rfind('"');
  if (equals == std::string::npos || open == std::string::npos || close <= open) return;
  const std::string name = unpadded(line.substr(1, equals - 1));
  out.attributes[name.substr(0, name.find_first_of(" \t"))] =
      line.substr(open + 1, close - open - 1);
}

MatrixFile matrix_file_of(const FileContent& content) {
  const std::string& path = content.file.path;
  std::istringstream text(content.value);
  MatrixFile out;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    line = unpadded(line);
    if (line.starts_with('#')) {
      take_attribute(line, out);
      continue;
    }
    std::istringstream words(line);
    std::vector<double> row;
    for (std::string word; words >> word;)
      row.push_back(afni_number(word, fmt::format("{} line {}", path, number)));
    if (!row.empty()) out.rows.push_back(std::move(row));
  }
  return out;
}

const std::string& attribute_of(const MatrixFile& file, const char* name, const std::string& path) {
  const auto found = file.attributes.find(name);
  if (found == file.attributes.end())
    fail(ErrorCode::bad_input, "{} has no attribute {}; give the X.xmat.1D that 3dDeconvolve wrote",
         path, name);
  return found->second;
}

/// Parses "0..6,9..44,46" into indices below n.
std::vector<long> index_list(const std::string& text, long n, const std::string& where) {
  std::vector<long> out;
  for (const auto& part : split_list(text)) {
    const std::string word = unpadded(part);
    const size_t dots = word.find("..");
    const long first = afni_count(word.substr(0, dots), where),
               last = dots == std::string::npos ? first : afni_count(word.substr(dots + 2), where);
    if (last < first || last >= n)
      fail(ErrorCode::bad_input, "{}: '{}' is not within the {} scans", where, word, n);
    for (long i = first; i <= last; ++i) out.push_back(i);
  }
  return out;
}

/// "1,10,3@0,1,-1,5@0": rows, columns, then values; repeated values as COUNT@VALUE.
Eigen::MatrixXd test_matrix(const std::string& text, const std::string& where) {
  const auto words = split_list(text);
  std::vector<double> values;
  for (const auto& word : words) {
    const size_t at = word.find('@');
    const long times = at == std::string::npos ? 1 : afni_count(word.substr(0, at), where);
    const double value = afni_number(word.substr(at == std::string::npos ? 0 : at + 1), where);
    values.insert(values.end(), size_t(std::min(times, 100000L)), value);
  }
  const bool sized = values.size() > 2;
  const auto rows = Eigen::Index(sized ? values[0] : 0),
             columns = Eigen::Index(sized ? values[1] : 0);
  if (rows < 1 || columns < 1 || rows * columns + 2 != Eigen::Index(values.size()))
    fail(ErrorCode::bad_input, "{}: {} values do not fill {} rows of {}", where, values.size(),
         rows, columns);
  return Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>(values.data() + 2, rows,
                                                                          columns);
}

std::vector<ContrastSpec> tests_of(const MatrixFile& file, const std::string& path) {
  std::vector<ContrastSpec> specs;
  const auto labels = file.attributes.find("GltLabels");
  if (labels == file.attributes.end()) return specs;
  const auto names = split_list(labels->second, ';');
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string key = fmt::format("GltMatrix_{:06}", i);
    const Eigen::MatrixXd weights =
        test_matrix(attribute_of(file, key.c_str(), path), path + ": " + key);
    ContrastSpec spec{camel_case(unpadded(names[i])),
                      weights.rows() == 1 ? ContrastKind::t : ContrastKind::F,
                      {}};
    if (spec.name.empty()) spec.name = "glt" + std::to_string(i + 1);
    for (Eigen::Index r = 0; r < weights.rows(); ++r) {
      std::vector<std::string> row;
      for (double w : weights.row(r)) row.push_back(format_number(w));
      spec.rows.push_back(fmt::format("[{}]", fmt::join(row, ", ")));
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::vector<Eigen::Index> run_starts_of(const MatrixFile& file, long n_scans,
                                        const std::string& path) {
  const auto found = file.attributes.find("RunStart");
  if (found == file.attributes.end()) return {0};
  std::vector<Eigen::Index> starts;
  for (long start : index_list(found->second, n_scans, path + ": RunStart"))
    starts.push_back(start);
  for (size_t i = 0; i < starts.size(); ++i)
    if (i == 0 ? starts[i] != 0 : starts[i] <= starts[i - 1])
      fail(ErrorCode::bad_input, "{}: RunStart is '{}'; it must begin with 0 and ascend", path,
           found->second);
  return starts.empty() ? std::vector<Eigen::Index>{0} : starts;
}

}  // namespace

size_t count_stim_times(const FileContent& text) { return lines_of_times(text).size(); }

std::vector<Events> read_stim_times(const FileContent& text, const std::string& type,
                                    double duration_s, size_t n_runs) {
  const std::string& path = text.file.path;
  const auto lines = lines_of_times(text);
  std::vector<Events> runs(n_runs);
  // For one run, one time per line is equivalent to a single line.
  const bool one_column =
      n_runs == 1 && std::none_of(lines.begin(), lines.end(), [](const auto& line) {
        return line.text.find_first_of(" \t") != std::string::npos;
      });
  if (lines.size() != n_runs && !(one_column && !lines.empty()))
    fail(ErrorCode::bad_input,
         "{} has {} line(s) for {} run(s); a line holds the times of one run, from its own start, "
         "and `*` where there are none",
         path, lines.size(), n_runs);
  for (size_t i = 0; i < lines.size(); ++i)
    add_times(lines[i], path, type, duration_s, runs[one_column ? 0 : i]);
  return runs;
}

bool is_afni_design(const FileContent& content) {
  const std::string text = content.value.substr(0, 4096);
  return text.starts_with("# <matrix") ||
         (text.starts_with('#') && text.find("ColumnLabels") != std::string::npos);
}

AfniDesign read_afni_design(const FileContent& text) {
  const std::string& path = text.file.path;
  const MatrixFile file = matrix_file_of(text);
  AfniDesign out;
  for (const auto& name : split_list(attribute_of(file, "ColumnLabels", path), ';'))
    out.design.names.push_back(unpadded(name));
  const auto n_columns = Eigen::Index(out.design.names.size());
  const long n_full = afni_count(attribute_of(file, "NRowFull", path), path + ": NRowFull");
  const auto good = index_list(attribute_of(file, "GoodList", path), n_full, path + ": GoodList");
  if (good.size() != file.rows.size())
    fail(ErrorCode::bad_input, "{} has {} rows, its GoodList names {} scans", path,
         file.rows.size(), good.size());
  out.design.values = Eigen::MatrixXd::Zero(n_full, n_columns);
  out.kept.assign(size_t(n_full), 0);
  for (size_t i = 0; i < good.size(); ++i) {
    if (Eigen::Index(file.rows[i].size()) != n_columns)
      fail(ErrorCode::bad_input, "{}: row {} has {} numbers, ColumnLabels names {} columns", path,
           i + 1, file.rows[i].size(), n_columns);
    out.kept[size_t(good[i])] = 1;
    out.design.values.row(good[i]) =
        Eigen::Map<const Eigen::RowVectorXd>(file.rows[i].data(), n_columns);
  }
  out.run_starts = run_starts_of(file, n_full, path);
  out.design.roles.assign(out.design.names.size(), ColumnRole::given);
  out.contrasts = tests_of(file, path);
  check_design(out.design);
  return out;
}

}  // namespace sociometer
