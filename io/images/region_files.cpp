#include "io/images/region_files.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

/// Distinct nonzero values of an image, as many as needed to determine its kind.
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

/// The labels matching a word: a number, a name, or a glob over names.
std::vector<LabelTable::Entry> labels_meant(const std::string& word,
                                            const std::vector<LabelTable::Entry>& known,
                                            const std::string& atlas) {
  std::vector<LabelTable::Entry> found;
  for (const auto& entry : known)
    if (word == entry.name || word == std::to_string(entry.index) ||
        ::fnmatch(word.c_str(), entry.name.c_str(), 0) == 0)
      found.push_back(entry);
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

/// The union of many regions. Pair by pair it would take as many passes as there are regions.
Region union_of_all(const std::vector<const Region*>& parts) {
  std::vector<Region> merged;
  for (const Region* part : parts) merged.push_back(*part);
  while (merged.size() > 1) {
    std::vector<Region> half;
    for (size_t i = 0; i < merged.size(); i += 2)
      half.push_back(i + 1 < merged.size() ? union_of(merged[i], merged[i + 1])
                                           : std::move(merged[i]));
    merged = std::move(half);
  }
  Region all = merged.empty() ? Region{} : std::move(merged.front());
  all.outside = 0;  // summed in order: the rounding does not depend on the pairs
  for (const Region* part : parts) all.outside += part->outside;
  return all;
}

/// A cell of a table, or "" if the column is absent or the value missing.
std::string cell(const Table& table, size_t row, const char* column) {
  const int at = table.find(column);
  if (at < 0) return "";
  const std::string& text = table.rows[row][size_t(at)];
  return is_missing(text) ? "" : text;
}

Table table_of_regions(const std::string& path) {
  Table table = read_table(path);
  for (const char* needed : {"name", "file"})
    if (table.find(needed) < 0)
      fail(ErrorCode::bad_input,
           "{} has no column '{}'; a table of regions has name and file (as `roi make` writes it)",
           path, needed);
  return table;
}

/// The image of a row: relative to the table's folder.
std::string mask_in_row(const Table& table, size_t row) {
  const fs::path file = cell(table, row, "file");
  return (file.is_absolute() ? file : fs::path(table.path).parent_path() / file).string();
}

/// A mask that was replaced since `roi make` counted its voxels is not what the table describes.
std::string doubt_of(const Table& table, size_t row, const KnownRegion& region,
                     const GridRule& rule) {
  const int column = table.find("n_voxels");
  if (column < 0 || rule.resample) return "";
  const double said = number_in(table, row, column);
  const auto n = double(region.region.n_voxels());
  if (!std::isfinite(said) || said == n) return "";
  return fmt::format("{} has {:g} voxels of region {}, {} says {:g}: was the mask replaced?",
                     region.source, n, region.region.name, table.path, said);
}

std::map<int, Region> regions_by_label(std::span<const double> values) {
  std::map<int, Region> out;
  for (size_t i = 0; i < values.size(); ++i)
    if (const auto label = sociometer::label_of(values[i]); label && *label != 0)
      out[*label].voxels.push_back(uint32_t(i));
  return out;
}

}  // namespace

std::vector<double> read_values_on(const std::string& path, const GridRule& rule,
                                   Interpolation interpolation) {
  return values_on(read_nifti(path), rule, interpolation);
}

std::vector<double> values_on(const Image& image, const GridRule& rule,
                              Interpolation interpolation) {
  const std::string& path = image.header.path;
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
      values_on(image, rule, plain ? Interpolation::nearest : Interpolation::linear);
  const auto region_in = [plain](std::span<const double> v) {
    return plain ? region_where(v, [](double x) { return x != 0; }) : weighted_region(v);
  };
  KnownRegion out;
  out.region = region_in(values);
  if (!same_grid(image.header.grid, rule.grid))
    out.region.outside = size_beyond(image.header.grid, region_in(original), rule.grid);
  out.region.name = name;
  out.kind = plain ? "mask" : "weights";
  out.source = path;
  out.files = {image.file};
  return out;
}

bool is_region_table(const std::string& path) {
  return path.ends_with(".tsv") || path.ends_with(".csv");
}

std::vector<std::string> files_in_region_table(const std::string& path) {
  const Table table = table_of_regions(path);
  std::vector<std::string> files;
  for (size_t row = 0; row < table.rows.size(); ++row) files.push_back(mask_in_row(table, row));
  return files;
}

std::vector<KnownRegion> read_region_table(const std::string& path, const GridRule& rule) {
  const Table table = table_of_regions(path);
  std::vector<KnownRegion> regions;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    KnownRegion region = read_mask_region(cell(table, row, "name"), mask_in_row(table, row), rule,
                                          cell(table, row, "weighted") == "yes");
    // Voxels that `roi make` cropped at the edge of the grid still count as part of the region.
    if (const int column = table.find("share_in_grid"); column >= 0) {
      const double share = number_in(table, row, column);
      if (share > 0 && share < 1) region.region.outside += region.region.size() * (1 / share - 1);
    }
    region.doubt = doubt_of(table, row, region, rule);
    if (const auto kind = cell(table, row, "kind"); !kind.empty()) region.kind = kind;
    region.role = cell(table, row, "role");
    if (const auto source = cell(table, row, "source"); !source.empty()) region.source = source;
    region.note = cell(table, row, "note");
    region.files.push_back(table.file());
    regions.push_back(std::move(region));
  }
  if (regions.empty()) fail(ErrorCode::bad_input, "{} names no region", path);
  return regions;
}

std::vector<KnownRegion> read_atlas_regions(const std::string& path,
                                            const std::optional<LabelTable>& table,
                                            const std::vector<std::string>& wanted,
                                            const GridRule& rule, std::vector<std::string>& lost) {
  const Image image = read_nifti(path);
  const std::span<const double> original(image.values.data(), size_t(image.values.size()));
  // Checked before resampling: nearest-neighbour values of weights would be weights again, but the
  // message should name a voxel of the file.
  const std::vector<int> present = require_labels(image.header.grid, original, path);
  if (present.empty()) fail(ErrorCode::bad_input, "{} is empty: every voxel is 0", path);
  if (table) require_names_fit(*table, present, path);
  std::map<int, Region> by_label = regions_by_label(values_on(image, rule, Interpolation::nearest));
  if (!same_grid(image.header.grid, rule.grid))
    for (const auto& [label, whole] : regions_by_label(original))
      by_label[label].outside = size_beyond(image.header.grid, whole, rule.grid);
  std::vector<LabelTable::Entry> known;
  for (const int label : present)
    known.push_back({label, table ? table->name_of(label) : fmt::format("label{}", label)});
  for (const auto& entry : known)
    if (by_label[entry.index].voxels.empty()) lost.push_back(entry.name);
  std::vector<KnownRegion> regions;
  const auto take = [&](const std::string& name, const std::vector<int>& labels) {
    KnownRegion region{{}, "label", "", path, "", {image.file}};
    if (table) region.files.push_back({table->path, table->checksum});
    std::vector<const Region*> parts;
    for (int label : labels) parts.push_back(&by_label.at(label));
    region.region = union_of_all(parts);
    region.region.name = name;
    if (region.region.voxels.empty())
      fail(ErrorCode::bad_input,
           "label {} of {} has no voxel on the grid of {} ({}): it lies beyond it, or is too small "
           "for its voxels",
           name, path, rule.name, describe(rule.grid));
    regions.push_back(std::move(region));
  };
  if (wanted.empty())
    for (const auto& entry : known)
      if (!by_label.at(entry.index).voxels.empty()) take(entry.name, {entry.index});
  if (wanted.empty() && regions.empty())
    fail(ErrorCode::bad_input,
         "no label of {} has a voxel on the grid of {} ({}); is it in the same "
         "space?",
         path, rule.name, describe(rule.grid));
  std::vector<std::string> names;
  for (const auto& entry : known) names.push_back(entry.name);
  for (const auto& word : wanted) {
    const bool is_name =
        std::any_of(known.begin(), known.end(), [&](const auto& e) { return e.name == word; });
    const size_t equals = is_name ? std::string::npos : word.find('=');
    if (equals == std::string::npos) {
      for (const auto& entry : labels_meant(word, known, path)) take(entry.name, {entry.index});
      continue;
    }
    std::vector<int> labels;
    for (const auto& part : split_names(word.substr(equals + 1), '+', names))
      for (const auto& entry : labels_meant(part, known, path)) labels.push_back(entry.index);
    take(word.substr(0, equals), labels);
  }
  return regions;
}

std::vector<InputFile> files_of(const std::vector<KnownRegion>& regions) {
  std::vector<InputFile> files;
  std::set<std::string> seen;
  for (const auto& region : regions)
    for (const auto& file : region.files)
      if (seen.insert(file.path).second) files.push_back(file);
  return files;
}

std::string file_label(const std::string& name) {
  std::string out;
  bool large = false;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    // Non-ASCII letters are kept: file systems support them, and some names would become empty.
    if (std::isalnum(u) != 0 || u >= 0x80 || c == '_' || c == '-' || c == '+') {
      out += large ? char(std::toupper(u)) : c;
      large = false;
    } else {
      large = !out.empty();
    }
  }
  return out;
}

std::vector<std::string> split_names(const std::string& text, char separator,
                                     const std::vector<std::string>& known) {
  const std::set<std::string> all(known.begin(), known.end());
  const auto is_known = [&](const std::string& word) { return all.contains(word); };
  std::vector<std::string> out;
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find(separator, at), text.size());
    for (size_t longer = end; longer < text.size();) {
      longer = std::min(text.find(separator, longer + 1), text.size());
      if (is_known(unpadded(text.substr(at, longer - at)))) end = longer;
    }
    out.push_back(unpadded(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

void check_regions(const std::vector<KnownRegion>& regions, const std::string& grid_name) {
  std::map<std::string, const KnownRegion*> seen;
  for (const auto& known : regions) {
    const std::string& name = known.region.name;
    if (file_label(name).empty() || !control_character_in(name).empty())
      fail(ErrorCode::usage,
           "'{}' cannot name a region: a name has letters or digits, and no tabs or other control "
           "characters",
           name);
    // Spreadsheets would run a cell of a table of values that begins like this.
    if (name.find_first_of("=+-@") == 0)
      fail(ErrorCode::usage,
           "'{}' cannot name a region: it begins with '{}', which spreadsheets take for a formula; "
           "rename it",
           name, name[0]);
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
