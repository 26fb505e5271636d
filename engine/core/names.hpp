#pragma once
#include <array>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "engine/core/error.hpp"

namespace sociometer {

/// One value of an enumeration and the word for it, in options, records and messages alike.
template <class E>
struct Name {
  E value;
  const char* word;
};

/// An enumeration has words when `names_of(std::type_identity<E>)` beside it returns an array of
/// Name<E>, the default first. That is all it takes to be an option, a field of a request, or in a
/// record.
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

/// @param what  "scaling", for the message.
/// @throws Error{usage} naming all words.
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
