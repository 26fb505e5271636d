#include "cli/jobs/report/found_results.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "io/bids/bids_name.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

std::string without_ending(const std::string& text, const std::string& ending) {
  return text.ends_with(ending) ? text.substr(0, text.size() - ending.size()) : text;
}

/// The image beside a record; empty if it is not there.
std::string image_of(const std::string& record) {
  for (const char* ending : {".nii.gz", ".nii"}) {
    const std::string image = without_ending(record, ".json") + ending;
    std::error_code ignored;
    if (fs::is_regular_file(image, ignored)) return image;
  }
  return "";
}

/// Where the name of a map begins to be about a contrast or a statistic: what is before is the stem
/// of the analysis. Maps of group analyses are found by their analysis instead.
std::string stem_of_map(const std::string& path) {
  const fs::path p(path);
  const std::string name = p.filename().string();
  size_t at = std::string::npos;
  for (const char* key : {"contrast-", "stat-", "mask.json"})
    if (const size_t found = name.find(key);
        found != std::string::npos && (found == 0 || name[found - 1] == '_'))
      at = std::min(at, found);
  return at == std::string::npos ? "" : (p.parent_path() / "").string() + name.substr(0, at);
}

/// What follows the stem if the path is of that analysis: no folder in between.
std::optional<std::string> rest_after(const std::string& stem, const std::string& path) {
  if (!path.starts_with(stem)) return std::nullopt;
  const std::string rest = path.substr(stem.size());
  if (rest.find('/') != std::string::npos) return std::nullopt;
  return rest;
}

/// The element whose stem is the longest that a path begins with; null if none is.
template <class Found>
Found* owner_of(std::vector<Found>& all, const std::string& path) {
  Found* owner = nullptr;
  for (Found& one : all)
    if (rest_after(one.stem, path) && (!owner || one.stem.size() > owner->stem.size()))
      owner = &one;
  return owner;
}

FoundContrast& contrast_of(std::vector<FoundContrast>& contrasts, const std::string& key) {
  for (FoundContrast& one : contrasts)
    if (one.key == key) return one;
  contrasts.emplace_back();
  contrasts.back().key = key;
  return contrasts.back();
}

/// "outcome" of "contrast-outcome_desc-intercept", "outcome: age" of others.
std::string name_of_key(const std::string& key) {
  const BidsName name = bids_name(key + "_statmap.nii.gz");
  const std::string contrast = name.label("contrast"), desc = name.label("desc");
  if (contrast.empty()) return desc.empty() ? key : desc;
  return desc.empty() || desc == "intercept" ? contrast : contrast + ": " + desc;
}

class Finder {
 public:
  explicit Finder(const std::string& folder) : folder_(folder) {
    found_.records = find_records(folder);
    for (const auto& record : found_.records)
      if (!record.header) found_.faults.push_back(record.fault);
  }

  FoundResults find() {
    each(RecordKind::group, [&](const FoundRecord& record) { add_group(record); });
    each(RecordKind::fit, [&](const FoundRecord& record) { add_fit(record); });
    each(RecordKind::map, [&](const FoundRecord& record) { add_stem(record); });
    each(RecordKind::design, [&](const FoundRecord& record) { add_design(record); });
    each(RecordKind::map, [&](const FoundRecord& record) { add_map(record); });
    each(RecordKind::group_map, [&](const FoundRecord& record) { add_group_map(record); });
    each(RecordKind::cluster_table, [&](const FoundRecord& record) { add_clusters(record); });
    finish();
    add_failures();
    return std::move(found_);
  }

 private:
  /// Of a folder that `run` made: its table of what failed.
  void add_failures() {
    const fs::path path = fs::path(folder_) / "logs" / "sociometer" / "failures.tsv";
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return;
    attempt(found_.faults, [&] {
      const Table table = read_table(path.string());
      const int job = table.find("job"), of = table.find("participant"),
                reason = table.find("reason");
      if (job < 0 || of < 0 || reason < 0)
        fail(ErrorCode::bad_input, "{} lacks the columns job, participant and reason of `run`",
             path.string());
      for (const auto& row : table.rows) {
        const std::string& participant = row[size_t(of)];
        found_.failures[is_missing(participant) ? "" : participant].push_back(
            row[size_t(job)] + ": " + row[size_t(reason)]);
      }
      return true;
    });
  }

  template <class Action>
  void each(RecordKind kind, const Action& action) {
    for (const auto& record : found_.records)
      if (record.header && record.header->kind == kind)
        attempt(found_.faults, [&] {
          action(record);
          return true;
        });
  }

  void add_group(const FoundRecord& found) {
    const std::string& path = found.path;
    FoundGroup group;
    group.stem = without_ending(path, "group.json");
    group.path = path;
    group.record = read_record<GroupRecord>(found);
    group.title = group.record.details.effects.first_level_contrast.value_or("");
    if (group.title.empty()) group.title = bids_name(path).label("contrast");
    found_.groups.push_back(std::move(group));
  }

  FoundFirstLevel& first_level(const std::string& stem) {
    for (auto& one : found_.first_levels)
      if (one.stem == stem) return one;
    FoundFirstLevel one;
    one.stem = stem;
    one.participant = participant_in(stem + "x.nii.gz");
    found_.first_levels.push_back(std::move(one));
    return found_.first_levels.back();
  }

  void add_fit(const FoundRecord& found) {
    const std::string& path = found.path;
    auto fit = read_record<FitRecord>(found);
    FoundFirstLevel& one = first_level(without_ending(path, "estimates.json"));
    if (one.participant.empty() && !fit.runs.empty())
      one.participant = participant_in(fit.runs[0].bold);
    one.fit = std::move(fit);
  }

  /// Analyses without estimates.json: those of `contrast`, and of `fit --no-estimates`.
  void add_stem(const FoundRecord& found) {
    const std::string& path = found.path;
    if (owner_of(found_.first_levels, path)) return;
    if (const std::string stem = stem_of_map(path); !stem.empty()) first_level(stem);
  }

  void add_design(const FoundRecord& found) {
    const std::string& path = found.path;
    FoundDesign design{path, "", read_record<DesignRecord>(found)};
    FoundFirstLevel* owner = owner_of(found_.first_levels, path);
    if (!owner) {
      std::string stem = without_ending(path, "design.json");
      const size_t run = stem.rfind("run-");
      if (run != std::string::npos && (run == 0 || stem[run - 1] == '_' || stem[run - 1] == '/') &&
          stem.find('/', run) == std::string::npos)
        stem.resize(run);
      owner = &first_level(stem);
    }
    design.run = without_ending(without_ending(*rest_after(owner->stem, path), "design.json"), "_");
    owner->designs.push_back(std::move(design));
  }

  void add_map(const FoundRecord& found) {
    const std::string& path = found.path;
    FoundFirstLevel* owner = owner_of(found_.first_levels, path);
    const std::string image = image_of(path);
    if (!owner || image.empty()) return;
    const auto record = read_record<MapRecord>(found);
    const std::string rest = without_ending(*rest_after(owner->stem, path), ".json");
    if (!record.contrast) {
      owner->maps[without_ending(rest, "_statmap")] = image;
      return;
    }
    const std::string statistic = bids_name(path).label("stat");
    FoundContrast& contrast =
        contrast_of(owner->contrasts, rest.substr(0, rest.find("_stat-" + statistic)));
    if (contrast.name.empty()) contrast.name = record.contrast->name;
    if (!contrast.contrast || record.contrast->runs) contrast.contrast = record.contrast;
    contrast.maps[statistic] = image;
    contrast.sidecars[statistic] = found;
    if (!owner->fit && !owner->fit_of_map && !owner->combined) {
      owner->fit_of_map = record.fit;
      owner->combined = record.combined;
    }
    if (owner->participant.empty() && record.fit && !record.fit->runs.empty())
      owner->participant = participant_in(record.fit->runs[0].bold);
  }

  void add_group_map(const FoundRecord& found) {
    const std::string& path = found.path;
    FoundGroup* owner = owner_of(found_.groups, path);
    const std::string image = image_of(path);
    if (!owner || image.empty()) return;
    const std::string name = without_ending(fs::path(path).filename().string(), ".json");
    const auto record = read_record<GroupMapRecord>(found);
    if (!record.contrast) {
      owner->maps[without_ending(without_ending(*rest_after(owner->stem, path), ".json"),
                                 "_statmap")] = image;
      return;
    }
    const BidsName parsed = bids_name(path);
    const std::string statistic = parsed.label("stat");
    const std::string key = statistic.empty() ? without_ending(name, "_seg-clusters_dseg")
                                              : name.substr(0, name.find("_stat-" + statistic));
    FoundContrast& contrast = contrast_of(owner->contrasts, key);
    if (!contrast.contrast) contrast.contrast = record.contrast;
    if (statistic.empty()) {
      contrast.cluster_image = image;
      return;
    }
    contrast.maps[statistic] = image;
    contrast.sidecars[statistic] = found;
    if (record.sided) contrast.sided[statistic] = *record.sided;
  }

  void add_clusters(const FoundRecord& found) {
    const std::string& path = found.path;
    const auto record = read_record<ClusterTableRecord>(found);
    const std::string table = without_ending(path, ".json") + ".tsv";
    FoundGroup* owner = record.map ? nullptr : owner_of(found_.groups, path);
    if (!owner) {
      found_.other_clusters.emplace_back(table, record);
      return;
    }
    const std::string name = fs::path(path).filename().string();
    FoundContrast& contrast = contrast_of(owner->contrasts, without_ending(name, "_clusters.json"));
    contrast.clusters = record;
    contrast.table = table;
    if (!contrast.contrast && record.contrast)
      contrast.contrast = parse_record<ContrastRecord>(*record.contrast, path);
  }

  /// c2 before c10, however their files sort.
  static void sort_contrasts(std::vector<FoundContrast>& contrasts) {
    std::stable_sort(contrasts.begin(), contrasts.end(),
                     [](const auto& a, const auto& b) { return natural_less(a.key, b.key); });
  }

  void finish() {
    auto& all = found_.first_levels;
    std::erase_if(all, [](const auto& one) {
      return !one.fit && one.contrasts.empty() && one.designs.empty();
    });
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.participant != b.participant ? label_less(a.participant, b.participant)
                                            : a.stem < b.stem;
    });
    for (auto& one : all) {
      // As the runs of the fit: run-2 before run-10.
      std::stable_sort(one.designs.begin(), one.designs.end(),
                       [](const auto& a, const auto& b) { return natural_less(a.path, b.path); });
      const fs::path stem(one.stem);
      const std::string name = without_ending(stem.filename().string(), "_");
      one.title = name.empty() ? stem.parent_path().filename().string() : name;
    }
    for (auto& one : all) sort_contrasts(one.contrasts);
    for (auto& group : found_.groups) {
      sort_contrasts(group.contrasts);
      for (auto& contrast : group.contrasts) contrast.name = name_of_key(contrast.key);
    }
  }

  std::string folder_;
  FoundResults found_;
};

}  // namespace

std::vector<std::string> FoundResults::participants() const {
  std::vector<std::string> names;
  for (const auto& one : first_levels)
    if (names.empty() || names.back() != one.participant) names.push_back(one.participant);
  return names;
}

FoundResults find_results(const std::string& folder) { return Finder(folder).find(); }

}  // namespace sociometer::jobs
