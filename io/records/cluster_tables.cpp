#include "io/records/cluster_tables.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/images/image_stem.hpp"
#include "io/images/region_files.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

/// Number of largest labels listed in a cluster's cell.
constexpr size_t kShares = 4;

std::string label_name(const AtlasAtMask& atlas, int label) {
  if (label == 0) return "none";
  return atlas.names.entries.empty() ? std::to_string(label) : atlas.names.name_of(label);
}

/// "Accumbens 61.5 %; none 38.5 %", in descending order.
std::string shares_of(const AtlasAtMask& atlas, const Cluster& cluster) {
  std::map<int, size_t> counts;
  for (const uint32_t voxel : cluster.voxels) ++counts[atlas.label[voxel]];
  std::vector<std::pair<int, size_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min(kShares, order.size()); ++i)
    words.push_back(fmt::format("{} {:.1f} %", label_name(atlas, order[i].first),
                                100.0 * double(order[i].second) / double(cluster.voxels.size())));
  return fmt::format("{}", fmt::join(words, "; "));
}

/// 1, 1a, 1b, ..
std::string peak_id(size_t cluster, size_t peak) {
  return std::to_string(cluster + 1) +
         (peak == 0 ? "" : std::string(1, char('a' + (peak - 1) % 26)));
}

std::vector<std::string> column_names(const std::vector<PeakColumn>& more,
                                      const std::vector<AtlasAtMask>& atlases) {
  std::vector<std::string> names = {"cluster_id", "x_mm",          "y_mm",      "z_mm", "statistic",
                                    "z_value",    "p_uncorrected", "p_fwe_rft", "q_fdr"};
  for (const PeakColumn& column : more) names.push_back(column.name);
  for (const char* name :
       {"voxels", "size_mm3", "mass", "p_cluster_uncorrected", "p_cluster_fwe_rft",
        "true_discovery_proportion", "centre_x_mm", "centre_y_mm", "centre_z_mm"})
    names.emplace_back(name);
  for (const AtlasAtMask& atlas : atlases) {
    names.push_back("label_" + atlas.name);
    names.push_back("share_" + atlas.name);
  }
  return names;
}

std::vector<std::string> cluster_cells(const ClusterReport& c, double voxel_mm3) {
  const Cluster& cluster = c.cluster;
  std::vector<std::string> cells = {std::to_string(cluster.voxels.size()),
                                    format_number(double(cluster.voxels.size()) * voxel_mm3)};
  for (const double value :
       {cluster.mass, c.p_uncorrected, c.p_rft, c.true_discovery, cluster.centre_of_gravity_mm[0],
        cluster.centre_of_gravity_mm[1], cluster.centre_of_gravity_mm[2]})
    cells.push_back(std::isnan(value) ? "n/a" : format_number(value));
  return cells;
}

}  // namespace

AtlasAtMask read_atlas_at(const std::string& path, const std::string& labels_path, const Mask& mask,
                          const std::string& mask_name) {
  AtlasAtMask atlas{path, labels_path, image_stem(path), {}, {}};
  if (!labels_path.empty()) atlas.names = read_label_table(labels_path);
  Image image = read_nifti(path);
  atlas.file = image.file;
  atlas.resampled = !same_grid(image.header.grid, mask.grid);
  const std::vector<double> values =
      values_on(image, {mask.grid, mask_name, true}, Interpolation::nearest);
  image.values = image.values.unaryExpr([](double v) { return std::isfinite(v) ? v : 0.0; });
  const std::vector<int> labels =
      require_labels(image.header.grid, {image.values.data(), size_t(image.values.rows())}, path);
  if (!labels_path.empty()) require_names_fit(atlas.names, labels, path);
  bool any = false;
  for (const uint32_t voxel : mask.voxels) {
    atlas.label.push_back(label_of(values[voxel]).value_or(0));
    any |= atlas.label.back() != 0;
  }
  if (!any)
    fail(ErrorCode::bad_input,
         "{} has no label inside the mask; is it in the same space as the maps?", path);
  return atlas;
}

std::string cluster_table_tsv(const Mask& mask, const MapReport& report,
                              const std::vector<PeakColumn>& more,
                              const std::vector<AtlasAtMask>& atlases) {
  const double voxel_mm3 = std::abs(mask.grid.world_from_voxel.topLeftCorner<3, 3>().determinant());
  const auto number = [](double value) {
    return std::isnan(value) ? std::string("n/a") : format_number(value);
  };
  const std::vector<std::string> names = column_names(more, atlases);
  std::vector<std::vector<std::string>> rows;
  for (size_t c = 0; c < report.clusters.size(); ++c) {
    const ClusterReport& one = report.clusters[c];
    for (size_t k = 0; k < one.peaks.size(); ++k) {
      const PeakReport& peak = one.peaks[k];
      const Eigen::Vector3d at = mask.grid.world(mask.voxels[peak.voxel]);
      std::vector<std::string> row = {peak_id(c, k)};
      for (const double value :
           {at[0], at[1], at[2], peak.statistic, peak.z, peak.p, peak.p_rft, peak.q_fdr})
        row.push_back(number(value));
      for (const PeakColumn& column : more)
        row.push_back(k > 0 && column.of_cluster ? "n/a" : number(column.values[peak.voxel]));
      std::vector<std::string> own = cluster_cells(one, voxel_mm3);
      if (k > 0) std::fill(own.begin(), own.end(), "n/a");
      row.insert(row.end(), own.begin(), own.end());
      for (const AtlasAtMask& atlas : atlases) {
        row.push_back(label_name(atlas, atlas.label[peak.voxel]));
        row.push_back(k == 0 ? shares_of(atlas, one.cluster) : "n/a");
      }
      rows.push_back(std::move(row));
    }
  }
  return to_tsv(names, rows);
}

OrNull<RandomFieldRecord> random_field_record(const MapReport& report,
                                              const std::string& smoothness_from,
                                              const std::string& cluster_volume) {
  if (!report.field) return {};
  const Smoothness& smoothness = *report.smoothness;
  RandomFieldRecord field;
  for (size_t k = 0; k < 3; ++k) {
    field.fwhm_mm[k] = smoothness.fwhm_mm[Eigen::Index(k)];
    field.fwhm_voxels[k] = smoothness.fwhm_voxels[Eigen::Index(k)];
  }
  field.smoothness_from = smoothness_from;
  field.voxels_per_resel = smoothness.resel_voxels();
  field.resels = report.field->resels;
  field.cluster_volume = cluster_volume;
  field.peak_threshold = report.peak_threshold;
  field.cluster_voxels = report.cluster_voxels;
  return {field};
}

std::vector<AtlasRecord> atlas_records(const std::vector<AtlasAtMask>& atlases) {
  std::vector<AtlasRecord> records;
  for (const AtlasAtMask& atlas : atlases)
    records.push_back({atlas.path, atlas.labels_path, atlas.resampled});
  return records;
}

const char* word_of(RandomField::Kind kind) {
  return kind == RandomField::Kind::t ? "t" : kind == RandomField::Kind::f ? "F" : "z";
}

ByName<std::string> cluster_table_columns(const std::vector<PeakColumn>& more,
                                          const std::vector<AtlasAtMask>& atlases) {
  ByName<std::string> columns;
  const auto add = [&](const std::string& name, const std::string& meaning) {
    columns.emplace_back(name, meaning);
  };
  add("cluster_id", "number of the cluster, with a letter for its sub-peaks");
  add("x_mm, y_mm, z_mm", "place of the peak in the world of the images");
  add("statistic", "tested statistic at the peak");
  add("z_value", "z with the same one-sided p");
  add("p_uncorrected", "p of the peak's voxel, one- or two-sided as tested");
  add("p_fwe_rft",
      "p of the peak corrected over the map: random fields or Bonferroni, the smaller");
  add("q_fdr", "Benjamini-Hochberg-adjusted p of the peak's voxel");
  for (const PeakColumn& column : more) add(column.name, column.description);
  add("voxels, size_mm3", "size of the cluster");
  add("mass", "sum over the cluster of statistic minus threshold");
  add("p_cluster_uncorrected", "p of the cluster's size, random fields");
  add("p_cluster_fwe_rft", "p of the cluster's size corrected over the map, random fields");
  add("true_discovery_proportion",
      "least share of truly active voxels, simultaneously over all clusters (ARI)");
  add("centre_x_mm, centre_y_mm, centre_z_mm", "mean place weighted by the statistic");
  for (const AtlasAtMask& atlas : atlases) {
    add("label_" + atlas.name, "label at the peak in " + atlas.path);
    add("share_" + atlas.name, "share of the cluster's voxels by label in " + atlas.path);
  }
  return columns;
}

}  // namespace sociometer
