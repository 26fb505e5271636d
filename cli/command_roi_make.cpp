#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/log.hpp"
#include "cli/map_writer.hpp"
#include "cli/roi_inputs.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/study_regions.hpp"
#include "io/byte_stream.hpp"
#include "io/table.hpp"

namespace sociometer::cli {
namespace {

struct MakeArguments {
  std::string like, within, output;
  std::vector<std::string> spheres, boxes, thresholds, weights, masks, sets, unions, intersections,
      differences;
  RegionArguments atlas;
  std::optional<double> radius_mm;
};

/// A region and what its table row says beside.
struct Made {
  KnownRegion known;
  std::optional<Eigen::Vector3d> centre_mm;
  double radius_mm = 0;
  double share_in_grid = 1;  ///< of the sphere's or box's voxels
};

/// The grid continued by whole voxels on all sides.
Grid padded(const Grid& grid, double by_mm) {
  Grid out = grid;
  const Eigen::Vector3d mm = grid.voxel_size_mm();
  Eigen::Vector4d first(0, 0, 0, 1);
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto n = Eigen::Index(std::ceil(by_mm / mm[Eigen::Index(axis)])) + 1;
    out.size[axis] += 2 * n;
    first[Eigen::Index(axis)] = -double(n);
  }
  out.world_from_voxel.col(3) = grid.world_from_voxel * first;
  return out;
}

double share_of(Eigen::Index inside, Eigen::Index all) {
  return all > 0 ? double(inside) / double(all) : 1.0;
}

Made sphere(const std::string& name, const Eigen::Vector3d& centre, double radius,
            const Grid& grid) {
  if (!(radius > 0))
    fail(ErrorCode::usage, "region {}: the radius is {} mm; it must be positive", name, radius);
  Made made;
  made.known = {sphere_region(grid, centre, radius), "sphere", "", "coordinates given", ""};
  made.known.region.name = name;
  made.centre_mm = centre;
  made.radius_mm = radius;
  made.share_in_grid = share_of(made.known.region.n_voxels(),
                                sphere_region(padded(grid, radius), centre, radius).n_voxels());
  return made;
}

Made box(const std::string& text, const Grid& grid) {
  const auto [name, n] = named_numbers(text, 6, "NAME=x,y,z,dx,dy,dz (centre and edges in mm)");
  const Eigen::Vector3d centre(n[0], n[1], n[2]), edges(n[3], n[4], n[5]);
  if (!(edges.minCoeff() > 0))
    fail(ErrorCode::usage, "region {}: an edge is {} mm; it must be positive", name,
         edges.minCoeff());
  Made made;
  made.known = {box_region(grid, centre, edges), "box", "",
                fmt::format("edges {} x {} x {} mm", n[3], n[4], n[5]), ""};
  made.known.region.name = name;
  made.centre_mm = centre;
  made.share_in_grid =
      share_of(made.known.region.n_voxels(),
               box_region(padded(grid, edges.maxCoeff() / 2), centre, edges).n_voxels());
  return made;
}

Made threshold(const std::string& text, const GridRule& rule) {
  const std::string form = "NAME=IMAGE>NUMBER or NAME=IMAGE<NUMBER";
  const auto [name, rest] = split_name(text, form);
  const size_t sign = rest.find_last_of("<>");
  if (sign == std::string::npos || sign == 0)
    fail(ErrorCode::usage, "'{}' is not of the form {}", text, form);
  const double limit = named_numbers("x=" + rest.substr(sign + 1), 1, form).second[0];
  const bool above = rest[sign] == '>';
  const std::string path = rest.substr(0, sign);
  const auto values = read_values_on(path, rule, Interpolation::linear);
  Made made;
  made.known = {region_where(values, [&](double v) { return above ? v > limit : v < limit; }),
                "threshold", "", rest, ""};
  made.known.region.name = name;
  return made;
}

Made weights(const std::string& text, const GridRule& rule) {
  const auto [name, path] = split_name(text, "NAME=IMAGE");
  Made made;
  made.known = {weighted_region(read_values_on(path, rule, Interpolation::linear)), "weights", "",
                path, ""};
  made.known.region.name = name;
  return made;
}

std::string note_of(const StudyRegion& region, bool radius_given) {
  std::string note;
  if (region.centre_known != Knowledge::stated)
    note += fmt::format("coordinates {}; ", to_string(region.centre_known));
  if (region.radius_known != Knowledge::stated && !radius_given)
    note += fmt::format("radius {}; ", to_string(region.radius_known));
  note += region.note;
  while (note.ends_with(' ') || note.ends_with(';')) note.pop_back();
  return note;
}

bool in_set(const StudyRegion& region, const std::string& set) {
  return set == "all" || set == to_string(region.role) ||
         (set == "striatum" && region.role == RegionRole::reward);
}

void add_sets(const MakeArguments& a, const Grid& grid, std::vector<Made>& made) {
  for (const auto& set : a.sets) {
    bool found = false;
    for (const auto& region : study_regions()) {
      if (!in_set(region, set) && region.name != set) continue;
      found = true;
      const bool there = std::any_of(made.begin(), made.end(), [&](const Made& m) {
        return m.known.region.name == region.name;
      });
      if (there) continue;  // sets overlap: all holds rejection
      Made one =
          sphere(region.name, region.centre_mm, a.radius_mm.value_or(region.radius_mm), grid);
      one.known.role = to_string(region.role);
      one.known.source = region.source;
      one.known.note = note_of(region, a.radius_mm.has_value());
      made.push_back(std::move(one));
    }
    if (!found)
      fail(
          ErrorCode::usage,
          "--set does not know '{}'; known: rejection, striatum, reward, control, all, or a region "
          "of the built-in table",
          set);
  }
}

/// Names that an operand means: a region, or the built-in regions of a set.
std::vector<std::string> operands(const std::string& list, const std::vector<Made>& made) {
  std::vector<std::string> names;
  for (const auto& word : split_list(list)) {
    const bool is_region = std::any_of(made.begin(), made.end(),
                                       [&](const Made& m) { return m.known.region.name == word; });
    size_t before = names.size();
    if (!is_region)
      for (const auto& region : study_regions())
        if (in_set(region, word)) names.push_back(region.name);
    if (names.size() == before) names.push_back(word);
  }
  return names;
}

using SetOperation = Region (*)(const Region&, const Region&);

/// A combination that waits until its operands are there.
struct Combination {
  std::string name, list, kind;
  SetOperation operation;
};

std::vector<Combination> combinations_of(const MakeArguments& a) {
  std::vector<Combination> all;
  const auto add = [&](const std::vector<std::string>& texts, const char* kind,
                       SetOperation operation) {
    for (const auto& text : texts) {
      const auto [name, list] = split_name(text, "NAME=a,b,..");
      all.push_back({name, list, kind, operation});
    }
  };
  add(a.unions, "union", union_of);
  add(a.intersections, "intersection", intersection_of);
  add(a.differences, "difference", difference_of);
  return all;
}

void append_note(std::string& notes, const std::string& more) {
  if (!more.empty() && notes.find(more) == std::string::npos)
    notes += (notes.empty() ? "" : "; ") + more;
}

std::optional<Made> combined(const Combination& c, const std::vector<Made>& made) {
  Made out;
  out.known.kind = c.kind;
  out.known.source = c.list;
  bool first = true;
  for (const auto& name : operands(c.list, made)) {
    const auto part = std::find_if(made.begin(), made.end(),
                                   [&](const Made& m) { return m.known.region.name == name; });
    if (part == made.end()) return std::nullopt;
    const Region& region = part->known.region;
    out.known.region = first ? region : c.operation(out.known.region, region);
    if (first) out.known.role = part->known.role;
    if (out.known.role != part->known.role) out.known.role = "";
    append_note(out.known.note, part->known.note);
    first = false;
  }
  out.known.region.name = c.name;
  return out;
}

/// Combinations may name each other: those whose operands are there are made first.
void add_combinations(const MakeArguments& a, std::vector<Made>& made) {
  std::vector<Combination> waiting = combinations_of(a);
  while (!waiting.empty()) {
    std::vector<Combination> still;
    for (const auto& c : waiting) {
      if (auto out = combined(c, made))
        made.push_back(std::move(*out));
      else
        still.push_back(c);
    }
    if (still.size() == waiting.size())
      fail(ErrorCode::usage, "{} '{}={}' names a region that is not made here", still[0].kind,
           still[0].name, still[0].list);
    waiting = std::move(still);
  }
}

/// The grid to make regions on: --like, else that of the only image there is.
GridRule grid_rule(const MakeArguments& a) {
  std::string image = a.like;
  if (image.empty()) image = a.atlas.atlas;
  const auto first_image = [&](const std::vector<std::string>& texts) {
    if (image.empty() && !texts.empty()) {
      image = split_name(texts[0], "NAME=IMAGE").second;
      image = image.substr(0, image.find_last_of("<>"));
    }
  };
  first_image(a.weights);
  first_image(a.masks);
  first_image(a.thresholds);
  if (image.empty())
    fail(ErrorCode::usage, "--like IMAGE is needed: it has the grid on which regions are made");
  return {read_nifti_header(image).grid, image, a.atlas.resample};
}

std::vector<Made> make_regions(const MakeArguments& a, const GridRule& rule) {
  std::vector<Made> made;
  const auto add_known = [&](KnownRegion known) {
    Made one;
    one.known = std::move(known);
    made.push_back(std::move(one));
  };
  for (const auto& text : a.spheres) {
    const auto [name, n] = named_numbers(text, 4, "NAME=x,y,z,radius (mm)");
    made.push_back(sphere(name, {n[0], n[1], n[2]}, n[3], rule.grid));
  }
  for (const auto& text : a.boxes) made.push_back(box(text, rule.grid));
  if (!a.atlas.atlas.empty() || !a.atlas.label_table.empty() || !a.atlas.labels_wanted.empty())
    for (auto& known : load_regions(a.atlas, rule)) add_known(std::move(known));
  for (const auto& text : a.thresholds) made.push_back(threshold(text, rule));
  for (const auto& text : a.weights) made.push_back(weights(text, rule));
  for (const auto& text : a.masks) {
    const auto [name, path] = split_name(text, "NAME=IMAGE");
    add_known(read_mask_region(name, path, rule));
  }
  add_sets(a, rule.grid, made);
  add_combinations(a, made);
  if (made.empty())
    fail(ErrorCode::usage,
         "nothing to make: give --set, --sphere, --box, --atlas, --threshold, --weights or --mask");
  return made;
}

void keep_within(const MakeArguments& a, const GridRule& rule, std::vector<Made>& made) {
  if (a.within.empty()) return;
  const KnownRegion mask = read_mask_region("within", a.within, rule);
  for (auto& m : made) {
    const std::string name = m.known.region.name;
    const Eigen::Index before = m.known.region.n_voxels();
    m.known.region = intersection_of(m.known.region, mask.region);
    m.known.region.name = name;
    m.share_in_grid *= share_of(m.known.region.n_voxels(), before);
  }
}

std::string file_of(const Made& made) {
  return fmt::format("roi-{}_{}", made.known.region.name,
                     made.known.region.weighted() ? "probseg" : "mask");
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
  set_log_level(parse_log_level(global.log_level));
  if (a.radius_mm && a.sets.empty())
    fail(ErrorCode::usage, "--radius is for the regions of --set, and none is asked for");
  const GridRule rule = grid_rule(a);
  std::vector<Made> made = make_regions(a, rule);
  keep_within(a, rule, made);
  std::vector<KnownRegion> known;
  for (const auto& m : made) known.push_back(m.known);
  check_regions(known, rule.name);
  if (!a.sets.empty() && rule.grid.space_code == 1)
    warn(
        fmt::format("{} says that its world is that of the scanner; the built-in coordinates are "
                    "MNI's",
                    rule.name));
  OutputSet outputs(a.output);
  write_masks(made, rule.grid, outputs, global.threads());
  write_labels(made, rule.grid, outputs, global.threads());
  outputs.write("rois.tsv", table_of(made, rule.grid));
  outputs.write("rois.json", to_text(table_json(rule)));
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  outputs.commit();
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
      "Example:\n  sociometer roi make --like sub-01_contrast-outcome_stat-effect_statmap.nii.gz "
      "--set rejection striatum \\\n"
      "    --union rejectionRegions=dACC,vACC "
      "ventralStriatum=ventralStriatumL,ventralStriatumR -o rois");
  c->callback([a, &global, &exit_code] { exit_code = run_make(*a, global); });
}

}  // namespace sociometer::cli
