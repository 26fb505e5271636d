#include "cli/jobs/report/read_regions.hpp"

#include "cli/jobs/report/attempt.hpp"

namespace sociometer::jobs {
namespace {

/// Adds a record of JSON alone.
template <class Record>
void add_found(const std::string& path, std::vector<FoundFinding<Record>>& list,
               Warnings& warnings) {
  if (auto record = attempt(warnings, [&] { return read_record<Record>(path); }))
    list.push_back({path, std::move(*record)});
}

void add(const FoundRecord& found, RegionFindings& out, Warnings& warnings) {
  switch (found.header->kind) {
    case RecordKind::region_values:
      if (auto values =
              attempt(warnings, [&] { return read_region_values(table_beside(found.path)); }))
        out.values.push_back(std::move(*values));
      break;
    case RecordKind::region_tests:
      if (auto tests =
              attempt(warnings, [&] { return read_stored_table<StoredRegionTests>(found.path); }))
        out.tests.push_back(std::move(*tests));
      break;
    case RecordKind::dissociation:
      add_found(found.path, out.dissociations, warnings);
      break;
    case RecordKind::individual:
      add_found(found.path, out.individuals, warnings);
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<RegionFindings> read_regions(const std::vector<FoundRecord>& records,
                                           Warnings& warnings) {
  RegionFindings out;
  for (const auto& found : records)
    if (found.header) add(found, out, warnings);
  if (out.values.empty() && out.tests.empty() && out.dissociations.empty() &&
      out.individuals.empty())
    return std::nullopt;
  return out;
}

std::optional<RegionFindings> read_regions(const std::string& folder, Warnings& warnings) {
  return read_regions(find_records(folder), warnings);
}

}  // namespace sociometer::jobs
