#include "cli/jobs/group/group_inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/group/group_design_table.hpp"
#include "cli/jobs/group/group_folder.hpp"
#include "cli/jobs/group/group_values.hpp"
#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/images/nifti.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {
namespace {

/// The values of an image that must hold a single map.
std::vector<double> whole_map(const std::string& path) {
  std::vector<double> out;
  for_each_volume(path, [&](Eigen::Index, std::span<const double> values) {
    out.assign(values.begin(), values.end());
  });
  return out;
}

/// Voxels with values in at least the required number of rows.
Mask common_mask(const std::vector<EffectMap>& maps, const Grid& grid, const GroupInputs& inputs,
                 Zeros zeros, Journal& journal) {
  const std::vector<Observation>& rows = inputs.rows;
  const Eigen::Index least = inputs.min_participants;
  PresenceCount presence(grid.n_voxels(), zeros);
  for (const Observation& row : rows) {
    const EffectMap& map = maps[row.map];
    if (row.minus)
      presence.add(whole_map(map.path), whole_map(maps[*row.minus].path));
    else if (map.volume == 0)
      for_each_volume(map.path,
                      [&](Eigen::Index, std::span<const double> values) { presence.add(values); });
  }
  Mask mask = mask_from_values(grid, presence.reached_by(least));
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input,
         "no voxel has a value in {} of the {} maps; give --min-participants or a --mask", least,
         rows.size());
  journal.info(fmt::format("mask: {} voxels that at least {} of {} maps have", mask.n_voxels(),
                           least, rows.size()));
  return mask;
}

/// The nearest existing folder above the output.
std::string folder_above(const std::string& output) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path folder = fs::absolute(output, ignored).lexically_normal();
  while (!folder.empty() && folder != folder.root_path() && !fs::is_directory(folder, ignored))
    folder = folder.parent_path();
  return folder.string();
}

GroupMemoryNeeds memory_needs(const GroupRequest& a, const GroupInputs& inputs, size_t n_maps,
                              int n_threads) {
  GroupMemoryNeeds needs;
  needs.n_grid_voxels = inputs.mask.grid.n_voxels();
  needs.n_voxels = inputs.mask.n_voxels();
  needs.n_maps = Eigen::Index(n_maps);
  if (inputs.rows.size() < n_maps) needs.n_differences = Eigen::Index(inputs.rows.size());
  needs.n_contrasts = Eigen::Index(inputs.contrasts.size());
  for (const auto& contrast : inputs.contrasts) needs.n_contrast_rows += contrast.rows.rows();
  needs.with_shuffles = a.shuffles();
  needs.with_variances = takes_variances(a.model.method);
  needs.n_threads = n_threads;
  return needs;
}

void read_values(const GroupRequest& a, const std::vector<EffectMap>& maps, const Session& session,
                 GroupInputs& inputs) {
  std::vector<MapFile> files;
  for (const EffectMap& map : maps) {
    if (map.volume == 0)
      files.push_back({map.path, 1});
    else
      ++files.back().n_volumes;
  }
  GroupMemory& memory = inputs.memory;
  inputs.scratch = a.scratch.empty() ? folder_above(a.output) : a.scratch;
  memory.total = a.memory_bytes;
  const GroupMemoryNeeds needs = memory_needs(a, inputs, maps.size(), session.threads);
  memory.held = needs.held();
  const bool in_memory = memory.holds(needs);
  // Reported before reading, which may take hours.
  if (!in_memory && a.reports())
    smoothness_work(memory, inputs.mask, Eigen::Index(maps.size()), session.threads);
  inputs.data = read_group_values(
      files, inputs.mask, [zeros = a.zeros](double value) { return !is_present(value, zeros); },
      memory, inputs.scratch, in_memory, session);
  if (in_memory) memory.held += needs.data();
  inputs.data = paired_values(inputs.data, pairs_of(inputs.rows), -1);
}

void add_files(const GroupRequest& a, const std::vector<std::string>& effects,
               const Session& session, Json& files) {
  std::vector<std::string> paths = effects;
  for (const auto& path : {a.design.table, a.design.participants.table, a.mask,
                           a.permutation.blocks, a.model.variance_groups})
    if (!path.empty()) paths.push_back(path);
  paths.insert(paths.end(), a.contrast_files.begin(), a.contrast_files.end());
  std::vector<std::string> sums(paths.size());
  parallel_for(Eigen::Index(paths.size()), session.threads, [&](Eigen::Index i) {
    sums[size_t(i)] = input_file("", checksum_of_file(paths[size_t(i)])).checksum;
  });
  std::map<std::string, std::string> seen;
  for (size_t i = 0; i < paths.size(); ++i) {
    files.push_back({{"Path", paths[i]}, {"XXH3", sums[i]}});
    const auto [other, fresh] = seen.emplace(sums[i], paths[i]);
    if (!fresh && i < effects.size())
      session.journal.warn(fmt::format("{} and {} have the same content", other->second, paths[i]));
  }
}

std::vector<GroupContrast> read_contrasts(const GroupRequest& a, const GroupDesign& design) {
  std::vector<std::string> t = a.contrasts;
  if (t.empty() && a.f_contrasts.empty() && a.contrast_files.empty()) {
    // Implied columns, such as participant effects, are not tested by default.
    const std::vector<std::string> names(design.names.begin(),
                                         design.names.end() - long(design.n_implied));
    if (names.size() != 1) {
      const std::string& first = design.names[0];
      std::string zeros;
      for (size_t i = 1; i < std::max<size_t>(1, names.size()); ++i) zeros += ",0";
      fail(ErrorCode::usage,
           "the design has {} columns ({}): give a --contrast or --f-contrast, as in --contrast "
           "'{}=[1{}]'",
           names.size(), fmt::join(names, ", "), camel_case(first), zeros);
    }
    t = names;
  }
  std::vector<GroupContrast> out;
  for (const auto& spec : contrast_specs(t, a.f_contrasts, a.contrast_files))
    out.push_back(resolve_group_contrast(spec, design));
  return out;
}

/// Rows, design and labels, before any image is read.
std::vector<EffectMap> make_rows(const GroupRequest& a, const GroupEffects& effects, Grid& grid,
                                 GroupInputs& inputs, Journal& journal) {
  const std::string& blocks = a.permutation.blocks;
  const std::vector<EffectMap> all = list_effect_maps(effects.paths, grid, journal);
  GroupRows rows = group_rows(a.design, all, !blocks.empty(), journal);
  const std::vector<EffectMap> maps = maps_in_use(all, rows.observations);
  inputs.rows = rows.observations;
  for (const auto& row : inputs.rows) inputs.names.push_back(row.name);
  for (const auto& map : maps)
    if (map.volume == 0) inputs.effects.push_back(map.path);
  for (size_t i = 0; i < all.size(); ++i)
    if (!effects.variances.empty() &&
        std::ranges::find(inputs.effects, all[i].path) != inputs.effects.end())
      inputs.variances.push_back(effects.variances[i]);
  inputs.design = std::move(rows.design);
  inputs.design_json = std::move(rows.json);
  if (!rows.blocks.empty() && !blocks.empty())
    fail(ErrorCode::usage,
         "--blocks {}: participants with several maps are the exchangeability blocks here, by "
         "themselves; leave --blocks out",
         blocks);
  inputs.blocks = read_group_labels(blocks, "--blocks", inputs.rows, journal);
  inputs.blocks_of_participants = !rows.blocks.empty();
  if (inputs.blocks_of_participants) inputs.blocks = std::move(rows.blocks);
  inputs.variance_groups =
      read_group_labels(a.model.variance_groups, "--variance-groups", inputs.rows, journal);
  return maps;
}

/// The requested mask, or the voxels with values in enough rows.
Mask mask_of(const GroupRequest& a, const std::vector<EffectMap>& maps, const Grid& grid,
             const GroupInputs& inputs, Journal& journal) {
  if (a.mask.empty()) return common_mask(maps, grid, inputs, a.zeros, journal);
  report_space(maps[0].path, a.mask, journal);
  Mask mask = read_mask(a.mask);
  require_same_grid(grid, maps[0].path, mask.grid, a.mask);
  mask.grid = grid;
  return mask;
}

}  // namespace

GroupInputs load_group_inputs(const GroupRequest& a, const Session& session) {
  GroupInputs inputs;
  const GroupDesignRequest& d = a.design;
  const std::string within = !d.within.empty()       ? parse_within(d.within).key
                             : !d.difference.empty() ? kAnyEntity
                                                     : "";
  const bool variances_beside = takes_variances(a.model.method) && a.maps.variances.empty();
  const GroupEffects effects =
      find_group_effects(a.maps, within, variances_beside, session.journal);
  inputs.naming = naming_of(effects);
  inputs.effects_json = effects.json;
  Grid grid;
  const std::vector<EffectMap> maps = make_rows(a, effects, grid, inputs, session.journal);
  const auto n = Eigen::Index(inputs.rows.size());
  const std::string table = d.table.empty() ? d.participants.table : d.table;
  const auto check_design = [&] {
    check_group_design(inputs.design);
    return 0;
  };
  table.empty() ? check_design() : with_context(table, check_design);
  inputs.contrasts = read_contrasts(a, inputs.design);
  inputs.min_participants = a.min_participants == 0 ? n : a.min_participants;
  if (inputs.min_participants < 2 || inputs.min_participants > n)
    fail(ErrorCode::usage, "--min-participants is {}; it must be 2 to {}, the number of maps",
         a.min_participants, n);
  inputs.mask = mask_of(a, maps, grid, inputs, session.journal);
  read_values(a, maps, session, inputs);
  add_files(a, inputs.effects, session, inputs.files);
  return inputs;
}

}  // namespace sociometer::jobs
