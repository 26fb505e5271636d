#pragma once
#include <string>

#include "io/records/provenance.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer {

/// Text of a record of T::kKind with its signature.
template <HasRecordFields T>
std::string signed_text(const T& record, const Provenance& provenance) {
  Json json = record_to_json(record);
  provenance.sign(json, T::kKind);
  return to_text(json);
}

}  // namespace sociometer
