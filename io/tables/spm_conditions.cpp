#include "io/tables/spm_conditions.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <matio.h>

#include "engine/core/error.hpp"
#include "io/tables/matlab_claims.hpp"

namespace sociometer {
namespace {

struct CloseMat {
  void operator()(mat_t* file) const { Mat_Close(file); }
};
struct FreeVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using Variable = std::unique_ptr<matvar_t, FreeVariable>;

/// An open MATLAB file; variables are found by name.
class MatlabFile {
 public:
  explicit MatlabFile(const FileContent& content) : path_(content.file.path) {
    check_matlab_claims(content);
    file_.reset(Mat_Open(path_.c_str(), MAT_ACC_RDONLY));
    if (!file_) fail(ErrorCode::bad_input, "{} cannot be read as a MATLAB file", path_);
  }
  /// Null if there is no such variable.
  Variable find(const char* name) const {
    Mat_Rewind(file_.get());
    return Variable(Mat_VarRead(file_.get(), name));
  }
  Variable get(const char* name) const {
    Variable variable = find(name);
    if (!variable)
      fail(ErrorCode::bad_input, "{} has no variable '{}', which SPM's files of this kind have",
           path_, name);
    return variable;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<mat_t, CloseMat> file_;
};

size_t count_of(const matvar_t& v) {
  size_t n = v.rank > 0 ? 1 : 0;
  for (int i = 0; i < v.rank; ++i) n *= v.dims[i];
  return n;
}

template <typename T>
void append_as(const matvar_t& v, std::vector<double>& out) {
  const T* values = static_cast<const T*>(v.data);
  out.insert(out.end(), values, values + count_of(v));
}

/// Values of a full array of any numeric class, column-major.
std::vector<double> matlab_numbers(const matvar_t* v, const std::string& what) {
  std::vector<double> out;
  if (!v || (count_of(*v) > 0 && !v->data) || v->isComplex)
    fail(ErrorCode::bad_input, "{} is not an array of real numbers", what);
  if (count_of(*v) == 0) return out;
  switch (v->class_type) {
    case MAT_C_DOUBLE:
      append_as<double>(*v, out);
      break;
    case MAT_C_SINGLE:
      append_as<float>(*v, out);
      break;
    case MAT_C_INT8:
      append_as<int8_t>(*v, out);
      break;
    case MAT_C_UINT8:
      append_as<uint8_t>(*v, out);
      break;
    case MAT_C_INT16:
      append_as<int16_t>(*v, out);
      break;
    case MAT_C_UINT16:
      append_as<uint16_t>(*v, out);
      break;
    case MAT_C_INT32:
      append_as<int32_t>(*v, out);
      break;
    case MAT_C_UINT32:
      append_as<uint32_t>(*v, out);
      break;
    case MAT_C_INT64:
      append_as<int64_t>(*v, out);
      break;
    case MAT_C_UINT64:
      append_as<uint64_t>(*v, out);
      break;
    default:
      fail(ErrorCode::bad_input, "{} is not an array of numbers", what);
  }
  return out;
}

/// Text of a char array; non-ASCII characters as UTF-8.
std::string text_of(const matvar_t* v, const std::string& what) {
  if (!v || v->class_type != MAT_C_CHAR || (count_of(*v) > 0 && !v->data))
    fail(ErrorCode::bad_input, "{} is not text", what);
  std::string out;
  for (size_t i = 0; i < count_of(*v); ++i) {
    const unsigned code = v->data_size == 2 ? static_cast<const uint16_t*>(v->data)[i]
                                            : static_cast<const uint8_t*>(v->data)[i];
    if (code < 0x80 || v->data_size == 1) {
      out += char(code);
    } else if (code < 0x800) {
      out += {char(0xC0 | (code >> 6)), char(0x80 | (code & 0x3F))};
    } else {
      out += {char(0xE0 | (code >> 12)), char(0x80 | ((code >> 6) & 0x3F)),
              char(0x80 | (code & 0x3F))};
    }
  }
  return unpadded(out);
}

/// The elements of a cell array; a plain array or text counts as one element.
std::vector<const matvar_t*> parts_of(const matvar_t& v) {
  if (v.class_type != MAT_C_CELL) return {&v};
  std::vector<const matvar_t*> out;
  for (size_t i = 0; i < count_of(v); ++i) out.push_back(static_cast<matvar_t**>(v.data)[i]);
  return out;
}

std::vector<std::string> texts_of(const matvar_t& v, const std::string& what) {
  std::vector<std::string> out;
  for (const auto* part : parts_of(v)) out.push_back(text_of(part, what));
  return out;
}

/// A field of a structure array; nullptr if absent.
const matvar_t* field_of(const matvar_t& v, const char* name, size_t index) {
  return Mat_VarGetStructFieldByName(const_cast<matvar_t*>(&v), name, index);
}

/// Onsets and durations of one condition as events.
Events condition_events(const std::string& name, const matvar_t* onsets, const matvar_t* durations,
                        const std::string& path) {
  const std::string what = fmt::format("{}: condition '{}'", path, name);
  const auto on = matlab_numbers(onsets, what + ": onsets");
  auto lengths = matlab_numbers(durations, what + ": durations");
  if (lengths.size() == 1) lengths.assign(on.size(), lengths[0]);
  if (lengths.size() != on.size())
    fail(ErrorCode::bad_input, "{} has {} onsets and {} durations", what, on.size(),
         lengths.size());
  Events events;
  for (size_t i = 0; i < on.size(); ++i) {
    if (!std::isfinite(on[i]) || !std::isfinite(lengths[i]) || lengths[i] < 0)
      fail(ErrorCode::bad_input,
           "{}: event {} has onset {} and duration {}; both must be finite, "
           "and durations at least 0",
           what, i + 1, on[i], lengths[i]);
    events.push_back({on[i], lengths[i], name, 1, {}});
  }
  return events;
}

/// One modulator: its values and their powers up to `order`, SPM's polynomial expansion.
void add_modulator(const std::string& name, const std::vector<double>& values, int order,
                   const std::string& what, Events& events, ModulatorSet& set) {
  if (values.size() != events.size())
    fail(ErrorCode::bad_input, "{}: modulator '{}' has {} values for {} onsets", what, name,
         values.size(), events.size());
  if (order < 1 || order > 6)
    fail(ErrorCode::bad_input, "{}: modulator '{}' has a polynomial of order {}; it must be 1 to 6",
         what, name, order);
  for (int k = 1; k <= order; ++k) {
    const std::string column = k == 1 ? name : fmt::format("{}^{}", name, k);
    set.columns.push_back(column);
    for (size_t i = 0; i < events.size(); ++i) events[i].values[column] = std::pow(values[i], k);
  }
}

/// pmod(i): cells name, param, poly of condition i.
void add_modulators(const matvar_t& pmod, size_t condition, const std::string& what, Events& events,
                    ModulatorSet& set) {
  if (pmod.class_type != MAT_C_STRUCT)
    fail(ErrorCode::bad_input, "{}: pmod is not a structure array", what);
  if (condition >= count_of(pmod)) return;
  const matvar_t *name = field_of(pmod, "name", condition),
                 *values = field_of(pmod, "param", condition),
                 *order = field_of(pmod, "poly", condition);
  if (!name || !values || count_of(*name) == 0) return;
  const auto names = texts_of(*name, what + ": pmod.name");
  const auto params = parts_of(*values);
  if (params.size() != names.size())
    fail(ErrorCode::bad_input, "{}: pmod has {} names and {} params", what, names.size(),
         params.size());
  for (size_t m = 0; m < names.size(); ++m) {
    int k = 1;
    if (order && count_of(*order) > 0) {
      const auto orders = parts_of(*order);
      const auto numbers =
          matlab_numbers(orders[std::min(m, orders.size() - 1)], what + ": pmod.poly");
      if (!numbers.empty()) k = int(std::clamp(numbers[0], 0.0, 100.0));
    }
    add_modulator(names[m], matlab_numbers(params[m], what + ": pmod.param"), k, what, events, set);
  }
}

/// orth{i}: a cell of numbers or logicals, one per condition.
bool is_true_for(const matvar_t& orth, size_t condition, const std::string& path) {
  const auto parts = parts_of(orth);
  if (condition >= parts.size() || !parts[condition]) return true;
  const auto numbers = matlab_numbers(parts[condition], path + ": orth");
  return numbers.empty() || numbers[0] != 0;
}

}  // namespace

bool is_matlab_file(const FileContent& content) { return content.value.starts_with("MATLAB"); }

SpmConditions read_spm_conditions(const FileContent& content, Warnings& warnings) {
  const MatlabFile file(content);
  const std::string& path = file.path();
  const Variable names = file.get("names"), onsets = file.get("onsets"),
                 durations = file.get("durations"), pmod = file.find("pmod"),
                 tmod = file.find("tmod"), orth = file.find("orth");
  const auto labels = texts_of(*names, path + ": names");
  const auto on = parts_of(*onsets), lengths = parts_of(*durations);
  if (on.size() != labels.size() || lengths.size() != labels.size())
    fail(ErrorCode::bad_input, "{} has {} names, {} onsets and {} durations", path, labels.size(),
         on.size(), lengths.size());
  SpmConditions out;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) fail(ErrorCode::bad_input, "{}: condition {} has no name", path, i + 1);
    Events events = condition_events(labels[i], on[i], lengths[i], path);
    ModulatorSet set{labels[i], {}};
    if (pmod)
      add_modulators(*pmod, i, fmt::format("{}: condition '{}'", path, labels[i]), events, set);
    if (!set.columns.empty()) {
      // SPM's spm_get_ons: spm_orth of a column of ones and the modulators, unless orth is false.
      (!orth || is_true_for(*orth, i, path) ? out.some_orthogonal : out.some_plain) = true;
      out.modulators.push_back(std::move(set));
    }
    out.events.insert(out.events.end(), events.begin(), events.end());
  }
  if (out.events.empty()) fail(ErrorCode::bad_input, "{} has no onsets", path);
  if (tmod)
    for (const auto* part : parts_of(*tmod))
      if (part && part->class_type != MAT_C_EMPTY)
        for (double order : matlab_numbers(part, path + ": tmod"))
          if (order != 0)
            fail(ErrorCode::bad_input,
                 "{} asks for time modulation (tmod {}), which is not done here; make the onset a "
                 "parametric modulator (pmod)",
                 path, order);
  warnings.push_back(path +
                     ": onsets and durations are taken in seconds; SPM's files do not say "
                     "whether they are in scans");
  return out;
}

Table read_spm_regressors(const FileContent& content) {
  const MatlabFile file(content);
  const std::string& path = file.path();
  const Variable matrix = file.get("R"), names = file.find("names");
  if (matrix->rank != 2) fail(ErrorCode::bad_input, "{}: R is not a matrix", path);
  const auto values = matlab_numbers(matrix.get(), path + ": R");
  const size_t n_rows = matrix->dims[0], n_columns = matrix->dims[1];
  Table table;
  table.path = path;
  table.checksum = content.file.checksum;
  if (names) table.names = texts_of(*names, path + ": names");
  if (names && table.names.size() != n_columns)
    fail(ErrorCode::bad_input, "{}: R has {} columns and {} names", path, n_columns,
         table.names.size());
  for (size_t c = table.names.size(); c < n_columns; ++c)
    table.names.push_back("R" + std::to_string(c + 1));
  for (size_t r = 0; r < n_rows; ++r) {
    table.line_numbers.push_back(int(r) + 1);
    auto& row = table.rows.emplace_back();
    for (size_t c = 0; c < n_columns; ++c) row.push_back(format_number(values[r + n_rows * c]));
  }
  return table;
}

}  // namespace sociometer
