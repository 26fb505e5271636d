#include "cli/jobs/report/viewer_regions.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "engine/core/masked_values.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

struct RegionMask {
  std::string name;
  Grid grid;
  std::vector<Eigen::Index> voxels;
};

/// "NAME" of .../[prefix_]roi-NAME_mask.json; empty for other names.
std::string region_of(const std::string& path) {
  const std::string stem = fs::path(path).stem().string();
  const std::string ending = "_mask";
  const size_t at = stem.rfind("roi-");
  if (at == std::string::npos || !stem.ends_with(ending)) return {};
  return stem.substr(at + 4, stem.size() - at - 4 - ending.size());
}

RegionMask read_mask(const std::string& json, const std::string& name) {
  const Image image = read_nifti(json.substr(0, json.size() - 5) + ".nii.gz");
  RegionMask mask{name, image.header.grid, {}};
  const auto values = image.values.col(0);
  for (Eigen::Index v = 0; v < values.size(); ++v)
    if (std::isfinite(values[v]) && values[v] != 0) mask.voxels.push_back(v);
  return mask;
}

}  // namespace

std::set<std::string> regions_in_question(const RegionFindings& findings) {
  std::set<std::string> names;
  for (const auto& found : findings.dissociations)
    for (const auto& analysis : found.record.analyses)
      names.insert(analysis.subject.regions.begin(), analysis.subject.regions.end());
  if (!names.empty()) return names;
  for (const auto& values : findings.values)
    for (const auto& value : values.values) names.insert(value.roi);
  return names;
}

std::optional<ViewerRegions> viewer_regions(const std::vector<FoundRecord>& records,
                                            const std::set<std::string>& wanted,
                                            Warnings& warnings) {
  std::vector<RegionMask> masks;
  std::set<std::string> seen;
  for (const auto& record : records) {
    if (!record.header || record.header->kind != RecordKind::region_mask) continue;
    const std::string name = region_of(record.path);
    if (!wanted.contains(name) || seen.contains(name)) continue;
    auto mask = attempt(warnings, [&] { return read_mask(record.path, name); });
    if (!mask) continue;
    if (!masks.empty() && !same_grid(mask->grid, masks.front().grid)) {
      warnings.push_back(
          fmt::format("{} is on another grid than the mask of {}: the viewer has the "
                      "latter",
                      record.path, masks.front().name));
      continue;
    }
    seen.insert(name);
    masks.push_back(std::move(*mask));
  }
  if (masks.empty()) return std::nullopt;
  std::stable_sort(masks.begin(), masks.end(), [](const RegionMask& a, const RegionMask& b) {
    return a.voxels.size() > b.voxels.size();
  });
  ViewerRegions out;
  const Grid grid = masks.front().grid;
  std::vector<std::vector<Eigen::Index>> voxels;
  for (RegionMask& mask : masks) {
    voxels.push_back(std::move(mask.voxels));
    out.names.emplace_back(int(voxels.size()), std::move(mask.name));
  }
  out.labels = {grid, region_numbers(voxels, grid.n_voxels()).cast<float>()};
  return out;
}

}  // namespace sociometer::jobs
