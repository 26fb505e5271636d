#pragma once
#include <string>

#include "cli/jobs/request_json.hpp"
#include "engine/core/error.hpp"
#include "io/records/provenance.hpp"
#include "io/records/record_reader.hpp"

// Records of a study that the program itself reads again, perhaps in another version.
namespace sociometer::jobs {

/// Fields, Record and Software. Records of a study have no CommandLine: the same job has the same
/// bytes, whichever call wrote it.
template <HasFields T>
std::string study_record_text(const T& value, RecordKind kind) {
  Json json = to_json(value);
  Provenance().sign(json, kind);
  return to_text(json);
}

/// @param where  path, for messages.
/// @throws Error{bad_input} for broken JSON, another kind, a newer version, or an unknown field.
template <HasFields T>
T from_study_record(const std::string& text, RecordKind kind, const std::string& where) {
  Json json = parse_json(text, where);
  if (json.is_discarded()) fail(ErrorCode::bad_input, "{} is not valid JSON", where);
  require_record(json, kind, where);
  for (const char* signature : {"Record", "Software"}) json.erase(signature);
  return from_json<T>(json, where);
}

}  // namespace sociometer::jobs
