#include "cli/jobs/regions/made_regions.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/regions/region_inputs.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/shape_coverage.hpp"
#include "engine/roi/study_regions.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// Values beyond any brain are typing errors: micrometres, or a digit too many.
constexpr double kFarthestMm = 1e5;

void require_near(const std::string& name, const char* what, double mm) {
  if (!(std::abs(mm) <= kFarthestMm))
    fail(ErrorCode::usage, "region {}: {} is {} mm; at most {} can be", name, what, mm,
         kFarthestMm);
}

MadeRegion sphere(const std::string& name, const Eigen::Vector3d& centre, double radius,
                  const Grid& grid) {
  if (!(radius > 0))
    fail(ErrorCode::usage, "region {}: the radius is {} mm; it must be positive", name, radius);
  require_near(name, "the radius", radius);
  require_near(name, "the centre's farthest coordinate", largest_magnitude(centre));
  MadeRegion made;
  made.known = {sphere_region(grid, centre, radius), "sphere", "", "coordinates given", ""};
  made.known.region.name = name;
  made.centre_mm = centre;
  made.radius_mm = radius;
  made.share_in_grid = sphere_share_in_grid(grid, made.known.region, centre, radius);
  return made;
}

MadeRegion box(const std::string& text, const Grid& grid) {
  const auto [name, n] = named_numbers(text, 6, "NAME=x,y,z,dx,dy,dz (centre and edges in mm)");
  const Eigen::Vector3d centre(n[0], n[1], n[2]), edges(n[3], n[4], n[5]);
  const auto [shortest, longest] = finite_range(edges);
  if (!(shortest > 0))
    fail(ErrorCode::usage, "region {}: an edge is {} mm; it must be positive", name, shortest);
  require_near(name, "the longest edge", longest);
  require_near(name, "the centre's farthest coordinate", largest_magnitude(centre));
  MadeRegion made;
  made.known = {box_region(grid, centre, edges), "box", "",
                fmt::format("edges {} x {} x {} mm", n[3], n[4], n[5]), ""};
  made.known.region.name = name;
  made.centre_mm = centre;
  made.share_in_grid = box_share_in_grid(grid, made.known.region, centre, edges);
  return made;
}

MadeRegion threshold(const std::string& text, const GridRule& rule) {
  const std::string form = "NAME=IMAGE>NUMBER or NAME=IMAGE<NUMBER";
  const auto [name, rest] = split_name(text, form);
  const size_t sign = rest.find_last_of("<>");
  if (sign == std::string::npos || sign == 0)
    fail(ErrorCode::usage, "'{}' is not of the form {}", text, form);
  const double limit = named_numbers("x=" + rest.substr(sign + 1), 1, form).second[0];
  const bool above = rest[sign] == '>';
  const std::string path = rest.substr(0, sign);
  const auto values = read_values_on(path, rule, Interpolation::linear);
  MadeRegion made;
  made.known = {region_where(values, [&](double v) { return above ? v > limit : v < limit; }),
                "threshold", "", rest, ""};
  made.known.region.name = name;
  return made;
}

MadeRegion weights(const std::string& text, const GridRule& rule) {
  const auto [name, path] = split_name(text, "NAME=IMAGE");
  MadeRegion made;
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

void add_sets(const MakeRequest& a, const Grid& grid, std::vector<MadeRegion>& made) {
  for (const auto& set : a.sets) {
    bool found = false;
    for (const auto& region : study_regions()) {
      if (!in_set(region, set) && region.name != set) continue;
      found = true;
      const bool there = std::any_of(made.begin(), made.end(), [&](const MadeRegion& m) {
        return m.known.region.name == region.name;
      });
      if (there) continue;  // sets overlap: `all` includes rejection
      MadeRegion one =
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

/// Names that an operand stands for: a region, or the built-in regions of a set.
std::vector<std::string> operands(const std::string& list, const std::vector<MadeRegion>& made) {
  std::vector<std::string> names;
  std::vector<std::string> known;
  for (const auto& m : made) known.push_back(m.known.region.name);
  for (const auto& word : split_names(list, ',', known)) {
    const bool is_region = std::any_of(
        made.begin(), made.end(), [&](const MadeRegion& m) { return m.known.region.name == word; });
    size_t before = names.size();
    if (!is_region)
      for (const auto& region : study_regions())
        if (in_set(region, word)) names.push_back(region.name);
    if (names.size() == before) names.push_back(word);
  }
  return names;
}

using SetOperation = Region (*)(const Region&, const Region&);

/// A combination waiting for its operands.
struct Combination {
  std::string name, list, kind;
  SetOperation operation;
};

std::vector<Combination> combinations_of(const MakeRequest& a) {
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

std::optional<MadeRegion> combined(const Combination& c, const std::vector<MadeRegion>& made) {
  MadeRegion out;
  out.known.kind = c.kind;
  out.known.source = c.list;
  bool first = true;
  for (const auto& name : operands(c.list, made)) {
    const auto part = std::find_if(
        made.begin(), made.end(), [&](const MadeRegion& m) { return m.known.region.name == name; });
    if (part == made.end()) return std::nullopt;
    const Region& region = part->known.region;
    out.known.region = first ? region : c.operation(out.known.region, region);
    if (first) out.known.role = part->known.role;
    if (out.known.role != part->known.role) out.known.role = "";
    append_note(out.known.note, part->known.note);
    first = false;
  }
  out.known.region.name = c.name;
  out.share_in_grid = out.known.region.share_in_grid();
  return out;
}

/// Combinations may refer to each other: those with complete operands are made first.
void add_combinations(const MakeRequest& a, std::vector<MadeRegion>& made) {
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

}  // namespace

GridRule grid_rule(const MakeRequest& a) {
  std::string image = a.like;
  if (image.empty()) image = a.atlas.image;
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
  return {read_nifti_header(image).grid, image, a.resample};
}

std::vector<MadeRegion> make_regions(const MakeRequest& a, const GridRule& rule,
                                     std::vector<std::string>& lost, Journal& journal) {
  std::vector<MadeRegion> made;
  const auto add_known = [&](KnownRegion known) {
    MadeRegion one;
    one.share_in_grid = known.region.share_in_grid();
    one.known = std::move(known);
    made.push_back(std::move(one));
  };
  for (const auto& text : a.spheres) {
    const auto [name, n] = named_numbers(text, 4, "NAME=x,y,z,radius (mm)");
    made.push_back(sphere(name, {n[0], n[1], n[2]}, n[3], rule.grid));
  }
  for (const auto& text : a.boxes) made.push_back(box(text, rule.grid));
  if (a.atlas.given())
    for (auto& known : load_regions({{}, a.atlas, a.resample}, rule, lost, journal))
      add_known(std::move(known));
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

void keep_within(const MakeRequest& a, const GridRule& rule, std::vector<MadeRegion>& made) {
  if (a.within.empty()) return;
  const KnownRegion mask = read_mask_region("within", a.within, rule);
  for (auto& m : made) {
    const std::string name = m.known.region.name;
    const Eigen::Index before = m.known.region.n_voxels();
    m.known.region = intersection_of(m.known.region, mask.region);
    m.known.region.name = name;
    if (before > 0) m.share_in_grid *= double(m.known.region.n_voxels()) / double(before);
  }
}

}  // namespace sociometer::jobs
