#include "cli/jobs/regions/region_inputs.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "io/images/image_stem.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;

std::string stem_of(const std::string& path) { return image_stem(path); }

std::pair<std::string, std::string> split_name(const std::string& text, const std::string& form) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    fail(ErrorCode::usage, "'{}' is not of the form {}", text, form);
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::pair<std::string, std::vector<double>> named_numbers(const std::string& text, size_t n,
                                                          const std::string& form) {
  const auto [name, rest] = split_name(text, form);
  std::vector<double> numbers;
  for (const auto& part : split_list(rest)) {
    double value = 0;
    const char* begin = part.data() + (part.starts_with('+') ? 1 : 0);
    const auto result = std::from_chars(begin, part.data() + part.size(), value);
    if (result.ec != std::errc() || result.ptr != part.data() + part.size())
      fail(ErrorCode::usage, "'{}': '{}' is not a number; the form is {}", text, part, form);
    if (!std::isfinite(value))
      fail(ErrorCode::usage, "'{}': {} is not finite; the form is {}", text, part, form);
    numbers.push_back(value);
  }
  if (numbers.size() != n)
    fail(ErrorCode::usage, "'{}' has {} numbers; the form is {}", text, numbers.size(), form);
  return {name, numbers};
}

std::vector<KnownRegion> load_regions(const RegionRequest& a, const GridRule& rule,
                                      std::vector<std::string>& lost, Journal& journal) {
  check(a);
  std::vector<KnownRegion> regions;
  for (const auto& word : a.rois) {
    const size_t equals = fs::exists(word) ? std::string::npos : word.find('=');
    const std::string path = equals == std::string::npos ? word : word.substr(equals + 1);
    report_space(rule.name, path, journal);
    if (is_region_table(path)) {
      for (auto& region : read_region_table(path, rule)) regions.push_back(std::move(region));
    } else {
      regions.push_back(read_mask_region(
          equals == std::string::npos ? stem_of(path) : word.substr(0, equals), path, rule));
    }
  }
  if (!a.atlas.image.empty()) {
    report_space(rule.name, a.atlas.image, journal);
    std::optional<LabelTable> table;
    if (!a.atlas.label_table.empty()) table = read_label_table(a.atlas.label_table);
    for (auto& region : read_atlas_regions(a.atlas.image, table, a.atlas.labels, rule, lost))
      regions.push_back(std::move(region));
    if (!lost.empty())
      journal.warn(fmt::format("{} of {} have no voxel on the grid of {} and are left out: {}",
                               lost.size() == 1 ? "1 label" : fmt::format("{} labels", lost.size()),
                               a.atlas.image, rule.name, fmt::join(lost, ", ")));
  }
  check_regions(regions, rule.name);
  for (const auto& region : regions)
    if (!region.doubt.empty()) journal.warn(region.doubt);
  return regions;
}

std::vector<Region> plain_regions(const std::vector<KnownRegion>& regions) {
  std::vector<Region> plain;
  for (const auto& known : regions) plain.push_back(known.region);
  return plain;
}

std::vector<std::string> value_files(const Provenance& provenance, const std::string& prefix) {
  std::vector<std::string> names{"roi_values.h5", "roi_values.json", "roi_values.tsv"};
  if (!provenance.configuration_name.empty()) names.push_back(provenance.configuration_name);
  for (auto& name : names) name.insert(0, name_prefix(prefix));
  return names;
}

std::vector<std::string> region_notes(const std::vector<KnownRegion>& regions) {
  std::vector<std::string> notes;
  std::set<std::string> seen;
  for (const auto& known : regions)
    if (!known.note.empty()) {
      const std::string line = fmt::format("{}: {}", known.region.name, known.note);
      if (seen.insert(line).second) notes.push_back(line);
    }
  return notes;
}

}  // namespace sociometer::jobs
