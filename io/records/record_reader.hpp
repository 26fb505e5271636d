#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/bytes/json.hpp"
#include "io/records/record_kind.hpp"

namespace sociometer {

/// The kind and version in a record's field Record.
struct RecordHeader {
  RecordKind kind = RecordKind::map;
  int version = 0;
};

/// @param where  path of the record, for messages.
/// @throws Error{bad_input} if there is no such field, or its kind or version is not known here.
RecordHeader header_of(const Json& record, const std::string& where);
/// The header of a file. @throws Error{bad_input} also if it is not a JSON object.
RecordHeader read_header(const std::string& path);

/// @throws Error{bad_input} for another kind, and as header_of.
void require_record(const Json& record, RecordKind kind, const std::string& where);
/// Reads a record of this kind. @throws Error{bad_input} as require_record and read_header.
Json read_record(const std::string& path, RecordKind kind);

/// A record below a folder, or a JSON file that is none although it should be.
struct FoundRecord {
  std::string path;  ///< begins with the folder
  std::optional<RecordHeader> header;
  std::string fault;  ///< why there is no header: broken JSON, an unknown kind, a newer version
  /// What the file holds, for those who read the record: it is not opened again.
  std::shared_ptr<const std::string> text = {};
};

/// The record as JSON. @throws Error{bad_input} if it is not an object.
Json json_of(const FoundRecord& record);
/// The same of this kind. @throws Error{bad_input} as require_record.
Json read_record(const FoundRecord& record, RecordKind kind);

/// All records below a folder, sorted by path. Hidden files and folders are skipped, as are JSON
/// files without a field Record. Links to folders are followed; each folder is visited once.
/// @throws Error{bad_input} if there is no such folder.
/// @cost   every .json file is read, once; the texts of records stay in memory.
std::vector<FoundRecord> find_records(const std::string& folder);

}  // namespace sociometer
