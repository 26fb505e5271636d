#pragma once
#include <type_traits>

#include "io/records/record_fields.hpp"

namespace sociometer {

/// A record whose fields are those of a struct that several kinds share.
template <RecordKind kind, class FactsType>
struct RecordOf {
  using Facts = FactsType;
  static constexpr RecordKind kKind = kind;
  Facts facts{};
  bool operator==(const RecordOf&) const = default;
};

namespace detail {
template <class T>
struct is_record_of : std::false_type {};
template <RecordKind kind, class Facts>
struct is_record_of<RecordOf<kind, Facts>> : std::true_type {};
}  // namespace detail

template <class Self, class Visitor>
requires detail::is_record_of<std::remove_const_t<Self>>::value void visit_record(Self& self,
                                                                                  Visitor&& visit) {
  visit_record(self.facts, visit);
}

}  // namespace sociometer
