#include "io/records/region_masks.hpp"

#include <cmath>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/records/described_table.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/region_records.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

const DescribedColumns kRegionColumns{
    {"name", "Name of the region"},
    {"file", "Its mask, or its weights (probseg), beside this table"},
    {"kind", "How it was made"},
    {"role", "What the built-in table expects of it: reward, rejection or control"},
    {"x", "Centre, mm to the right"},
    {"y", "Centre, mm to the front"},
    {"z", "Centre, mm up"},
    {"radius_mm", "Radius of a sphere"},
    {"n_voxels", "Voxels whose centre lies in it"},
    {"volume_mm3", "Their volume"},
    {"share_in_grid", "Share of the shape that lies in the image, and within --within"},
    {"weighted", "Whether its voxels have weights"},
    {"source", "Where it comes from"},
    {"note", "What must be known before it is used"}};

std::string file_of(const MadeRegion& made) {
  return fmt::format("roi-{}_{}", file_label(made.known.region.name),
                     made.known.region.weighted() ? "probseg" : "mask");
}

std::string regions_tsv(const std::vector<MadeRegion>& made, const Grid& grid) {
  const double voxel_mm3 = std::abs(grid.world_from_voxel.topLeftCorner<3, 3>().determinant());
  TableRows rows;
  const auto text = [](const std::string& s) { return s.empty() ? std::string("n/a") : s; };
  for (const auto& m : made) {
    const Region& region = m.known.region;
    std::vector<std::string> row{region.name, file_of(m) + ".nii.gz", m.known.kind,
                                 text(m.known.role)};
    for (Eigen::Index i = 0; i < 3; ++i)
      row.push_back(m.centre_mm ? format_number((*m.centre_mm)[i]) : "n/a");
    row.push_back(m.radius_mm > 0 ? format_number(m.radius_mm) : "n/a");
    row.push_back(fmt::format("{}", region.n_voxels()));
    row.push_back(fmt::format("{:.6g}", double(region.n_voxels()) * voxel_mm3));
    row.push_back(fmt::format("{:.4g}", m.share_in_grid));
    row.push_back(region.weighted() ? "yes" : "no");
    row.push_back(text(m.known.source));
    row.push_back(text(m.known.note));
    rows.push_back(row);
  }
  return table_text(kRegionColumns, rows);
}

Json table_json(const GridRule& rule, const std::vector<std::string>& lost,
                const Provenance& provenance) {
  RegionTableRecord record;
  record.description = "Regions of interest, one row each";
  record.grid = {rule.name, describe(rule.grid)};
  if (!rule.grid.orientation_note.empty()) record.orientation = rule.grid.orientation_note;
  record.sphere_rule = "voxels whose centre is within the radius";
  record.resampled =
      rule.resample ? "nearest voxel for labels and masks, linear for weights" : "no";
  if (!lost.empty()) record.lost = lost;
  Json json{{"Description", record.description}};
  append(json, dictionary_of(kRegionColumns));
  append(json, record_to_json(record));
  provenance.sign(json, RecordKind::regions);
  return json;
}

/// One label image of all regions, where no voxel is in two and none has weights.
void write_labels(const std::vector<MadeRegion>& made, const Grid& grid,
                  const Provenance& provenance, OutputSet& outputs, int n_threads) {
  std::map<uint32_t, int> label_of;
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < made.size(); ++i) {
    const Region& region = made[i].known.region;
    if (region.weighted()) return;
    rows.push_back({std::to_string(i + 1), region.name});
    for (uint32_t v : region.voxels)
      if (!label_of.insert({v, int(i) + 1}).second) return;
  }
  Mask mask{grid, {}};
  Eigen::MatrixXd values(Eigen::Index(label_of.size()), 1);
  for (const auto& [voxel, label] : label_of) {
    values(mask.n_voxels(), 0) = label;
    mask.voxels.push_back(voxel);
  }
  MapWriter writer(outputs, "", mask, ScalarType::float32, provenance, RecordKind::region_mask);
  writer.add("rois_dseg", values, made.size() < 256 ? ScalarType::uint8 : ScalarType::float32,
             record_to_json(RegionMaskRecord{
                 "labels of the regions; names in rois_dseg.tsv", {}, {}, {}, {}, {}, {}}));
  writer.flush(n_threads);
  outputs.write("rois_dseg.tsv", to_tsv({"index", "name"}, rows));
}

void write_masks(const std::vector<MadeRegion>& made, const Grid& grid,
                 const Provenance& provenance, OutputSet& outputs, int n_threads) {
  for (const auto& m : made) {
    const Region& region = m.known.region;
    const Mask mask{grid, region.voxels};
    Eigen::MatrixXd values = Eigen::MatrixXd::Ones(region.n_voxels(), 1);
    if (region.weighted())
      values.col(0) = Eigen::Map<const Eigen::VectorXd>(region.weights.data(), region.n_voxels());
    RegionMaskRecord record;
    record.description = "region of interest " + region.name;
    record.kind = m.known.kind;
    record.source = m.known.source;
    if (!m.known.note.empty()) record.note = m.known.note;
    if (m.centre_mm) record.centre_mm = {m.centre_mm->x(), m.centre_mm->y(), m.centre_mm->z()};
    if (m.radius_mm > 0) record.radius_mm = m.radius_mm;
    MapWriter writer(outputs, "", mask, ScalarType::float32, provenance, RecordKind::region_mask);
    writer.add(file_of(m), values, region.weighted() ? ScalarType::float32 : ScalarType::uint8,
               record_to_json(record));
    writer.flush(n_threads);
  }
}

}  // namespace

void check_file_names(const std::vector<MadeRegion>& made) {
  std::map<std::string, std::string> taken;
  for (const auto& m : made) {
    check_output_name(file_of(m) + ".nii.gz");
    if (const auto [other, fresh] = taken.emplace(file_of(m), m.known.region.name); !fresh)
      fail(ErrorCode::bad_input,
           "the regions '{}' and '{}' would both be {}.nii.gz; rename one with --label NEW=OLD",
           other->second, m.known.region.name, other->first);
  }
}

void write_region_masks(const std::vector<MadeRegion>& made, const GridRule& rule,
                        const std::vector<std::string>& lost, const Provenance& provenance,
                        OutputSet& outputs, int n_threads) {
  write_masks(made, rule.grid, provenance, outputs, n_threads);
  write_labels(made, rule.grid, provenance, outputs, n_threads);
  outputs.write("rois.tsv", regions_tsv(made, rule.grid));
  outputs.write("rois.json", to_text(table_json(rule, lost, provenance)));
  write_dataset_description(outputs);
}

}  // namespace sociometer
