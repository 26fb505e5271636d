#include "io/records/record_reader.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "engine/core/error.hpp"
#include "io/bytes/folder_walk.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/json_object.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "sociometer/";

/// "sociometer 0.2.0", from the record's Software.
std::string writer_of(const Json& record) {
  const auto software = record.find("Software");
  if (software == record.end() || !software->is_object() || !software->contains("Version") ||
      !(*software)["Version"].is_string())
    return "the sociometer that wrote it";
  return "sociometer " + (*software)["Version"].get<std::string>() + ", which wrote it,";
}

/// Name and version in "sociometer/NAME VERSION"; version 0 if it is not of that form.
std::pair<std::string, int> parts_of(const Json& tag) {
  if (!tag.is_string()) return {};
  const std::string text = tag.get<std::string>();
  const size_t space = text.rfind(' ');
  if (!text.starts_with(kPrefix) || space == std::string::npos || space <= kPrefix.size())
    return {};
  int version = 0;
  const char *first = text.data() + space + 1, *last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, version);
  if (error != std::errc() || end != last || version < 1) return {};
  return {text.substr(kPrefix.size(), space - kPrefix.size()), version};
}

/// JSON of any type, read as tolerantly as the sidecars of other programs if need be.
Json json_of_text(const std::string& text, const std::string& path) {
  Json json = parse_json(text, path);
  return json.is_discarded() ? Json(read_json_object(path)) : json;
}

Json read_json(const std::string& path) {
  return json_of_text(read_text(path, kMostJsonBytes), path);
}

Json read_object(const std::string& path) {
  Json json = read_json(path);
  if (!json.is_object()) fail(ErrorCode::bad_input, "{} is not a JSON object", path);
  return json;
}

/// Walks through folders, first those that are there, then those that are linked to.
class RecordSearch {
 public:
  std::vector<FoundRecord> below(const fs::path& folder) {
    std::error_code ignored;
    // A link to a folder above would lead out of the results, to anything.
    for (fs::path above = fs::canonical(folder, ignored); above != above.parent_path();)
      visited_.insert(above = above.parent_path());
    visit(folder);
    while (!links_.empty()) {
      const fs::path link = *links_.begin();
      links_.erase(links_.begin());
      visit(link);
    }
    std::sort(found_.begin(), found_.end(),
              [](const FoundRecord& a, const FoundRecord& b) { return a.path < b.path; });
    return std::move(found_);
  }

 private:
  /// A folder that cannot be listed counts as a record that cannot be read.
  std::vector<fs::directory_entry> listed(const fs::path& folder) {
    try {
      return entries_of_folder(folder);
    } catch (const Error& error) {
      found_.push_back({folder.string(), std::nullopt, error.what(), {}});
      return {};
    }
  }

  void visit(const fs::path& folder) {
    std::error_code ignored;
    const fs::path real = fs::canonical(folder, ignored);
    if (ignored || !visited_.insert(real).second) return;
    std::vector<fs::path> folders;
    for (const auto& entry : listed(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.')) continue;
      std::error_code none;
      if (entry.is_directory(none)) {
        if (entry.is_symlink(none))
          links_.insert(entry.path());
        else
          folders.push_back(entry.path());
      } else if (entry.path().extension() == ".json" && entry.is_regular_file(none)) {
        add(entry.path().string());
      }
    }
    for (const auto& sub_folder : folders) visit(sub_folder);
  }

  void add(const std::string& path) {
    try {
      auto text = std::make_shared<const std::string>(read_text(path, kMostJsonBytes));
      const Json json = json_of_text(*text, path);
      if (json.is_object() && json.contains("Record"))
        found_.push_back({path, header_of(json, path), {}, std::move(text)});
    } catch (const Error& error) {
      found_.push_back({path, std::nullopt, error.what(), {}});
    }
  }

  std::set<fs::path> visited_, links_;
  std::vector<FoundRecord> found_;
};

}  // namespace

RecordHeader header_of(const Json& record, const std::string& where) {
  if (!record.is_object() || !record.contains("Record"))
    fail(ErrorCode::bad_input,
         "{} has no field Record: it is no record of sociometer, or one of a version before {}; "
         "write it again with this version",
         where, version());
  const auto [name, number] = parts_of(record["Record"]);
  if (number == 0)
    fail(
        ErrorCode::bad_input,
        "{}: the field Record is {}, not of the form \"sociometer/KIND VERSION\"; write the record "
        "again",
        where, record["Record"].dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 80));
  for (const RecordSchema& schema : kRecordSchemas) {
    if (name != schema.name) continue;
    if (number > schema.version)
      fail(ErrorCode::bad_input,
           "{} is version {} of the record '{}', but sociometer {} reads versions up to {}; use {} "
           "or a later one",
           where, number, name, version(), schema.version, writer_of(record));
    return {schema.kind, number};
  }
  fail(ErrorCode::bad_input,
       "{} is a record '{}', a kind that sociometer {} does not know; use {} or a later one", where,
       name, version(), writer_of(record));
}

RecordHeader read_header(const std::string& path) { return header_of(read_object(path), path); }

void require_record(const Json& record, RecordKind kind, const std::string& where) {
  const RecordHeader header = header_of(record, where);
  if (header.kind != kind)
    fail(ErrorCode::bad_input,
         "{} is a record '{}', but '{}' is needed; give the file of that kind", where,
         name_of(header.kind), name_of(kind));
}

Json read_record(const std::string& path, RecordKind kind) {
  Json record = read_object(path);
  require_record(record, kind, path);
  return record;
}

Json json_of(const FoundRecord& record) {
  Json json = record.text ? json_of_text(*record.text, record.path) : read_json(record.path);
  if (!json.is_object()) fail(ErrorCode::bad_input, "{} is not a JSON object", record.path);
  return json;
}

Json read_record(const FoundRecord& record, RecordKind kind) {
  Json json = json_of(record);
  require_record(json, kind, record.path);
  return json;
}

std::vector<FoundRecord> find_records(const std::string& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    fail(ErrorCode::bad_input, "{} is not a folder; give a folder of results", folder);
  return RecordSearch().below(folder);
}

}  // namespace sociometer
