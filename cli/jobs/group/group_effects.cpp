#include "cli/jobs/group/group_effects.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/group/group_folder.hpp"
#include "cli/jobs/session.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/path_glob.hpp"
#include "io/images/map_statistic.hpp"
#include "io/images/nifti.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/sidecar_fields.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// The label shared by all names; empty when they differ or one has none.
std::string common_label(const std::vector<BidsName>& names, const char* key) {
  const std::string label = names[0].label(key);
  const bool all =
      std::ranges::all_of(names, [&](const BidsName& name) { return name.label(key) == label; });
  return all ? label : "";
}

/// Refuses maps that are not effects, or warns about them.
void check_statistics(const EffectMapsRequest& a, const std::vector<NiftiHeader>& headers,
                      GroupEffectsRecord& record, Journal& journal) {
  std::set<std::string> seen;
  for (const NiftiHeader& header : headers) {
    const std::string& path = header.path;
    const std::string stat = statistic_of(path, header.statistic);
    if (!is_no_effect(stat)) continue;
    if (!a.allow_statistics)
      fail(ErrorCode::bad_input,
           "{} is a map of stat-{} by its {}; group models need effects (stat-effect), because "
           "the size of a statistic depends on the first level's noise and number of scans: give "
           "the effect maps, or --allow-statistics",
           path, stat, is_no_effect(statistic_in(path)) ? "name" : "intent code");
    seen.insert(stat);
  }
  if (seen.empty()) return;
  record.statistics.emplace(seen.begin(), seen.end());
  journal.warn(fmt::format("maps of {} are taken for effects, as --allow-statistics says",
                           fmt::join(seen, ", ")));
}

/// Checks entities that the maps of one analysis must share, and warns about differing ones.
void check_common_entities(const EffectMapsRequest& a, const std::vector<std::string>& paths,
                           const std::vector<BidsName>& names, const std::string& within,
                           Journal& journal) {
  std::set<std::string> free{within};
  for (const std::string& key : a.allow_mixed) free.insert(entity_key(key));
  const auto first_conflict = [&](const char* key) -> size_t {
    if (free.count(key)) return 0;
    for (size_t i = 1; i < names.size(); ++i)
      if (conflicting_entity(names[0], names[i], {key})) return i;
    return 0;
  };
  for (const char* key : {"contrast", "task", "space", "res", "den", "hemi", "stat"}) {
    const size_t i = first_conflict(key);
    if (i > 0)
      fail(ErrorCode::bad_input,
           "{} is of {}-{}, {} of {}-{}; a group is of one {}: choose with --filter {}=.., compare "
           "them with --within {}, or give --allow-mixed {}",
           paths[0], key, names[0].label(key), paths[i], key, names[i].label(key), key, key, key,
           key);
  }
  for (size_t i = 1; i < paths.size() && !free.count("contrast"); ++i) {
    const std::string first = numbered_contrast_in(paths[0]),
                      other = numbered_contrast_in(paths[i]);
    if (!first.empty() && !other.empty() && first != other)
      fail(ErrorCode::bad_input,
           "{} is {}, {} is {}; a group is of one contrast: give the same one of each participant, "
           "or --allow-mixed contrast",
           paths[0], first, paths[i], other);
  }
  if (within == kAnyEntity) return;
  for (const char* key : {"desc", "ses", "run", "acq", "dir"}) {
    const size_t i = first_conflict(key);
    if (i > 0)
      journal.warn(fmt::format("maps differ in {} ({}-{} in {}, {}-{} in {}): is that meant?", key,
                               key, names[0].label(key), paths[0], key, names[i].label(key),
                               paths[i]));
  }
}

}  // namespace

bool has_folder(const std::vector<std::string>& effects) {
  return std::ranges::any_of(effects, [](const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
  });
}

GroupEffects find_group_effects(const EffectMapsRequest& a, const std::string& within,
                                bool variances, Journal& journal) {
  GroupEffects out;
  const std::vector<std::string> given = expand_globs(a.effects);
  const bool from_folders = has_folder(given);
  if (!from_folders && !a.first_level_contrast.empty() && a.effects.size() == 1 &&
      !fs::exists(a.effects[0]))
    fail(ErrorCode::bad_input, "there is no folder {}", a.effects[0]);
  out.paths = from_folders
                  ? maps_in_folders(given, a.first_level_contrast, a.filters, within, journal)
                  : matching_maps(given, a.filters, journal);
  if (!from_folders && !a.first_level_contrast.empty())
    fail(ErrorCode::usage,
         "--first-level-contrast {} chooses maps in folders, --effects has files; give a folder, "
         "or --filter contrast={}",
         a.first_level_contrast, a.first_level_contrast);
  if (from_folders) {
    journal.info(
        fmt::format("{} effect maps found, the first is {}", out.paths.size(), out.paths[0]));
    if (variances)
      for (const std::string& path : out.paths) out.variances.push_back(variance_beside(path));
  }
  std::vector<BidsName> names;
  for (const std::string& path : out.paths) names.push_back(bids_name(path));
  for (const std::string& path : out.paths) out.headers.push_back(read_nifti_header(path));
  check_statistics(a, out.headers, out.record, journal);
  check_common_entities(a, out.paths, names, within, journal);
  out.contrast = common_label(names, "contrast");
  out.task = common_label(names, "task");
  out.space = common_label(names, "space");
  if (!out.contrast.empty()) out.record.first_level_contrast = out.contrast;
  if (!a.filters.empty()) out.record.filters = a.filters;
  return out;
}

namespace {

/// First levels of other units, widths or models are no sample of one quantity. Compared are maps
/// of one name of a contrast; files that say nothing are left alone.
void warn_of_other_settings(const std::vector<std::string>& paths, Journal& journal) {
  struct Known {
    std::string path, settings;
  };
  std::map<std::string, Known> first;  // by the name of the contrast
  for (const auto& path : paths) {
    const std::string settings = settings_text(fields_in<SidecarFields>(sidecar_of_image(path)));
    if (settings.empty()) continue;
    const std::string contrast = bids_name(fs::path(path).filename()).label("contrast");
    const Known& other = first.emplace(contrast, Known{path, settings}).first->second;
    if (other.settings == settings) continue;
    journal.warn(fmt::format(
        "the first levels were not estimated alike, and their effects may differ for that alone: "
        "{} has {}, {} has {}",
        other.path, other.settings, path, settings));
    return;
  }
}

}  // namespace

std::vector<EffectMap> list_effect_maps(const GroupEffects& effects, Grid& grid, Journal& journal) {
  const std::vector<std::string>& paths = effects.paths;
  std::vector<EffectMap> maps;
  std::map<std::string, std::string> seen;
  for (size_t f = 0; f < paths.size(); ++f) {
    const NiftiHeader& header = effects.headers[f];
    if (f == 0) warn_of_orientation(grid = header.grid, journal);
    require_same_grid(grid, paths[0], header.grid, paths[f]);
    std::error_code ignored;
    if (!seen.emplace(fs::weakly_canonical(paths[f], ignored).string(), paths[f]).second)
      fail(ErrorCode::bad_input, "{} is listed twice in --effects; give each map once", paths[f]);
    const std::string participant = participant_in(paths[f]);
    if (header.n_volumes > 1 && !bids_name(fs::path(paths[f]).filename()).label("sub").empty())
      fail(ErrorCode::bad_input,
           "{} has {} volumes and is of {} alone: effects of an F contrast, one volume per row; a "
           "group model needs one map per participant: give those of a t contrast",
           paths[f], header.n_volumes, participant);
    if (header.n_volumes > 1 && paths.size() > 1)
      fail(ErrorCode::bad_input,
           "{} has {} volumes; give one map per participant, or a single image with one volume per "
           "participant",
           paths[f], header.n_volumes);
    for (Eigen::Index v = 0; v < header.n_volumes; ++v)
      maps.push_back(
          {paths[f], v,
           header.n_volumes > 1 ? fmt::format("{} volume {}", paths[f], v + 1) : paths[f],
           header.n_volumes > 1 ? "" : participant});
  }
  warn_of_other_settings(paths, journal);
  return maps;
}

void check_variance_pairs(const std::vector<std::string>& effects,
                          const std::vector<std::string>& variances, bool allow_statistics) {
  if (effects.size() != variances.size())
    fail(ErrorCode::shape_mismatch,
         "--effects has {} files, --variances {}; give one variance map per effect map, in the "
         "same order",
         effects.size(), variances.size());
  std::set<std::string> seen;
  for (size_t i = 0; i < effects.size(); ++i) {
    if (!seen.insert(variances[i]).second)
      fail(ErrorCode::bad_input, "{} is listed twice in --variances; give each map once",
           variances[i]);
    // By name only: images derived from a z map often keep its intent code.
    const std::string stat = statistic_in(variances[i]);
    if (!stat.empty() && stat != "variance" && stat != "var" && !allow_statistics)
      fail(ErrorCode::bad_input,
           "{} is a map of stat-{} by its name, not of variances; give the stat-variance maps, or "
           "--allow-statistics",
           variances[i], stat);
    const std::string a = participant_in(effects[i]), b = participant_in(variances[i]);
    if (!a.empty() && !b.empty() && a != b)
      fail(ErrorCode::bad_input,
           "variance map {} is {} ({}) but effect map {} is {} ({}); give both in the same order",
           i + 1, b, variances[i], i + 1, a, effects[i]);
    require_same_entities(
        effects[i], variances[i],
        {"ses", "task", "run", "contrast", "space", "res", "den", "hemi", "acq", "dir", "desc"});
  }
}

void fail_for_two_maps(const std::string& participant, const std::string& first,
                       const std::string& second) {
  const BidsName a = bids_name(first), b = bids_name(second);
  std::vector<std::string> keys;
  for (const auto& [key, label] : a.entities) keys.push_back(key);
  const auto conflict = conflicting_entity(a, b, keys);
  if (!conflict)
    fail(ErrorCode::bad_input,
         "participant {} is listed twice in --effects ({} and {}); several maps of one participant "
         "are not independent: leave one out, or distinguish them by --within or, for "
         "permutations alone, --blocks",
         participant, first, second);
  fail(ErrorCode::bad_input,
       "participant {} is listed twice in --effects: {} and {} differ in {} ({} and {}); choose "
       "with --filter {}={}, compare them with --within {}, or, for permutations alone, give "
       "--blocks",
       participant, first, second, conflict->key, conflict->first, conflict->second, conflict->key,
       conflict->first, conflict->key);
}

}  // namespace sociometer::jobs
