#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/core/names.hpp"
#include "engine/stats_models/notes.hpp"
#include "io/bytes/json.hpp"

namespace sociometer {

/// A key as it is compared: small letters without underscores and hyphens, so that
/// Condition_list, conditionList and ConditionList are one.
std::string plain_key(const std::string& key);

/// A JSON value of a model with its place in the file.
struct ModelValue {
  const Json* json;
  std::string place;  ///< JSON pointer

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error(ErrorCode::bad_input,
                place + ": " + fmt::format(format, std::forward<Args>(args)...));
  }
};

/// A number, or a text that is one ("0.008", "1/3").
double number_in(const ModelValue& value);
int whole_number_in(const ModelValue& value);
/// true, false, or these words as a text.
bool boolean_in(const ModelValue& value);
/// A text; a number as it is written in the file.
std::string text_in(const ModelValue& value);
/// A list of texts, or a single one. The number 1 is "1".
std::vector<std::string> names_in(const ModelValue& value);
std::vector<double> numbers_in(const ModelValue& value);
/// The elements of a list, each with its place.
std::vector<ModelValue> elements_of(const ModelValue& value);

/// An object of a model file whose keys are asked for one by one; what nobody asked for is refused.
class ModelObject {
 public:
  /// @param what  names the object in messages: "node 'run'".
  /// @throws Error{bad_input} unless the value is an object.
  ModelObject(const ModelValue& value, std::string what, ModelNotes& notes);

  /// The value of a key in any spelling; null counts as absent. A notice reports other spellings.
  std::optional<ModelValue> find(const std::string& key);
  ModelValue at(const std::string& key);  ///< @throws Error{bad_input} when it is absent
  /// The value of an enumeration's name, in any case.
  template <Named E>
  std::optional<E> word(const std::string& key);
  /// Refuses a key that is known but not supported. @param why  ends the message.
  void refuse_key(const std::string& key, const std::string& why);
  /// @throws Error{bad_input} for the first key that was not asked for, with the nearest that was.
  void finish() const;

  const std::string& place() const { return value_.place; }
  const std::string& what() const { return what_; }
  void rename(std::string what) { what_ = std::move(what); }
  ModelNotes& notes() { return notes_; }

 private:
  ModelValue value_;
  std::string what_;
  ModelNotes& notes_;
  std::vector<std::string> asked_;
};

/// The value of an enumeration's name in any case. @throws Error{bad_input} listing the names.
template <Named E>
E word_in(const ModelValue& value) {
  const std::string text = text_in(value);
  std::string known;
  for (const auto& name : names_of(std::type_identity<E>{})) {
    if (plain_key(name.word) == plain_key(text)) return name.value;
    known += (known.empty() ? "" : ", ") + std::string(name.word);
  }
  value.refuse("'{}' is not known here; known: {}", text, known);
}

template <Named E>
std::optional<E> ModelObject::word(const std::string& key) {
  const auto value = find(key);
  return value ? std::optional(word_in<E>(*value)) : std::nullopt;
}

}  // namespace sociometer
