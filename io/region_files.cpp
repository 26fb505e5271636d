#include "io/region_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "io/table.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// Different nonzero values of an image, as far as two tell what it is.
struct Values {
  std::set<double> distinct;  ///< up to kEnough
  bool whole = true;
};
constexpr size_t kEnough = 3;

Values values_of(const std::vector<double>& values) {
  Values found;
  for (double v : values) {
    if (!std::isfinite(v) || v == 0) continue;
    if (found.distinct.size() < kEnough) found.distinct.insert(v);
    if (v != std::floor(v)) found.whole = false;
  }
  return found;
}

/// The labels that a word means: a number, a name, or a glob over names.
std::vector<int> labels_meant(const std::string& word, const std::vector<LabelTable::Entry>& known,
                              const std::string& atlas) {
  std::vector<int> found;
  for (const auto& entry : known)
    if (word == entry.name || word == std::to_string(entry.index) ||
        ::fnmatch(word.c_str(), entry.name.c_str(), 0) == 0)
      found.push_back(entry.index);
  if (found.empty()) {
    std::vector<std::string> names;
    constexpr size_t kShown = 12;
    for (size_t i = 0; i < std::min(known.size(), kShown); ++i)
      names.push_back(fmt::format("{} ({})", known[i].index, known[i].name));
    fail(ErrorCode::bad_input, "{} has no label '{}'; it has {}{}", atlas, word,
         fmt::join(names, ", "), known.size() > kShown ? ", .." : "");
  }
  return found;
}

/// A column of a table, or "" without it.
std::string cell(const Table& table, size_t row, const char* column) {
  const int at = table.find(column);
  if (at < 0) return "";
  const std::string& text = table.rows[row][size_t(at)];
  return is_missing(text) ? "" : text;
}

}  // namespace

std::vector<double> read_values_on(const std::string& path, const GridRule& rule,
                                   Interpolation interpolation) {
  const Image image = read_nifti(path);
  if (image.header.n_volumes != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a region needs an image with one", path,
         image.header.n_volumes);
  const std::span<const double> values(image.values.data(), size_t(image.values.size()));
  const Grid& grid = image.header.grid;
  if (same_grid(grid, rule.grid)) return {values.begin(), values.end()};
  if (!rule.resample)
    fail(ErrorCode::shape_mismatch,
         "the grid of {} ({}) differs from that of {} ({}); --resample takes it to that grid "
         "(nearest voxel for labels and masks, linear for weights)",
         path, describe(grid), rule.name, describe(rule.grid));
  return resample(grid, values, rule.grid, interpolation);
}

KnownRegion read_mask_region(const std::string& name, const std::string& path, const GridRule& rule,
                             bool known_weights) {
  const Image image = read_nifti(path);
  const std::vector<double> original(image.values.data(),
                                     image.values.data() + image.values.size());
  const Values kinds = values_of(original);
  if (kinds.distinct.empty())
    fail(ErrorCode::bad_input, "{} is empty: it has no voxel that is finite and not zero", path);
  const bool plain = kinds.distinct.size() == 1 && !known_weights;
  if (!plain && kinds.whole && !known_weights)
    fail(ErrorCode::bad_input,
         "{} holds several whole numbers ({}, ..) as an atlas does; give it with --atlas, and the "
         "labels wanted with --label",
         path, fmt::join(kinds.distinct, ", "));
  const auto values =
      read_values_on(path, rule, plain ? Interpolation::nearest : Interpolation::linear);
  KnownRegion out;
  out.region =
      plain ? region_where(values, [](double v) { return v != 0; }) : weighted_region(values);
  out.region.name = name;
  out.kind = plain ? "mask" : "weights";
  out.source = path;
  return out;
}

std::vector<KnownRegion> read_region_table(const std::string& path, const GridRule& rule) {
  const Table table = read_table(path);
  for (const char* needed : {"name", "file"})
    if (table.find(needed) < 0)
      fail(ErrorCode::bad_input,
           "{} has no column '{}'; a table of regions has name and file (as `roi make` writes it)",
           path, needed);
  std::vector<KnownRegion> regions;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const std::string file = cell(table, row, "file");
    const fs::path full =
        fs::path(file).is_absolute() ? fs::path(file) : fs::path(path).parent_path() / file;
    KnownRegion region = read_mask_region(cell(table, row, "name"), full.string(), rule,
                                          cell(table, row, "weighted") == "yes");
    if (const auto kind = cell(table, row, "kind"); !kind.empty()) region.kind = kind;
    region.role = cell(table, row, "role");
    if (const auto source = cell(table, row, "source"); !source.empty()) region.source = source;
    region.note = cell(table, row, "note");
    regions.push_back(std::move(region));
  }
  if (regions.empty()) fail(ErrorCode::bad_input, "{} names no region", path);
  return regions;
}

std::vector<KnownRegion> read_atlas_regions(const std::string& path,
                                            const std::optional<LabelTable>& table,
                                            const std::vector<std::string>& wanted,
                                            const GridRule& rule) {
  // Checked before resampling: nearest-voxel values of weights would be weights again, but the
  // message should name a voxel of the file.
  {
    const Image image = read_nifti(path);
    require_labels(image.header.grid, {image.values.data(), size_t(image.values.size())}, path);
  }
  const std::vector<double> values = read_values_on(path, rule, Interpolation::nearest);
  std::map<int, Region> by_label;
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] != 0) by_label[int(values[i])].voxels.push_back(uint32_t(i));
  if (by_label.empty()) fail(ErrorCode::bad_input, "{} is empty: every voxel is 0", path);
  std::vector<LabelTable::Entry> known;
  for (const auto& [label, region] : by_label)
    known.push_back({label, table ? table->name_of(label) : fmt::format("label{}", label)});
  std::vector<KnownRegion> regions;
  const auto take = [&](const std::string& name, const std::vector<int>& labels) {
    KnownRegion region{{}, "label", "", path, ""};
    for (int label : labels) region.region = union_of(region.region, by_label.at(label));
    region.region.name = name;
    regions.push_back(std::move(region));
  };
  if (wanted.empty())
    for (const auto& entry : known) take(entry.name, {entry.index});
  for (const auto& word : wanted) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      for (int label : labels_meant(word, known, path)) {
        const auto entry = std::find_if(known.begin(), known.end(),
                                        [&](const auto& e) { return e.index == label; });
        take(entry->name, {label});
      }
      continue;
    }
    std::vector<int> labels;
    for (const auto& part : split_list(word.substr(equals + 1), '+'))
      for (int label : labels_meant(part, known, path)) labels.push_back(label);
    take(word.substr(0, equals), labels);
  }
  return regions;
}

void check_regions(const std::vector<KnownRegion>& regions, const std::string& grid_name) {
  std::map<std::string, const KnownRegion*> seen;
  for (const auto& known : regions) {
    const std::string& name = known.region.name;
    if (name.empty() || name[0] == '.' || name.find_first_of("/\\ \t\n=,") != std::string::npos)
      fail(ErrorCode::usage,
           "'{}' cannot name a region: names become parts of file names, so no blanks, commas, "
           "slashes or '='",
           name);
    const auto [at, is_new] = seen.insert({name, &known});
    if (!is_new)
      fail(
          ErrorCode::bad_input,
          "the region name '{}' occurs twice ({} from {}, {} from {}); give each a name of its own",
          name, at->second->kind, at->second->source, known.kind, known.source);
    if (known.region.voxels.empty())
      fail(ErrorCode::bad_input,
           "region {} ({} from {}) is empty: it holds no voxel of {}; is it in the same space?",
           name, known.kind, known.source, grid_name);
  }
}

}  // namespace sociometer
