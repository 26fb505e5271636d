#include "cli/jobs/group/group_inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/forecast.hpp"
#include "cli/jobs/group/group_design_table.hpp"
#include "cli/jobs/group/group_folder.hpp"
#include "cli/jobs/group/group_values.hpp"
#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/design/estimability.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/nifti.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {
namespace {

/// The values of an image that must hold a single map.
std::vector<double> whole_map(const std::string& path, ReadFiles& read) {
  std::vector<double> out;
  read.add(for_each_volume(path, [&](Eigen::Index, std::span<const double> values) {
    out.assign(values.begin(), values.end());
  }));
  return out;
}

/// Voxels with values in at least the required number of rows, found by a pass over the maps.
std::vector<double> voxels_reached(const std::vector<EffectMap>& maps, const Grid& grid,
                                   const GroupInputs& inputs, Zeros zeros, ReadFiles& read) {
  PresenceCount presence(grid.n_voxels(), zeros);
  for (const Observation& row : inputs.rows) {
    const EffectMap& map = maps[row.map];
    if (row.minus)
      presence.add(whole_map(map.path, read), whole_map(maps[*row.minus].path, read));
    else if (map.volume == 0)
      read.add(for_each_volume(
          map.path, [&](Eigen::Index, std::span<const double> values) { presence.add(values); }));
  }
  return presence.reached_by(inputs.min_participants);
}

/// @param reached  1 in voxels that enough rows have.
Mask common_mask(const std::vector<double>& reached, const Grid& grid, const GroupInputs& inputs,
                 Journal& journal) {
  const Eigen::Index least = inputs.min_participants;
  Mask mask = mask_from_values(grid, reached);
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input,
         "no voxel has a value in {} of the {} maps; give --min-participants or a --mask", least,
         inputs.rows.size());
  journal.info(fmt::format("mask: {} voxels that at least {} of {} maps have", mask.n_voxels(),
                           least, inputs.rows.size()));
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

/// That of the request, or that which the caller sets for any job.
double memory_limit(const GroupRequest& a, const Session& session) {
  return a.memory_bytes > 0 ? a.memory_bytes : session.memory_bytes;
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

std::vector<MapFile> files_of(const std::vector<EffectMap>& maps) {
  std::vector<MapFile> files;
  for (const EffectMap& map : maps) {
    if (map.volume == 0)
      files.push_back({map.path, 1});
    else
      ++files.back().n_volumes;
  }
  return files;
}

/// Whether all voxels of the maps can be held until the mask is known.
bool reads_once(const GroupRequest& a, const std::vector<EffectMap>& maps, const Grid& grid,
                const GroupInputs& inputs, const Session& session) {
  // Of address space: without a limit larger groups are read twice, which takes less memory.
  constexpr double kMostBytes = 4 * 1073741824.0;
  const auto n = Eigen::Index(maps.size());
  if (WholeMaps::bytes(n, grid.n_voxels()) > kMostBytes) return false;
  GroupMemoryNeeds needs = memory_needs(a, inputs, maps.size(), session.threads);
  needs.n_grid_voxels = needs.n_voxels = grid.n_voxels();
  return GroupMemory{memory_limit(a, session), needs.held()}.holds(needs);
}

/// The mask from the maps, and their values there.
void read_mask_and_values(const GroupRequest& a, const std::vector<EffectMap>& maps,
                          const Grid& grid, const Session& session, GroupInputs& inputs) {
  const std::vector<MapFile> files = files_of(maps);
  const std::vector<MapPair> pairs = pairs_of(inputs.rows);
  ReadWholeMaps whole = read_whole_maps(files, grid.n_voxels(), a.zeros, session.threads);
  inputs.mask = common_mask(whole.maps.reached_by(pairs, inputs.min_participants), grid, inputs,
                            session.journal);
  const ReadMaps read = maps_within(std::move(whole), files, inputs.mask);
  inputs.read.add(read.files);
  GroupMemory& memory = inputs.memory;
  memory.total = memory_limit(a, session);
  inputs.scratch = a.scratch.empty() ? folder_above(a.output) : a.scratch;
  const GroupMemoryNeeds needs = memory_needs(a, inputs, maps.size(), session.threads);
  memory.held = needs.held() + needs.data();
  inputs.data = paired_values(read.data, pairs, -1);
}

void read_values(const GroupRequest& a, const std::vector<EffectMap>& maps, const Session& session,
                 GroupInputs& inputs) {
  GroupMemory& memory = inputs.memory;
  inputs.scratch = a.scratch.empty() ? folder_above(a.output) : a.scratch;
  memory.total = memory_limit(a, session);
  const GroupMemoryNeeds needs = memory_needs(a, inputs, maps.size(), session.threads);
  memory.held = needs.held();
  const bool in_memory = memory.holds(needs);
  // Reported before reading, which may take hours.
  if (!in_memory && a.reports())
    smoothness_work(memory, inputs.mask, Eigen::Index(maps.size()), session.threads);
  const ReadMaps read = read_group_values(
      files_of(maps), inputs.mask,
      [zeros = a.zeros](double value) { return !is_present(value, zeros); }, memory, inputs.scratch,
      in_memory, session);
  for (const InputFile& file : read.files)
    if (const auto before = inputs.read.checksum(file.path); before && *before != file.checksum)
      fail(ErrorCode::bad_input,
           "{} changed while the group was read (XXH3 {}, then {}); run again", file.path, *before,
           file.checksum);
  inputs.read.add(read.files);
  if (in_memory) memory.held += needs.data();
  inputs.data = paired_values(read.data, pairs_of(inputs.rows), -1);
}

/// Lists the files, with the checksums that their readers took.
void add_files(const GroupRequest& a, const Session& session, GroupInputs& inputs) {
  std::vector<std::string> paths = inputs.effects;
  for (const auto& path : {a.design.table, a.design.participants.table, a.mask,
                           a.permutation.blocks, a.model.variance_groups})
    if (!path.empty()) paths.push_back(path);
  paths.insert(paths.end(), a.contrast_files.begin(), a.contrast_files.end());
  std::map<std::string, std::string> seen;
  for (size_t i = 0; i < paths.size(); ++i) {
    const auto sum = inputs.read.checksum(paths[i]);
    require(sum.has_value(), "the checksum of each input");
    inputs.files.push_back({paths[i], *sum});
    const auto [other, fresh] = seen.emplace(*sum, paths[i]);
    if (!fresh && i < inputs.effects.size())
      session.journal.warn(fmt::format("{} and {} have the same content", other->second, paths[i]));
  }
}

std::vector<GroupContrast> read_contrasts(const GroupRequest& a, const GroupDesign& design,
                                          ReadFiles& read) {
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
  std::vector<InputFile> files;
  for (const auto& spec : contrast_specs(t, a.f_contrasts, a.contrast_files, &files))
    out.push_back(resolve_group_contrast(spec, design));
  read.add(files);
  return out;
}

/// Rows, design and labels, before any image is read.
std::vector<EffectMap> make_rows(const GroupRequest& a, const GroupEffects& effects, Grid& grid,
                                 GroupInputs& inputs, Journal& journal) {
  const std::string& blocks = a.permutation.blocks;
  const std::vector<EffectMap> all = list_effect_maps(effects, grid, journal);
  GroupRows rows = group_rows(a.design, all, !blocks.empty(), journal);
  std::vector<EffectMap> maps = maps_in_use(all, rows.observations);
  inputs.rows = rows.observations;
  inputs.read.add(rows.inputs);
  for (const auto& row : inputs.rows) inputs.names.push_back(row.name);
  for (const auto& map : maps)
    if (map.volume == 0) inputs.effects.push_back(map.path);
  const std::set<std::string> used(inputs.effects.begin(), inputs.effects.end());
  for (size_t i = 0; i < all.size(); ++i)
    if (!effects.variances.empty() && used.contains(all[i].path))
      inputs.variances.push_back(effects.variances[i]);
  inputs.design = std::move(rows.design);
  inputs.design_record = std::move(rows.record);
  if (!rows.blocks.empty() && !blocks.empty())
    fail(ErrorCode::usage,
         "--blocks {}: participants with several maps are the exchangeability blocks here, by "
         "themselves; leave --blocks out",
         blocks);
  inputs.blocks = read_group_labels(blocks, "--blocks", inputs.rows, inputs.read, journal);
  inputs.blocks_of_participants = !rows.blocks.empty();
  if (inputs.blocks_of_participants) inputs.blocks = std::move(rows.blocks);
  inputs.variance_groups = read_group_labels(a.model.variance_groups, "--variance-groups",
                                             inputs.rows, inputs.read, journal);
  return maps;
}

/// The requested mask, or the voxels with values in enough rows.
Mask mask_of(const GroupRequest& a, const std::vector<EffectMap>& maps, const Grid& grid,
             GroupInputs& inputs, Journal& journal) {
  if (a.mask.empty())
    return common_mask(voxels_reached(maps, grid, inputs, a.zeros, inputs.read), grid, inputs,
                       journal);
  report_space(maps[0].path, a.mask, journal);
  auto [mask, file] = read_mask_file(a.mask);
  inputs.read.add(file);
  require_same_grid(grid, maps[0].path, mask.grid, a.mask);
  mask.grid = grid;
  return mask;
}

/// Names that are too long are refused before images are read.
void check_names(const std::string& prefix, const GroupInputs& inputs) {
  constexpr const char* kLongestEnding = "_stat-log10pExtentFwe_statmap.nii.gz";
  const GroupNaming naming = naming_after(inputs.naming, prefix);
  for (const auto& contrast : inputs.contrasts)
    check_output_name(name_prefix(prefix) + naming.contrast(contrast.spec.name) + kLongestEnding);
}

/// Everything but the mask and the values. @return the maps in use.
std::vector<EffectMap> load_design(const GroupRequest& a, const Session& session, Grid& grid,
                                   GroupInputs& inputs) {
  const GroupDesignRequest& d = a.design;
  const std::string within = !d.within.empty()       ? parse_within(d.within).key
                             : !d.difference.empty() ? kAnyEntity
                                                     : "";
  const bool variances_beside = takes_variances(a.model.method) && a.maps.variances.empty();
  const GroupEffects effects =
      find_group_effects(a.maps, within, variances_beside, session.journal);
  inputs.naming = naming_of(effects);
  inputs.effects_record = effects.record;
  std::vector<EffectMap> maps = make_rows(a, effects, grid, inputs, session.journal);
  const auto n = Eigen::Index(inputs.rows.size());
  const std::string table = d.table.empty() ? d.participants.table : d.table;
  const auto check_design = [&] {
    check_group_design(inputs.design);
    return 0;
  };
  table.empty() ? check_design() : with_context(table, check_design);
  inputs.contrasts = read_contrasts(a, inputs.design, inputs.read);
  check_names(a.prefix, inputs);
  inputs.min_participants = a.min_participants == 0 ? n : a.min_participants;
  if (inputs.min_participants < 2 || inputs.min_participants > n)
    fail(ErrorCode::usage, "--min-participants is {}; it must be 2 to {}, the number of maps",
         a.min_participants, n);
  return maps;
}

}  // namespace

GroupInputs load_group_inputs(const GroupRequest& a, const Session& session) {
  GroupInputs inputs;
  Grid grid;
  const std::vector<EffectMap> maps = load_design(a, session, grid, inputs);
  if (a.mask.empty() && reads_once(a, maps, grid, inputs, session)) {
    read_mask_and_values(a, maps, grid, session, inputs);
  } else {
    inputs.mask = mask_of(a, maps, grid, inputs, session.journal);
    read_values(a, maps, session, inputs);
  }
  add_files(a, session, inputs);
  return inputs;
}

JobSummary forecast_group(const GroupRequest& a, const Session& session) {
  GroupInputs inputs;
  Grid grid;
  const std::vector<EffectMap> maps = load_design(a, session, grid, inputs);
  if (a.mask.empty()) {
    inputs.mask.grid = grid;
    inputs.mask.voxels.resize(size_t(grid.n_voxels()));
  } else {
    inputs.mask = mask_of(a, maps, grid, inputs, session.journal);
  }
  const GroupMemoryNeeds needs = memory_needs(a, inputs, maps.size(), session.threads);
  GroupMemory memory{memory_limit(a, session), needs.held()};
  const bool in_memory = memory.holds(needs);
  if (!in_memory) {
    // Without a mask it may be any part of the grid: refused is what is too little for one voxel.
    Mask least = inputs.mask;
    if (a.mask.empty()) {
      least.voxels.resize(1);
      GroupMemoryNeeds of_one = needs;
      of_one.n_voxels = 1;
      memory.held = of_one.held();
    }
    if (a.reports()) smoothness_work(memory, least, Eigen::Index(maps.size()), session.threads);
    memory.rows_at_a_time(Eigen::Index(maps.size()), least.n_voxels());
  }
  Forecast forecast(
      fmt::format("group would analyse {} map(s) by {}", maps.size(), name_of(a.model.method)));
  forecast.add("rows", fmt::format("{}", inputs.rows.size()));
  const Eigen::Index rank = EstimableSpace(inputs.design.values).rank();
  forecast.add("design", fmt::format("{} columns, rank {}: {}", inputs.design.names.size(), rank,
                                     fmt::join(inputs.design.names, ", ")));
  forecast.add("voxels", fmt::format("{}{} of {}", a.mask.empty() ? "at most " : "",
                                     inputs.mask.n_voxels(), grid.n_voxels()));
  if (a.shuffles()) forecast.add("permutations", fmt::format("{}", a.permutation.permutations));
  const GroupNaming naming = naming_after(inputs.naming, a.prefix);
  for (const auto& contrast : inputs.contrasts)
    forecast.add("contrast",
                 fmt::format("{}: {}{}_stat-*", contrast.spec.name, name_prefix(a.prefix),
                             naming.contrast(contrast.spec.name)));
  forecast.add_memory(in_memory ? needs.held() + needs.data() + needs.work() : memory.total,
                      memory.total, in_memory ? "all maps in memory" : "maps in a scratch file");
  return forecast.summary(a.output);
}

}  // namespace sociometer::jobs
