#pragma once
#include <array>
#include <cmath>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"
#include "io/bytes/json.hpp"
#include "io/records/record_reader.hpp"

/// Parts of records as structs, written and read by one list of their fields.
///
///     struct MapRun { std::string run; double dof = 0; std::optional<std::string> reason; };
///     SOCIOMETER_RECORD(MapRun) {
///       visit("Run", self.run);
///       visit("DegreesOfFreedom", self.dof);
///       visit("Reason", self.reason);
///     }
///
/// Fields may be numbers, texts, booleans, vectors, arrays of fixed length, ByName<..>, OrNull<..>,
/// Json as it is, optionals (left out without a value), and structs that have such a list. A list
/// may call that of a member, whose fields then stand among its own; a part that a record may lack,
/// but only as a whole, is visited by visit_part. What a list visits may depend on what it visited
/// before. A third argument says what a field means, for dictionaries of tables (table_rows.hpp).
/// Unlike requests (cli/jobs/request_json.hpp), records have further fields, which a reader leaves
/// alone. A number that is not finite is null in JSON, and null is read as NaN.
namespace sociometer {

#define SOCIOMETER_RECORD(Type)                            \
  template <class Self, class Visitor>                     \
  requires std::is_same_v<std::remove_const_t<Self>, Type> \
  void visit_record(Self& self, Visitor&& visit)

struct AnyRecordVisitor {
  template <class T>
  void operator()(const char*, T&, const char* = "") const {}
};
template <class T>
concept HasRecordFields = requires(T& value) {
  visit_record(value, AnyRecordVisitor{});
};

namespace detail {
/// Whether a JSON object has any of the fields that are visited.
template <class Reader>
struct AnyFieldThere {
  const Reader& reader;
  bool& found;
  template <class Field>
  void operator()(const char* name, const Field&, const char* = "") const {
    found = found || reader.has(name);
  }
};
}  // namespace detail

/// Visits the fields of an optional part that shares some with other parts of the record.
/// @param own  fields that the part alone has: it is there if any of them is, and one that is
/// missing then is refused as in any record.
template <class Part, class Visitor>
void visit_part(std::initializer_list<const char*> own, Part& part, Visitor& visit) {
  if constexpr (requires { visit.has(""); }) {
    bool found = false;
    for (const char* key : own) found = found || visit.has(key);
    if (found) visit_record(part.emplace(), visit);
  } else {
    if (part) visit_record(*part, visit);
  }
}
/// The same of a part whose fields are all its own.
template <class Part, class Visitor>
void visit_part(Part& part, Visitor& visit) {
  if constexpr (requires { visit.has(""); }) {
    bool found = false;
    typename Part::value_type blank{};
    visit_record(blank, detail::AnyFieldThere<Visitor>{visit, found});
    if (found) visit_record(part.emplace(), visit);
  } else {
    if (part) visit_record(*part, visit);
  }
}

SOCIOMETER_RECORD(InputFile) {
  visit("Path", self.path);
  visit("XXH3", self.checksum);
}

template <class T>
Json record_to_json(const T& value);
struct RecordPlace;
template <class T>
void read_value(const Json& json, T& value, const RecordPlace& place);

/// A JSON object with keys of the data, in their order.
template <class T>
using ByName = std::vector<std::pair<std::string, T>>;

/// A field that is there also without a value, as null.
template <class T>
struct OrNull {
  std::optional<T> value;
  bool operator==(const OrNull&) const = default;
};

inline OrNull<double> finite_or_null(double x) {
  return std::isfinite(x) ? OrNull<double>{x} : OrNull<double>{};
}

namespace detail {
template <class T, template <class...> class Template>
struct is_made_of : std::false_type {};
template <class... T, template <class...> class Template>
struct is_made_of<Template<T...>, Template> : std::true_type {};
template <class T>
struct is_by_name : std::false_type {};
template <class T>
struct is_by_name<ByName<T>> : std::true_type {};
template <class T>
struct is_array : std::false_type {};
template <class T, size_t N>
struct is_array<std::array<T, N>> : std::true_type {};

/// The visitor that fills a JSON object.
class FieldWriter {
 public:
  explicit FieldWriter(Json& json) : json_(json) {}
  template <class Field>
  void operator()(const char* name, const Field& field, const char* = "") const {
    if constexpr (is_made_of<Field, std::optional>::value) {
      if (field) json_[name] = record_to_json(*field);
    } else {
      json_[name] = record_to_json(field);
    }
  }

 private:
  Json& json_;
};
}  // namespace detail

/// A value as JSON.
template <class T>
Json record_to_json(const T& value) {
  if constexpr (detail::is_made_of<T, OrNull>::value) {
    return value.value ? record_to_json(*value.value) : Json(nullptr);
  } else if constexpr (detail::is_by_name<T>::value) {
    Json json = Json::object();
    for (const auto& [name, element] : value) json[name] = record_to_json(element);
    return json;
  } else if constexpr (detail::is_made_of<T, std::vector>::value || detail::is_array<T>::value) {
    Json json = Json::array();
    for (const auto& element : value) json.push_back(record_to_json(element));
    return json;
  } else if constexpr (HasRecordFields<T>) {
    Json json = Json::object();
    visit_record(value, detail::FieldWriter(json));
    return json;
  } else if constexpr (std::is_floating_point_v<T>) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string> ||
                       std::is_same_v<T, Json>) {
    return value;
  } else {
    return T::to_json(value);
  }
}

/// Where a value stands: the record's path, and the JSON pointer within it.
struct RecordPlace {
  std::string path, pointer;
  RecordPlace at(const std::string& key) const { return {path, pointer + "/" + key}; }
  [[noreturn]] void refuse(const Json& json, const char* wanted) const {
    fail(ErrorCode::bad_input, "{} at {}: {} is not {}", path, pointer.empty() ? "/" : pointer,
         json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 80), wanted);
  }
};

namespace detail {
/// The visitor that takes the fields of a JSON object.
class FieldReader {
 public:
  FieldReader(const Json& json, const RecordPlace& place) : json_(json), place_(place) {}
  bool has(const char* name) const { return json_.contains(name); }
  template <class Field>
  void operator()(const char* name, Field& field, const char* = "") const {
    const auto found = json_.find(name);
    if constexpr (is_made_of<Field, std::optional>::value) {
      if (found != json_.end()) read_value(*found, field.emplace(), place_.at(name));
    } else {
      if (found == json_.end())
        fail(ErrorCode::bad_input, "{} has no {}", place_.path, place_.at(name).pointer);
      read_value(*found, field, place_.at(name));
    }
  }

 private:
  const Json& json_;
  const RecordPlace& place_;
};
}  // namespace detail

/// Reads a value back.
/// @throws Error{bad_input} naming the path and the JSON pointer of a field that is missing or of
/// the wrong type.
template <class T>
void read_value(const Json& json, T& value, const RecordPlace& place) {
  if constexpr (detail::is_made_of<T, OrNull>::value) {
    if (!json.is_null()) read_value(json, value.value.emplace(), place);
  } else if constexpr (detail::is_by_name<T>::value) {
    if (!json.is_object()) place.refuse(json, "an object");
    for (const auto& [name, element] : json.items()) {
      value.emplace_back(name, typename T::value_type::second_type{});
      read_value(element, value.back().second, place.at(name));
    }
  } else if constexpr (detail::is_made_of<T, std::vector>::value || detail::is_array<T>::value) {
    if (!json.is_array()) place.refuse(json, "a list");
    if constexpr (detail::is_array<T>::value) {
      if (json.size() != value.size()) place.refuse(json, "a list of the right length");
    } else {
      value.resize(json.size());
    }
    for (size_t i = 0; i < json.size(); ++i)
      read_value(json[i], value[i], place.at(std::to_string(i)));
  } else if constexpr (HasRecordFields<T>) {
    if (!json.is_object()) place.refuse(json, "an object");
    visit_record(value, detail::FieldReader(json, place));
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) place.refuse(json, "true or false");
    value = json.get<bool>();
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number() && !json.is_null()) place.refuse(json, "a number");
    value = json.is_null() ? std::numeric_limits<T>::quiet_NaN() : json.get<T>();
  } else if constexpr (std::is_integral_v<T>) {
    const bool fits = json.is_number_unsigned()
                          ? std::in_range<T>(json.get<uint64_t>())
                          : json.is_number_integer() && std::in_range<T>(json.get<int64_t>());
    if (!fits) place.refuse(json, "a whole number in range");
    value = json.get<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!json.is_string()) place.refuse(json, "a text");
    value = json.get<std::string>();
  } else if constexpr (std::is_same_v<T, Json>) {
    value = json;
  } else {
    value = T::from_json(json, place);
  }
}

/// The struct of a record that has been read. @param path  for messages.
template <HasRecordFields T>
T parse_record(const Json& record, const std::string& path) {
  T value{};
  read_value(record, value, {path, ""});
  return value;
}

namespace detail {
/// The visitor that takes what is there and of the right type.
class LenientReader {
 public:
  explicit LenientReader(const Json& json) : json_(json) {}
  bool has(const char* name) const { return json_.contains(name); }
  template <class Field>
  void operator()(const char* name, std::optional<Field>& field) const {
    const auto found = json_.find(name);
    if (found == json_.end()) return;
    try {
      read_value(*found, field.emplace(), RecordPlace{});
    } catch (const Error&) {
      field.reset();
    }
  }

 private:
  const Json& json_;
};
}  // namespace detail

/// Fields of a document beside data that may be of another program, of an earlier version, or have
/// columns of a table among its fields: those that are there and of their type.
/// @tparam T  all of whose fields are optionals.
template <HasRecordFields T>
T fields_in(const Json& json) {
  T value{};
  if (json.is_object()) visit_record(value, detail::LenientReader(json));
  return value;
}

/// Reads a record of the kind that T::kKind names. @throws Error{bad_input}
template <HasRecordFields T>
T read_record(const std::string& path) {
  return parse_record<T>(read_record(path, T::kKind), path);
}
template <class T>
T read_record(const FoundRecord& record) {
  return parse_record<T>(read_record(record, T::kKind), record.path);
}

}  // namespace sociometer
