#include "cli/jobs/group/group_folder.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/group/group_effects.hpp"
#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "engine/core/printable.hpp"
#include "engine/design/contrast.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/folder_walk.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

bool passes_filters(const BidsName& name, const std::vector<LabelFilter>& filters) {
  return std::ranges::all_of(filters, [&](const LabelFilter& filter) {
    if (name.label(filter.key).empty()) return false;
    return std::ranges::any_of(filter.labels, [&](const std::string& label) {
      return !conflicting_entity(name, {{{filter.key, label}}, "", ""}, {filter.key});
    });
  });
}

/// All participant-level statistic maps below a folder, sorted.
std::vector<std::string> statistic_maps_below(const std::string& top) {
  std::vector<std::string> out;
  for (const std::string& folder : folders_below(top)) {
    for (const auto& entry : entries_of_folder(folder)) {
      if (entry.path().filename().native().starts_with('.')) continue;
      const BidsName name = bids_name(entry.path().string());
      if (name.suffix == "statmap" && (name.extension == ".nii" || name.extension == ".nii.gz") &&
          !name.label("contrast").empty() && !name.label("sub").empty())
        out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

[[noreturn]] void fail_without_contrast(const std::string& where, const std::string& contrast,
                                        const std::vector<std::string>& filters,
                                        const std::set<std::string>& known) {
  const std::string after =
      filters.empty() ? "" : fmt::format(" with --filter {}", fmt::join(filters, " "));
  if (known.empty())
    fail(ErrorCode::bad_input,
         "no effect map below {}{}: looked for "
         "sub-<label>_.._contrast-<name>_stat-effect_statmap.nii[.gz]",
         where, after);
  if (contrast.empty())
    fail(ErrorCode::usage,
         "{} has effect maps of several contrasts ({}); choose one with "
         "--first-level-contrast",
         where, fmt::join(known, ", "));
  const std::string nearest = nearest_word(contrast, {known.begin(), known.end()});
  fail(ErrorCode::bad_input, "no effect map of contrast '{}' below {}{}; there are: {}{}", contrast,
       where, after, fmt::join(known, ", "),
       nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
}

void order_by_participant(std::vector<std::string>& paths) {
  std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    const std::string x = bids_name(a).label("sub"), y = bids_name(b).label("sub");
    return x != y ? natural_less(x, y) : a < b;
  });
}

void check_one_map_each(const std::vector<std::string>& paths, const std::string& within) {
  if (within == kAnyEntity) return;
  std::map<std::string, std::string> taken;
  for (const std::string& path : paths) {
    const BidsName name = bids_name(path);
    const std::string who = "sub-" + name.label("sub"),
                      level = within.empty() ? "" : name.label(within);
    const auto [other, fresh] = taken.emplace(who + "/" + level, path);
    if (!fresh) fail_for_two_maps(who, other->second, path);
  }
}

}  // namespace

std::vector<LabelFilter> parse_filters(const std::vector<std::string>& texts) {
  std::vector<LabelFilter> out;
  for (const std::string& text : texts)
    for (const std::string& part : split_list(text)) {
      const size_t equals = part.find('=');
      if (equals == std::string::npos || equals == 0 || equals + 1 == part.size())
        fail(ErrorCode::usage, "--filter '{}' is not KEY=LABEL, as in task=social", part);
      const std::string key = entity_key(unpadded(part.substr(0, equals)));
      std::string labels = unpadded(part.substr(equals + 1));
      if (labels.starts_with(key + "-")) labels.erase(0, key.size() + 1);
      out.push_back({key, split_list(labels, '|')});
    }
  return out;
}

std::vector<std::string> matching_maps(const std::vector<std::string>& paths,
                                       const std::vector<std::string>& filters, Journal& journal) {
  const auto wanted = parse_filters(filters);
  std::vector<std::string> out;
  for (const std::string& path : paths)
    if (passes_filters(bids_name(path), wanted)) out.push_back(path);
  if (out.empty())
    fail(ErrorCode::bad_input, "none of the {} maps of --effects is of {}, as --filter says",
         paths.size(), fmt::join(filters, " "));
  if (out.size() < paths.size())
    journal.info(fmt::format("--filter leaves {} of {} maps", out.size(), paths.size()));
  return out;
}

bool is_image_name(const std::string& path) {
  return path.ends_with(".nii") || path.ends_with(".nii.gz") || path.ends_with(".nii.gz/") ||
         path.ends_with(".nii/");
}

std::vector<std::string> maps_in_folders(const std::vector<std::string>& paths,
                                         const std::string& contrast,
                                         const std::vector<std::string>& filters,
                                         const std::string& within, Journal& journal) {
  const auto wanted = parse_filters(filters);
  std::vector<std::string> all, out;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (!fs::exists(path, ignored))
      fail(ErrorCode::bad_input, "{} of --effects does not exist", path);
    const auto found = fs::is_directory(path, ignored) ? statistic_maps_below(path)
                                                       : std::vector<std::string>{path};
    if (found.empty() && is_image_name(path))
      fail(ErrorCode::bad_input, "{} is a folder, not an image", path);
    if (found.empty())
      journal.warn(fmt::format("{} holds no statistical map and adds none to the group", path));
    all.insert(all.end(), found.begin(), found.end());
  }
  // Labels have neither blanks nor punctuation, and differ in more than case.
  const std::string label = in_small_letters(camel_case(contrast));
  std::set<std::string> known;
  for (const std::string& path : all) {
    const BidsName name = bids_name(path);
    if (statistic_in(path) != "effect" || !passes_filters(name, wanted)) continue;
    known.insert(name.label("contrast"));
    if (contrast.empty() || within == "contrast" ||
        in_small_letters(name.label("contrast")) == label)
      out.push_back(path);
  }
  const bool several = contrast.empty() && within != "contrast" && known.size() > 1;
  if (out.empty() || several)
    fail_without_contrast(fmt::format("{}", fmt::join(paths, ", ")), contrast, filters, known);
  order_by_participant(out);
  check_one_map_each(out, within);
  return out;
}

std::string variance_beside(const std::string& effect) {
  const fs::path path(effect);
  std::string file = path.filename().string();
  const size_t at = file.find("_stat-effect");
  if (at != std::string::npos) file.replace(at, 12, "_stat-variance");
  fs::path other = path.parent_path() / file;
  if (!fs::exists(other)) {
    const bool zipped = file.ends_with(".gz");
    other = path.parent_path() / (zipped ? file.substr(0, file.size() - 3) : file + ".gz");
  }
  if (at == std::string::npos || !fs::exists(other))
    fail(ErrorCode::bad_input, "there is no variance map {} for {}; give --variances",
         (path.parent_path() / file).string(), effect);
  return other.string();
}

}  // namespace sociometer::jobs
