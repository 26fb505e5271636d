#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/roi_making.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

std::string file_of(const Made& made) {
  return fmt::format("roi-{}_{}", file_label(made.known.region.name),
                     made.known.region.weighted() ? "probseg" : "mask");
}

void check_file_names(const std::vector<Made>& made) {
  std::map<std::string, std::string> taken;
  for (const auto& m : made)
    if (const auto [other, fresh] = taken.emplace(file_of(m), m.known.region.name); !fresh)
      fail(ErrorCode::bad_input,
           "the regions '{}' and '{}' would both be {}.nii.gz; rename one with --label NEW=OLD",
           other->second, m.known.region.name, other->first);
}

std::string table_of(const std::vector<Made>& made, const Grid& grid) {
  const double voxel_mm3 = std::abs(grid.world_from_voxel.topLeftCorner<3, 3>().determinant());
  std::vector<std::vector<std::string>> rows;
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
  return to_tsv({"name", "file", "kind", "role", "x", "y", "z", "radius_mm", "n_voxels",
                 "volume_mm3", "share_in_grid", "weighted", "source", "note"},
                rows);
}

Json table_json(const GridRule& rule) {
  Json json;
  json["Description"] = "Regions of interest, one row each";
  const auto column = [&](const char* name, const char* what) {
    json[name] = {{"Description", what}};
  };
  column("name", "Name of the region");
  column("file", "Its mask, or its weights (probseg), beside this table");
  column("kind", "How it was made");
  column("role", "What the built-in table expects of it: reward, rejection or control");
  column("x", "Centre, mm to the right");
  column("y", "Centre, mm to the front");
  column("z", "Centre, mm up");
  column("radius_mm", "Radius of a sphere");
  column("n_voxels", "Voxels whose centre lies in it");
  column("volume_mm3", "Their volume");
  column("share_in_grid", "Share of the shape that lies in the image, and within --within");
  column("weighted", "Whether its voxels have weights");
  column("source", "Where it comes from");
  column("note", "What must be known before it is used");
  json["Grid"] = {{"Image", rule.name}, {"Description", describe(rule.grid)}};
  add_orientation(json, rule.grid);
  json["SphereRule"] = "voxels whose centre is within the radius";
  json["Resampled"] =
      rule.resample ? "nearest voxel for labels and masks, linear for weights" : "no";
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

/// One label image of all regions, where no voxel is in two and none has weights.
void write_labels(const std::vector<Made>& made, const Grid& grid, OutputSet& outputs,
                  int n_threads) {
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
  MapWriter writer(outputs, "", mask, ScalarType::float32);
  writer.add("rois_dseg", values, made.size() < 256 ? ScalarType::uint8 : ScalarType::float32,
             Json{{"Description", "labels of the regions; names in rois_dseg.tsv"}});
  writer.flush(n_threads);
  outputs.write("rois_dseg.tsv", to_tsv({"index", "name"}, rows));
}

void write_masks(const std::vector<Made>& made, const Grid& grid, OutputSet& outputs,
                 int n_threads) {
  for (const auto& m : made) {
    const Region& region = m.known.region;
    const Mask mask{grid, region.voxels};
    Eigen::MatrixXd values = Eigen::MatrixXd::Ones(region.n_voxels(), 1);
    if (region.weighted())
      values.col(0) = Eigen::Map<const Eigen::VectorXd>(region.weights.data(), region.n_voxels());
    Json json{{"Description", "region of interest " + region.name},
              {"Kind", m.known.kind},
              {"Source", m.known.source}};
    if (!m.known.note.empty()) json["Note"] = m.known.note;
    if (m.centre_mm)
      json["Centre"] = std::vector<double>(m.centre_mm->data(), m.centre_mm->data() + 3);
    if (m.radius_mm > 0) json["Radius"] = m.radius_mm;
    json["Software"] = software_json();
    json["CommandLine"] = command_line();
    MapWriter writer(outputs, "", mask, ScalarType::float32);
    writer.add(file_of(m), values, region.weighted() ? ScalarType::float32 : ScalarType::uint8,
               json);
    writer.flush(n_threads);
  }
}

int run_make(const MakeArguments& a, const GlobalOptions& global) {
  if (a.radius_mm && a.sets.empty())
    fail(ErrorCode::usage, "--radius is for the regions of --set, and none is asked for");
  const GridRule rule = grid_rule(a);
  std::vector<std::string> lost;
  std::vector<Made> made = make_regions(a, rule, lost);
  keep_within(a, rule, made);
  std::vector<KnownRegion> known;
  for (const auto& m : made) known.push_back(m.known);
  check_regions(known, rule.name);
  check_file_names(made);
  warn_of_orientation(rule.grid);
  if (!a.sets.empty() && rule.grid.space_code == 1)
    warn(
        fmt::format("{} says that its world is that of the scanner; the built-in coordinates are "
                    "MNI's",
                    rule.name));
  OutputSet outputs(a.output, output_policy(global, "roi-make", ""));
  write_masks(made, rule.grid, outputs, global.threads());
  write_labels(made, rule.grid, outputs, global.threads());
  outputs.write("rois.tsv", table_of(made, rule.grid));
  Json json = table_json(rule);
  if (!lost.empty()) json["LabelsBeyondGrid"] = lost;
  outputs.write("rois.json", to_text(json));
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  write_configuration(outputs);
  outputs.commit();
  tell_written(a.output, "");
  for (const auto& m : made)
    if (m.share_in_grid < 1)
      warn(fmt::format("region {}: only {:.0f} % of it lies in {}", m.known.region.name,
                       100 * m.share_in_grid, a.within.empty() ? rule.name : a.within));
  for (const auto& note : region_notes(known)) info("note on " + note);
  return kDone;
}

}  // namespace

void add_roi_make_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand("make", "Masks of regions on the grid of an image, with a table");
  auto a = std::make_shared<MakeArguments>();
  c->add_option("--like", a->like, "Image whose grid the regions get");
  c->add_option(
      "--set", a->sets,
      "Built-in regions of the study: rejection, striatum, control, all, or names of them");
  c->add_option("--radius", a->radius_mm,
                "Radius of the built-in spheres, mm (default: the table's)");
  c->add_option("--sphere", a->spheres, "NAME=x,y,z,radius in mm");
  c->add_option("--box", a->boxes, "NAME=x,y,z,dx,dy,dz: centre and edges in mm");
  c->add_option("--atlas", a->atlas.atlas, "Image of whole-number labels");
  c->add_option("--labels", a->atlas.label_table,
                "Names of the atlas' labels: TSV with index and name, or one name a line");
  c->add_option("--label", a->atlas.labels_wanted,
                "Labels by number, name or glob; NAME=a+b joins several (default: all)");
  c->add_option("--threshold", a->thresholds, "NAME=IMAGE>NUMBER or NAME=IMAGE<NUMBER");
  c->add_option("--weights", a->weights,
                "NAME=IMAGE: every nonzero voxel with its value as weight");
  c->add_option("--mask", a->masks, "NAME=IMAGE: a mask that is there already");
  c->add_option("--union", a->unions, "NAME=a,b,.. of regions made here (or of a set)");
  c->add_option("--intersection", a->intersections, "NAME=a,b,..");
  c->add_option("--difference", a->differences, "NAME=a,b,..: a without b, ..");
  c->add_option("--within", a->within, "Mask to which all regions are cut");
  c->add_flag("--resample", a->atlas.resample,
              "Take images on another grid to that of --like (nearest for labels and masks, linear "
              "for weights and thresholds)");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi make --like maps/sub-01/sub-01_mask.nii.gz \\\n"
      "    --set rejection striatum --union rejectionRegions=dACC,vACC \\\n"
      "    ventralStriatum=ventralStriatumL,ventralStriatumR -o rois");
  c->callback([a, &global, &exit_code] { exit_code = run_make(*a, global); });
}

}  // namespace sociometer::cli
