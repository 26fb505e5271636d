#include "cli/jobs/report/read_influence.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "cli/jobs/report/listed_file.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/present_values.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bytes/folder_walk.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// @throws Error{bad_input} if it is not there.
std::string map_of_record(const std::string& listed, const std::string& record) {
  const std::string path = listed_file(listed, record);
  if (path.empty())
    fail(ErrorCode::bad_input,
         "{} lists {}, which is not there: the influence of participants is left out", record,
         listed);
  return path;
}

/// The design of a group with the map of each row.
struct StoredDesign {
  std::vector<std::string> maps, names;
  Eigen::MatrixXd values;
};

/// design.tsv beside group.json; PREFIX_group.json has PREFIX_design.tsv.
StoredDesign read_group_design(const std::string& record) {
  const fs::path path(record);
  std::string name = path.stem().string();
  if (!name.ends_with("group"))
    fail(ErrorCode::bad_input, "{} is not named group.json: its design cannot be found", record);
  name.resize(name.size() - std::string("group").size());
  const Table table = read_table((path.parent_path() / (name + "design.tsv")).string());
  const int map = table.find("map");
  if (map < 0) fail(ErrorCode::bad_input, "{} has no column 'map'", table.path);
  StoredDesign out;
  out.values.resize(Eigen::Index(table.rows.size()), Eigen::Index(table.names.size()) - 1);
  for (size_t r = 0; r < table.rows.size(); ++r) {
    out.maps.push_back(table.rows[r][size_t(map)]);
    for (int c = 0, column = 0; c < int(table.names.size()); ++c)
      if (c != map) out.values(Eigen::Index(r), column++) = number_in(table, r, c);
  }
  for (const auto& column : table.names)
    if (column != "map") out.names.push_back(column);
  return out;
}

std::vector<double> read_single_map(const std::string& path, Grid& grid, const std::string& first) {
  NiftiSource source(path);
  if (source.n_volumes() != 1)
    fail(ErrorCode::bad_input,
         "{} has {} volumes: the influence of participants is left out for images of several", path,
         source.n_volumes());
  if (first == path)
    grid = source.grid();
  else
    require_same_grid(source.grid(), path, grid, first);
  std::vector<std::byte> raw(source.volume_bytes());
  source.read(raw);
  std::vector<double> values(size_t(grid.n_voxels()));
  decode_range(raw, source.format(), 0, values.size(), values.data());
  return values;
}

/// A map of t beside the record; empty without one.
std::string tested_map(const std::string& record) {
  std::string first;
  for (const auto& entry : entries_of_folder(fs::path(record).parent_path())) {
    const std::string path = entry.path().string();
    const bool is_map =
        path.ends_with("_stat-t_statmap.nii.gz") || path.ends_with("_stat-t_statmap.nii");
    if (is_map && (first.empty() || path < first)) first = path;
  }
  return first;
}

/// Effects of the rows at the voxels that enough of them have.
struct StoredEffects {
  Mask mask;
  Eigen::MatrixXd values;  ///< (n_rows, n_voxels)
};

StoredEffects read_effects(const StoredDesign& design, const std::string& record, long least,
                           Zeros zeros) {
  StoredEffects out;
  std::vector<std::vector<double>> maps;
  Grid grid;
  std::string first;
  for (const auto& map : design.maps) {
    const std::string path = map_of_record(map, record);
    if (first.empty()) first = path;
    maps.push_back(read_single_map(path, grid, first));
  }
  PresenceCount presence(grid.n_voxels(), zeros);
  for (const auto& map : maps) presence.add(map);
  std::vector<double> voxels = presence.reached_by(least);
  if (const std::string tested = tested_map(record); !tested.empty()) {
    // The group may have been given a mask: its voxels are those that have a t; others are 0.
    const std::vector<double> t = read_single_map(tested, grid, first);
    keep_present(voxels, t, Zeros::missing);
  }
  out.mask = mask_from_values(grid, voxels);
  out.values = present_values(maps, out.mask.voxels, zeros);
  return out;
}

std::array<double, 3> place_of(const Mask& mask, Eigen::Index voxel) {
  if (voxel < 0) return {std::nan(""), std::nan(""), std::nan("")};
  const Eigen::Vector3d mm = mask.grid.world(mask.voxels[size_t(voxel)]);
  return {mm[0], mm[1], mm[2]};
}

/// The contrast of a record on the columns of its design; nothing for F and conjunctions.
std::optional<GroupContrast> t_contrast(const ContrastRecord& record, const StoredDesign& design) {
  if (record.test != "t" || !record.weights || record.weights->size() != 1 ||
      record.weights->front().size() != design.names.size())
    return std::nullopt;
  GroupContrast contrast;
  contrast.spec.name = record.name;
  contrast.spec.kind = ContrastKind::t;
  contrast.rows = Eigen::Map<const Eigen::RowVectorXd>(record.weights->front().data(),
                                                       Eigen::Index(design.names.size()));
  return contrast;
}

std::vector<std::string> people_of_maps(const std::vector<std::string>& maps) {
  std::vector<std::string> names;
  for (const auto& map : maps) {
    const std::string person = participant_in(map);
    names.push_back(person.empty() ? fs::path(map).filename().string() : person);
  }
  return names;
}

std::vector<InfluenceFindings> influence_of(const GroupRecord& group, const std::string& path) {
  const StoredDesign design = read_group_design(path);
  const bool keep_zeros = group.details.zeros == name_of(Zeros::value);
  const StoredEffects effects = read_effects(design, path, group.model.min_participants,
                                             keep_zeros ? Zeros::value : Zeros::missing);
  const auto& first_level_contrast = group.details.effects.first_level_contrast;
  const std::string first_level = first_level_contrast ? *first_level_contrast + ": " : "";
  std::vector<InfluenceFindings> all;
  for (const auto& tested : group.contrasts) {
    const auto contrast = t_contrast(tested.contrast, design);
    if (!contrast) continue;
    InfluenceFindings f;
    f.title = first_level + tested.contrast.name;
    f.method = group.model.method;
    f.participants = people_of_maps(design.maps);
    f.influence = group_influence(GroupMatrix(effects.values), design.values, *contrast);
    f.peak_mm = place_of(effects.mask, f.influence.peak_voxel);
    for (const auto& p : f.influence.participants)
      f.peaks_mm.push_back(place_of(effects.mask, p.peak_voxel));
    if (f.influence.peak_voxel >= 0) all.push_back(std::move(f));
  }
  return all;
}

}  // namespace

std::vector<InfluenceFindings> read_influence(const FoundGroup& group, Warnings& warnings) {
  auto found = attempt(warnings, [&] { return influence_of(group.record, group.path); });
  return found ? std::move(*found) : std::vector<InfluenceFindings>{};
}

std::vector<InfluenceFindings> read_influence(const std::vector<FoundGroup>& groups,
                                              Warnings& warnings) {
  std::vector<InfluenceFindings> all;
  for (const FoundGroup& group : groups)
    for (auto& one : read_influence(group, warnings)) all.push_back(std::move(one));
  return all;
}

}  // namespace sociometer::jobs
