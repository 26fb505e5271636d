#include "cli/group_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/design_inputs.hpp"
#include "cli/group_values.hpp"
#include "cli/log.hpp"
#include "cli/map_writer.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/bids_name.hpp"
#include "io/byte_stream.hpp"
#include "io/nifti.hpp"
#include "io/table.hpp"

namespace sociometer::cli {
namespace {

namespace fs = std::filesystem;

/// One map: a file, or a volume of one.
struct EffectMap {
  std::string path;
  Eigen::Index volume = 0;
  std::string name;
};

std::vector<EffectMap> list_maps(const std::vector<std::string>& paths, Grid& grid) {
  std::vector<EffectMap> maps;
  std::map<std::string, std::string> seen;
  for (size_t f = 0; f < paths.size(); ++f) {
    const NiftiHeader header = read_nifti_header(paths[f]);
    if (f == 0) warn_of_orientation(grid = header.grid);
    require_same_grid(grid, paths[0], header.grid, paths[f]);
    std::error_code ignored;
    if (!seen.emplace(fs::weakly_canonical(paths[f], ignored).string(), paths[f]).second)
      fail(ErrorCode::bad_input, "{} is listed twice in --effects; give each map once", paths[f]);
    if (header.n_volumes > 1 && paths.size() > 1)
      fail(ErrorCode::bad_input,
           "{} has {} volumes; give one map per participant, or a single image with one volume per "
           "participant",
           paths[f], header.n_volumes);
    for (Eigen::Index v = 0; v < header.n_volumes; ++v)
      maps.push_back(
          {paths[f], v,
           header.n_volumes > 1 ? fmt::format("{} volume {}", paths[f], v + 1) : paths[f]});
  }
  return maps;
}

bool is_id_column(const Table& table) {
  static const std::set<std::string> known{"participant_id", "participant", "subject", "sub",
                                           "subject_id"};
  return !table.names.empty() && known.count(table.names[0]) > 0;
}

/// Rows of a table go to maps by place; participants in the first column must then not contradict
/// labels in the maps' paths.
void check_places(const Table& table, const std::vector<EffectMap>& maps) {
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::string label = participant_in(maps[i].path), &row = table.rows[i][0];
    if (!label.empty() && row != label && row != label.substr(4))
      fail(
          ErrorCode::bad_input,
          "{}: row {} is of {}, map {} of {} ({}); as participants are listed more than once, give "
          "the rows in the order of the maps",
          table.path, i + 1, row, i + 1, label, maps[i].path);
  }
}

/// The row of a table for each map, by participant when the table names them.
std::vector<size_t> rows_of_maps(const Table& table, const std::vector<EffectMap>& maps,
                                 bool repeated_allowed) {
  std::vector<size_t> order(maps.size());
  for (size_t i = 0; i < maps.size(); ++i) order[i] = i;
  const bool named = is_id_column(table);
  std::map<std::string, size_t> row_of;
  bool repeated = false;
  for (size_t r = 0; named && r < table.rows.size(); ++r) {
    const auto [first, fresh] = row_of.emplace(table.rows[r][0], r);
    if (fresh) continue;
    repeated = true;
    if (!repeated_allowed)
      fail(ErrorCode::bad_input,
           "{}: participant {} is listed twice (rows {} and {}); observations of one participant "
           "belong together, give them with --blocks, or leave one out",
           table.path, table.rows[r][0], first->second + 1, r + 1);
  }
  if (table.rows.size() != maps.size())
    fail(ErrorCode::shape_mismatch, "{} has {} rows, --effects has {} maps; give one row per map",
         table.path, table.rows.size(), maps.size());
  if (!named || maps[0].path == maps.back().path) return order;
  const auto labelled = size_t(std::ranges::count_if(
      maps, [](const EffectMap& map) { return !participant_in(map.path).empty(); }));
  if (labelled == 0) {
    warn(
        fmt::format("no map has sub-<label> in its path: the rows of {} are taken in the order of "
                    "the maps, whatever its {} say",
                    table.path, table.names[0]));
    return order;
  }
  for (const EffectMap& map : maps)
    if (participant_in(map.path).empty())
      fail(ErrorCode::bad_input,
           "{} has no sub-<label> in its path, {} of {} maps have; give all maps one, or leave the "
           "participants out of {}",
           map.path, labelled, maps.size(), table.path);
  if (repeated) {
    check_places(table, maps);
    return order;
  }
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::string label = participant_in(maps[i].path);
    auto row = row_of.find(label);
    if (row == row_of.end()) row = row_of.find(label.substr(4));
    if (row == row_of.end())
      fail(ErrorCode::bad_input, "{} has no row for {} ({})", table.path, label, maps[i].path);
    order[i] = row->second;
  }
  return order;
}

/// A participant's maps belong together; without a table that says how they are one too many.
void check_participants(const std::vector<EffectMap>& maps) {
  std::map<std::string, std::string> taken;
  for (const EffectMap& map : maps) {
    const std::string label = participant_in(map.path);
    if (map.volume > 0 || label.empty()) continue;
    const auto [other, fresh] = taken.emplace(label, map.path);
    if (!fresh)
      fail(ErrorCode::bad_input,
           "participant {} is listed twice in --effects ({} and {}); observations of one "
           "participant belong together, give them with --blocks, or leave one out",
           label, other->second, map.path);
  }
}

GroupDesign read_group_design(const std::string& path, const std::vector<EffectMap>& maps,
                              bool repeated_allowed) {
  const Table table = read_table(path);
  const std::vector<size_t> rows = rows_of_maps(table, maps, repeated_allowed);
  const size_t first = is_id_column(table) ? 1 : 0;
  GroupDesign design;
  design.names.assign(table.names.begin() + long(first), table.names.end());
  design.values.resize(Eigen::Index(maps.size()), Eigen::Index(design.names.size()));
  for (size_t i = 0; i < maps.size(); ++i)
    for (size_t c = first; c < table.names.size(); ++c)
      design.values(Eigen::Index(i), Eigen::Index(c - first)) = number_in(table, rows[i], int(c));
  return design;
}

/// A table with a label per map, by participant when it names them; labels become 0, 1, .. in the
/// order of the maps.
std::vector<int> read_labels(const std::string& path, const char* option,
                             const std::vector<EffectMap>& maps) {
  if (path.empty()) return {};
  const Table table = read_table(path);
  const size_t column = is_id_column(table) && table.names.size() > 1 ? 1 : 0;
  if (table.names.size() > column + 1)
    fail(ErrorCode::bad_input, "{} ({}) has {} columns of labels; give one", path, option,
         table.names.size() - column);
  std::vector<size_t> rows(maps.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (column == 1)
    rows = rows_of_maps(table, maps, true);
  else if (table.rows.size() != maps.size())
    fail(ErrorCode::shape_mismatch, "{} ({}) has {} rows, --effects has {} maps", path, option,
         table.rows.size(), maps.size());
  std::map<std::string, int> numbers;
  std::vector<int> out;
  for (const size_t r : rows) {
    if (is_missing(table.rows[r][column]))
      fail(ErrorCode::bad_input, "{} ({}) has no label in row {}", path, option, r + 1);
    out.push_back(numbers.emplace(table.rows[r][column], int(numbers.size())).first->second);
  }
  return out;
}

bool is_present(double value, bool zeros_are_values) {
  return std::isfinite(value) && (zeros_are_values || value != 0);
}

/// Voxels that at least so many maps have.
Mask common_mask(const std::vector<EffectMap>& maps, const Grid& grid, Eigen::Index least,
                 bool zeros_are_values) {
  std::vector<double> counts(size_t(grid.n_voxels()), 0.0);
  for (const EffectMap& map : maps) {
    if (map.volume > 0) continue;
    for_each_volume(map.path, [&](Eigen::Index, std::span<const double> values) {
      for (size_t v = 0; v < values.size(); ++v)
        counts[v] += is_present(values[v], zeros_are_values);
    });
  }
  for (double& count : counts) count = count >= double(least) ? 1 : 0;
  Mask mask = mask_from_values(grid, counts);
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input,
         "no voxel has a value in {} of the {} maps; give --min-participants or a --mask", least,
         maps.size());
  info(fmt::format("mask: {} voxels that at least {} of {} maps have", mask.n_voxels(), least,
                   maps.size()));
  return mask;
}

/// Bytes that no block size changes: the program, a volume for each thread, the grid's bookkeeping,
/// the maps.
double held_bytes(const GroupInputArguments& a, const GroupInputs& inputs, int n_threads) {
  constexpr double kProgram = 32 * 1048576.0;
  double rows = 0;
  for (const auto& contrast : inputs.contrasts)
    rows += a.held_maps + 4 * double(contrast.rows.rows() - 1);
  return kProgram + double(inputs.mask.grid.n_voxels()) * (24.0 * n_threads + 64) +
         8.0 * double(inputs.mask.n_voxels()) * (16 + rows);
}

void read_values(const GroupInputArguments& a, const std::vector<EffectMap>& maps,
                 bool zeros_are_values, int n_threads, GroupInputs& inputs) {
  std::vector<MapFile> files;
  for (const EffectMap& map : maps) {
    if (map.volume == 0)
      files.push_back({map.path, 1});
    else
      ++files.back().n_volumes;
  }
  GroupMemory& memory = inputs.memory;
  memory.folder = a.scratch;
  memory.total = a.memory.empty() ? 0 : parse_memory(a.memory);
  memory.held = held_bytes(a, inputs, n_threads);
  const double n_values = double(maps.size()) * double(inputs.mask.n_voxels()),
               whole = n_values * (8 + a.further_bytes +
                                   a.further_bytes_per_contrast * double(inputs.contrasts.size()));
  // What is worked on at a time takes some room besides, the more the more participants there are.
  const double work = double(maps.size()) * 8 * double(kGroupBlock) * (4.0 * n_threads + 16);
  const bool in_memory = !memory.bounded() || whole + work <= memory.left();
  // Told before hours of reading.
  if (!in_memory && a.smoothness)
    smoothness_plan(memory, inputs.mask, Eigen::Index(maps.size()), n_threads);
  inputs.data = read_group_values(
      files, inputs.mask,
      [zeros_are_values](double value) { return !is_present(value, zeros_are_values); }, memory,
      in_memory, n_threads);
  if (in_memory) memory.held += whole;
}

void add_files(const GroupInputArguments& a, int n_threads, Json& files) {
  std::vector<std::string> paths = a.effects;
  for (const auto& path : {a.design, a.mask, a.blocks, a.variance_groups})
    if (!path.empty()) paths.push_back(path);
  std::vector<std::string> sums(paths.size());
  parallel_for(Eigen::Index(paths.size()), n_threads, [&](Eigen::Index i) {
    sums[size_t(i)] = input_file("", crc32_of_file(paths[size_t(i)])).crc32;
  });
  std::map<std::string, std::string> seen;
  for (size_t i = 0; i < paths.size(); ++i) {
    files.push_back({{"Path", paths[i]}, {"CRC32", sums[i]}});
    const auto [other, fresh] = seen.emplace(sums[i], paths[i]);
    if (!fresh && i < a.effects.size())
      warn(fmt::format("{} and {} have the same content", other->second, paths[i]));
  }
}

std::vector<GroupContrast> read_contrasts(const GroupInputArguments& a, const GroupDesign& design) {
  std::vector<std::string> t = a.contrasts;
  if (t.empty() && a.f_contrasts.empty()) {
    if (design.names.size() > 1)
      fail(ErrorCode::usage,
           "the design has {} columns: give a --contrast or --f-contrast, as in --contrast "
           "'{}=[1{}]'",
           design.names.size(), camel_case(design.names[0]), [&] {
             std::string zeros;
             for (size_t i = 1; i < design.names.size(); ++i) zeros += ",0";
             return zeros;
           }());
    t = {design.names[0]};
  }
  std::vector<GroupContrast> out;
  for (const auto& spec : contrast_specs(t, a.f_contrasts))
    out.push_back(resolve_group_contrast(spec, design));
  return out;
}

}  // namespace

void add_group_input_options(CLI::App& c, GroupInputArguments& a) {
  c.add_option("--effects", a.effects,
               "Effect maps, one per participant, or one 4D image with a volume for each")
      ->required();
  c.add_option("--design", a.design,
               "TSV with a row per map; a first column participant_id is matched with sub-<label> "
               "in the maps' paths (default: one column of ones, intercept)");
  c.add_option("--contrast", a.contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c.add_option("--f-contrast", a.f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
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

GroupInputs load_group_inputs(const GroupInputArguments& a, int n_threads) {
  if (a.zeros != "missing" && a.zeros != "value")
    fail(ErrorCode::usage, "--zeros is '{}'; it must be missing or value", a.zeros);
  GroupInputs inputs;
  Grid grid;
  const std::vector<EffectMap> maps = list_maps(a.effects, grid);
  for (const auto& map : maps) inputs.names.push_back(map.name);
  const auto n = Eigen::Index(maps.size());
  inputs.blocks = read_labels(a.blocks, "--blocks", maps);
  inputs.variance_groups = read_labels(a.variance_groups, "--variance-groups", maps);
  // A design without participants in it is taken to know what it is of.
  if (inputs.blocks.empty() && (a.design.empty() || is_id_column(read_table(a.design))))
    check_participants(maps);
  inputs.design = a.design.empty() ? one_sample_design(n)
                                   : read_group_design(a.design, maps, !inputs.blocks.empty());
  const auto check = [&] {
    check_group_design(inputs.design);
    return 0;
  };
  a.design.empty() ? check() : with_context(a.design, check);
  inputs.contrasts = read_contrasts(a, inputs.design);
  inputs.min_participants = a.min_participants == 0 ? n : a.min_participants;
  if (inputs.min_participants < 2 || inputs.min_participants > n)
    fail(ErrorCode::usage, "--min-participants is {}; it must be 2 to {}, the number of maps",
         a.min_participants, n);
  const bool zeros_are_values = a.zeros == "value";
  if (a.mask.empty()) {
    inputs.mask = common_mask(maps, grid, inputs.min_participants, zeros_are_values);
  } else {
    inputs.mask = read_mask(a.mask);
    require_same_grid(grid, a.effects[0], inputs.mask.grid, a.mask);
    inputs.mask.grid = grid;
  }
  read_values(a, maps, zeros_are_values, n_threads, inputs);
  add_files(a, n_threads, inputs.files);
  return inputs;
}

}  // namespace sociometer::cli
