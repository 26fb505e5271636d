#pragma once
#include <array>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/error.hpp"

namespace sociometer {

/// An enumeration value and its name, used alike in options, records and messages.
template <class E>
struct Name {
  E value;
  const char* word;
};

/// An enumeration is Named if `names_of(std::type_identity<E>)`, declared beside it, returns an
/// array of Name<E> with the default first. That suffices for use as an option,
/// in a request or in a record.
template <class E>
concept Named = requires {
  names_of(std::type_identity<E>{});
};

template <Named E>
std::string name_of(E value) {
  for (const auto& name : names_of(std::type_identity<E>{}))
    if (name.value == value) return name.word;
  throw std::logic_error("an enumeration has a value without a name");
}

/// The words of several values, for lists in messages and records.
template <Named E>
std::vector<std::string> names_of_all(const std::vector<E>& values) {
  std::vector<std::string> words;
  for (const E value : values) words.push_back(name_of(value));
  return words;
}

/// All words of an enumeration.
template <Named E>
std::vector<std::string> all_names() {
  std::vector<std::string> words;
  for (const auto& name : names_of(std::type_identity<E>{})) words.emplace_back(name.word);
  return words;
}

/// @param what  what is being parsed, for the message: "scaling".
/// @throws Error{usage} listing all names if `word` is not one of them.
template <Named E>
E value_of(const std::string& word, const char* what) {
  std::string known;
  for (const auto& name : names_of(std::type_identity<E>{})) {
    if (word == name.word) return name.value;
    known += (known.empty() ? "" : ", ") + std::string(name.word);
  }
  fail(ErrorCode::usage, "unknown {} '{}'; known: {}", what, word, known);
}

}  // namespace sociometer
