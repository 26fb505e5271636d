#pragma once
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/names.hpp"
#include "io/bytes/json.hpp"

/// Converts requests to JSON and back, from one list of their fields.
///
/// A struct opts in with a function beside it that visits each field with its name:
///
///     template <class Request, class Visitor>
///     requires std::is_same_v<std::remove_const_t<Request>, FitRequest>
///     void visit_fields(Request& r, Visitor&& visit) {
///       visit("bold", r.bold);
///       visit("scaling", r.scaling);   // an enumeration with names_of
///     }
///
/// (SOCIOMETER_FIELDS below writes the heading.) Fields may be numbers, strings, booleans,
/// enumerations with names, vectors, optionals, pairs, and structs that opt in themselves. An
/// optional without a value is omitted. Unknown fields in the input are refused: a misspelt one
/// would otherwise silently get its default.
namespace sociometer::jobs {

#define SOCIOMETER_FIELDS(Type)                            \
  template <class Self, class Visitor>                     \
  requires std::is_same_v<std::remove_const_t<Self>, Type> \
  void visit_fields(Self& self, Visitor&& visit)

struct AnyVisitor {
  template <class T>
  void operator()(const char*, T&) const {}
};
template <class T>
concept HasFields = requires(T& value) {
  visit_fields(value, AnyVisitor{});
};

/// A word of a document that is not known is bad input, not a wrong command line.
template <class Parse>
auto parsed_in(const std::string& where, Parse&& parse) {
  try {
    return parse();
  } catch (const Error& error) {
    fail(ErrorCode::bad_input, "{}: {}", where, error.what());
  }
}

template <class T>
struct FieldOf;  // how an external type is written: specialised where needed

template <class T>
Json field_to_json(const T& value);

template <class T>
void field_from_json(const Json& json, T& value, const std::string& where);

/// The fields of a request, in their order.
template <HasFields T>
Json to_json(const T& request) {
  Json json = Json::object();
  visit_fields(request, [&](const char* name, const auto& value) {
    Json field = field_to_json(value);
    if (!field.is_null()) json[name] = std::move(field);
  });
  return json;
}

/// Missing fields keep their default.
/// @param where  "job.json" or "design of job.json", for messages.
/// @throws Error{bad_input} for an unknown field or one of the wrong type.
template <HasFields T>
void read_fields(const Json& json, T& request, const std::string& where) {
  if (!json.is_object()) fail(ErrorCode::bad_input, "{} is no JSON object", where);
  std::vector<std::string> known;
  visit_fields(request, [&](const char* name, auto& value) {
    known.emplace_back(name);
    if (json.contains(name)) field_from_json(json[name], value, std::string(name) + " of " + where);
  });
  for (const auto& [key, value] : json.items()) {
    bool found = false;
    for (const auto& name : known) found |= name == key;
    if (!found) fail(ErrorCode::bad_input, "{} has a field '{}', which is not known", where, key);
  }
}

template <HasFields T>
T from_json(const Json& json, const std::string& where) {
  T request{};
  read_fields(json, request, where);
  return request;
}

namespace detail {
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_pair : std::false_type {};
template <class A, class B>
struct is_pair<std::pair<A, B>> : std::true_type {};
}  // namespace detail

template <class T>
Json field_to_json(const T& value) {
  if constexpr (detail::is_optional<T>::value) {
    return value ? field_to_json(*value) : Json(nullptr);
  } else if constexpr (detail::is_vector<T>::value) {
    Json json = Json::array();
    for (const auto& element : value) json.push_back(field_to_json(element));
    return json;
  } else if constexpr (detail::is_pair<T>::value) {
    return Json::array({field_to_json(value.first), field_to_json(value.second)});
  } else if constexpr (Named<T>) {
    return name_of(value);
  } else if constexpr (HasFields<T>) {
    return to_json(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    // JSON has no infinity, which stands for "no limit".
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    if (std::isnan(value)) return "nan";
    return value;
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
    return value;
  } else {
    return FieldOf<T>::write(value);
  }
}

template <class T>
void field_from_json(const Json& json, T& value, const std::string& where) {
  const auto require = [&](bool right, const char* what) {
    if (!right) fail(ErrorCode::bad_input, "{} is {}, not {}", where, json.dump(), what);
  };
  if constexpr (detail::is_optional<T>::value) {
    if (json.is_null()) {
      value.reset();
    } else {
      typename T::value_type inner{};
      field_from_json(json, inner, where);
      value = std::move(inner);
    }
  } else if constexpr (detail::is_vector<T>::value) {
    require(json.is_array(), "a list");
    value.clear();
    for (const auto& element : json) {
      typename T::value_type inner{};
      field_from_json(element, inner, where);
      value.push_back(std::move(inner));
    }
  } else if constexpr (detail::is_pair<T>::value) {
    require(json.is_array() && json.size() == 2, "a pair");
    field_from_json(json[0], value.first, where);
    field_from_json(json[1], value.second, where);
  } else if constexpr (Named<T>) {
    require(json.is_string(), "a word");
    value = parsed_in(where, [&] { return value_of<T>(json.get<std::string>(), "value"); });
  } else if constexpr (HasFields<T>) {
    read_fields(json, value, where);
  } else if constexpr (std::is_same_v<T, bool>) {
    require(json.is_boolean(), "true or false");
    value = json.get<bool>();
  } else if constexpr (std::is_floating_point_v<T>) {
    if (json == "inf") {
      value = std::numeric_limits<T>::infinity();
    } else if (json == "-inf") {
      value = -std::numeric_limits<T>::infinity();
    } else if (json == "nan") {
      value = std::numeric_limits<T>::quiet_NaN();
    } else {
      require(json.is_number(), "a number");
      value = json.get<T>();
    }
  } else if constexpr (std::is_integral_v<T>) {
    require(json.is_number_unsigned()
                ? std::in_range<T>(json.get<uint64_t>())
                : json.is_number_integer() && std::in_range<T>(json.get<int64_t>()),
            "a whole number in range");
    value = json.get<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    require(json.is_string(), "a text");
    value = json.get<std::string>();
  } else {
    FieldOf<T>::read(json, value, where);
  }
}

}  // namespace sociometer::jobs
