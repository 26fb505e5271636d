#include "cli/jobs/group/group_inputs.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/first_level/design_inputs.hpp"
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

namespace sociometer::cli {
namespace {

/// The values of a map that is the only one in its image.
std::vector<double> whole_map(const std::string& path) {
  std::vector<double> out;
  for_each_volume(path, [&](Eigen::Index, std::span<const double> values) {
    out.assign(values.begin(), values.end());
  });
  return out;
}

/// Voxels that at least so many rows have.
Mask common_mask(const std::vector<EffectMap>& maps, const std::vector<Observation>& rows,
                 const Grid& grid, Eigen::Index least, Zeros zeros) {
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
  info(fmt::format("mask: {} voxels that at least {} of {} maps have", mask.n_voxels(), least,
                   rows.size()));
  return mask;
}

GroupMemoryNeeds memory_needs(const GroupInputArguments& a, const GroupInputs& inputs,
                              size_t n_maps, int n_threads) {
  GroupMemoryNeeds needs;
  needs.n_grid_voxels = inputs.mask.grid.n_voxels();
  needs.n_voxels = inputs.mask.n_voxels();
  needs.n_maps = Eigen::Index(n_maps);
  if (inputs.rows.size() < n_maps) needs.n_differences = Eigen::Index(inputs.rows.size());
  needs.n_contrasts = Eigen::Index(inputs.contrasts.size());
  for (const auto& contrast : inputs.contrasts) needs.n_contrast_rows += contrast.rows.rows();
  needs.with_shuffles = a.with_shuffles;
  needs.with_variances = a.with_variances;
  needs.n_threads = n_threads;
  return needs;
}

void read_values(const GroupInputArguments& a, const std::vector<EffectMap>& maps, Zeros zeros,
                 int n_threads, GroupInputs& inputs) {
  std::vector<MapFile> files;
  for (const EffectMap& map : maps) {
    if (map.volume == 0)
      files.push_back({map.path, 1});
    else
      ++files.back().n_volumes;
  }
  GroupMemory& memory = inputs.memory;
  inputs.scratch = a.scratch;
  memory.total = a.memory.empty() ? 0 : parse_memory(a.memory);
  const GroupMemoryNeeds needs = memory_needs(a, inputs, maps.size(), n_threads);
  memory.held = needs.held();
  const bool in_memory = memory.holds(needs);
  // Told before hours of reading.
  if (!in_memory && a.smoothness)
    smoothness_work(memory, inputs.mask, Eigen::Index(maps.size()), n_threads);
  inputs.data = read_group_values(
      files, inputs.mask, [zeros](double value) { return !is_present(value, zeros); }, memory,
      a.scratch, in_memory, n_threads);
  if (in_memory) memory.held += needs.data();
  inputs.data = paired_values(inputs.data, pairs_of(inputs.rows), -1);
}

void add_files(const GroupInputArguments& a, const std::vector<std::string>& effects, int n_threads,
               Json& files) {
  std::vector<std::string> paths = effects;
  for (const auto& path :
       {a.design.design, a.design.participants.table, a.mask, a.blocks, a.variance_groups})
    if (!path.empty()) paths.push_back(path);
  paths.insert(paths.end(), a.contrast_files.begin(), a.contrast_files.end());
  std::vector<std::string> sums(paths.size());
  parallel_for(Eigen::Index(paths.size()), n_threads, [&](Eigen::Index i) {
    sums[size_t(i)] = input_file("", checksum_of_file(paths[size_t(i)])).checksum;
  });
  std::map<std::string, std::string> seen;
  for (size_t i = 0; i < paths.size(); ++i) {
    files.push_back({{"Path", paths[i]}, {"XXH3", sums[i]}});
    const auto [other, fresh] = seen.emplace(sums[i], paths[i]);
    if (!fresh && i < effects.size())
      warn(fmt::format("{} and {} have the same content", other->second, paths[i]));
  }
}

std::vector<GroupContrast> read_contrasts(const GroupInputArguments& a, const GroupDesign& design) {
  std::vector<std::string> t = a.contrasts;
  if (t.empty() && a.f_contrasts.empty() && a.contrast_files.empty()) {
    // Effects of participants and the like are no question.
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
std::vector<EffectMap> make_rows(const GroupInputArguments& a, const GroupEffects& effects,
                                 Grid& grid, GroupInputs& inputs) {
  const std::vector<EffectMap> all = list_effect_maps(effects.paths, grid);
  GroupRows rows = group_rows(a.design, all, !a.blocks.empty());
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
  if (!rows.blocks.empty() && !a.blocks.empty())
    fail(ErrorCode::usage,
         "--blocks {}: participants with several maps are the exchangeability blocks here, by "
         "themselves; leave --blocks out",
         a.blocks);
  inputs.blocks = read_group_labels(a.blocks, "--blocks", inputs.rows);
  inputs.blocks_of_participants = !rows.blocks.empty();
  if (inputs.blocks_of_participants) inputs.blocks = std::move(rows.blocks);
  inputs.variance_groups = read_group_labels(a.variance_groups, "--variance-groups", inputs.rows);
  return maps;
}

}  // namespace

double parse_memory(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  std::string unit(read.ptr, end);
  for (char& c : unit) c = char(std::toupper(static_cast<unsigned char>(c)));
  if (unit.ends_with("IB"))
    unit.resize(unit.size() - 2);
  else if (unit.size() == 2 && unit.ends_with("B"))
    unit.resize(1);
  const size_t power = std::string("KMGT").find(unit.empty() ? '?' : unit[0]);
  if (read.ec != std::errc() || !(number > 0) || !std::isfinite(number) || unit.size() > 1 ||
      (!unit.empty() && power == std::string::npos))
    fail(ErrorCode::usage, "--memory is '{}'; give a size such as 500M, 8G or 1.5T", text);
  return unit.empty() ? number : number * std::pow(1024.0, double(power + 1));
}

void add_group_input_options(CLI::App& c, GroupInputArguments& a) {
  add_effect_options(c, a.effects);
  add_group_design_options(c, a.design);
  c.add_option("--contrast", a.contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c.add_option("--f-contrast", a.f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
  c.add_option("--contrasts-file", a.contrast_files,
               "Contrasts of FSL: design.con, then design.fts");
  c.add_option("--mask", a.mask, "Voxels to analyse (default: those that enough maps have)");
  c.add_option(
      "--min-participants", a.min_participants,
      "Least number of maps that a voxel must be in (default: all); each voxel has its own "
      "n and degrees of freedom");
  c.add_option("--zeros", a.zeros, "What an exact 0 in an effect map is: missing or value")
      ->capture_default_str();
  c.add_option("--blocks", a.blocks,
               "TSV with the exchangeability block of each map (a column of labels)");
  c.add_option("--variance-groups", a.variance_groups,
               "TSV with the variance group of each map: Welch's statistic");
  c.add_option(
      "--memory", a.memory,
      "Memory to take, as in 8G: maps that are larger are read in blocks of voxels, from a "
      "scratch file (default: all of them in memory)");
  c.add_option("--scratch", a.scratch,
               "Folder of that file, 8 bytes per map and voxel (default: where the output is)");
}

void check_group_input_options(const GroupInputArguments& a, bool permuted) {
  value_of<Zeros>(a.zeros, "--zeros");
  check_group_design_options(a.design);
  if (!a.blocks.empty() && !permuted)
    fail(ErrorCode::usage,
         "--blocks {} needs --permutations N: blocks say what may change places; for several maps "
         "of a participant in the model itself give --within",
         a.blocks);
}

GroupInputs load_group_inputs(const GroupInputArguments& a, bool with_variances, int n_threads) {
  GroupInputs inputs;
  const GroupDesignArguments& d = a.design;
  const std::string within = !d.within.empty()       ? parse_within(d.within).key
                             : !d.difference.empty() ? kAnyEntity
                                                     : "";
  const GroupEffects effects = find_group_effects(a.effects, within, with_variances);
  inputs.naming = naming_of(effects);
  inputs.effects_json = effects.json;
  Grid grid;
  const std::vector<EffectMap> maps = make_rows(a, effects, grid, inputs);
  const auto n = Eigen::Index(inputs.rows.size());
  const std::string table = a.design.design.empty() ? a.design.participants.table : a.design.design;
  const auto check = [&] {
    check_group_design(inputs.design);
    return 0;
  };
  table.empty() ? check() : with_context(table, check);
  inputs.contrasts = read_contrasts(a, inputs.design);
  inputs.min_participants = a.min_participants == 0 ? n : a.min_participants;
  if (inputs.min_participants < 2 || inputs.min_participants > n)
    fail(ErrorCode::usage, "--min-participants is {}; it must be 2 to {}, the number of maps",
         a.min_participants, n);
  const auto zeros = value_of<Zeros>(a.zeros, "--zeros");
  if (a.mask.empty()) {
    inputs.mask = common_mask(maps, inputs.rows, grid, inputs.min_participants, zeros);
  } else {
    tell_space(maps[0].path, a.mask);
    inputs.mask = read_mask(a.mask);
    require_same_grid(grid, maps[0].path, inputs.mask.grid, a.mask);
    inputs.mask.grid = grid;
  }
  read_values(a, maps, zeros, n_threads, inputs);
  add_files(a, inputs.effects, n_threads, inputs.files);
  return inputs;
}

}  // namespace sociometer::cli
