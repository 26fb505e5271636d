#include "cli/jobs/report/map_parts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/jobs/report/attempt.hpp"
#include "engine/group/passing_voxels.hpp"
#include "engine/stats/quantiles.hpp"
#include "io/images/nifti.hpp"
#include "io/report/figures_in_text.hpp"

namespace sociometer::jobs {
namespace {

using Eigen::Index;
constexpr size_t kMostPeaks = 12;

/// The peaks of a table of clusters, highest of each cluster first.
std::vector<Eigen::Vector3d> peaks_of(const ContrastFindings& f) {
  std::vector<Eigen::Vector3d> peaks;
  const std::array<int, 3> at{f.table.find("x_mm"), f.table.find("y_mm"), f.table.find("z_mm")};
  if (at[0] < 0 || at[1] < 0 || at[2] < 0) return peaks;
  for (size_t r = 0; r < std::min(f.table.rows.size(), kMostPeaks); ++r) {
    Eigen::Vector3d peak;
    for (int a = 0; a < 3; ++a) peak[a] = number_in(f.table, r, at[size_t(a)]);
    peaks.push_back(peak);
  }
  return peaks;
}

MapLayer layer_of(const ContrastFindings& f) {
  MapLayer layer;
  layer.title = f.name;
  layer.statistic = on_grid(f.map.mask, f.map.map.statistic);
  layer.statistic_name = f.map.label;
  layer.sign = f.map.two_sided ? TestedSign::both : TestedSign::positive;
  return layer;
}

Html drawn(MapLayer layer, const ContrastFindings& f, const Anatomy& anatomy,
           const std::string& id) {
  MapPicture picture;
  picture.map = std::move(layer);
  picture.peaks_mm = peaks_of(f);
  const std::string& words = picture.map.threshold_words;
  const std::string at = words.empty() ? "without a threshold" : "at " + words;
  std::string caption = fmt::format("{}: {}, {}.", f.name, f.map.label, at);
  if (!words.empty()) caption += " Voxels that did not pass are faded rather than hidden.";
  if (picture.map.passed && !picture.map.threshold)
    caption += " Which voxels pass does not follow from their own height alone.";
  return html_figure(
      id, draw_map(picture, anatomy, id + "-map"),
      fmt::format("Slices and a glass brain of {} {}: {}", f.name, at, sentence_of(f)), caption);
}

/// Grey levels of a background: black at 0, white a little above most of the brain.
double white_of(const Eigen::VectorXf& values) {
  const SpreadOfValues spread = spread_of_positive(values);
  return spread.n > 0 ? 1.1 * spread.p95 : 1;
}

std::span<const float> span_of(const Eigen::VectorXf& values) {
  return {values.data(), size_t(values.size())};
}

}  // namespace

Anatomy anatomy_of(const Mask& mask, const Image* background, const std::string& name) {
  Anatomy anatomy;
  anatomy.mask = mask;
  share_glass(anatomy);
  if (!background) return anatomy;
  anatomy.background = GridValues{background->header.grid, background->values.col(0).cast<float>()};
  anatomy.background_name = name;
  return anatomy;
}

MapLayer corrected_layer(const ContrastFindings& f) {
  MapLayer layer = layer_of(f);
  layer.passed = on_grid(f.map.mask, f.corrected->passing);
  if (f.corrected->of_height)
    layer.threshold = least_magnitude(f.map.map.statistic, f.corrected->passing);
  layer.threshold_words = f.corrected->words;
  layer.correction = Correction::corrected;
  // A single large value must not fade all others away.
  if (!f.threshold_words.empty() && !f.corrected->of_height) layer.fading_from = f.threshold;
  return layer;
}

MapLayer forming_layer(const ContrastFindings& f) {
  MapLayer layer = layer_of(f);
  if (f.threshold_words.empty()) return layer;
  layer.threshold = f.threshold;  // infinite: nothing passes
  layer.threshold_words = f.threshold_words;
  layer.correction = Correction::uncorrected;
  return layer;
}

Html map_part(const ContrastFindings& f, const Anatomy& anatomy, const std::string& id) {
  Html out;
  const bool some_pass = f.corrected && f.corrected->n > 0;
  if (some_pass) out += drawn(corrected_layer(f), f, anatomy, id + "-corrected");
  const Html uncorrected = drawn(forming_layer(f), f, anatomy, id + "-uncorrected");
  return out + (some_pass ? html_details("The same uncorrected", uncorrected) : uncorrected);
}

Html comparison_part(const std::vector<const ContrastFindings*>& findings, const Anatomy& anatomy,
                     const std::string& id) {
  constexpr size_t kMostMaps = 6;
  MapComparison picture;
  std::vector<std::string> names;
  for (const ContrastFindings* f : findings) {
    if (picture.maps.size() == kMostMaps) break;
    if (!same_grid(f->map.mask.grid, findings.front()->map.mask.grid)) return {};
    picture.maps.push_back(forming_layer(*f));
    names.push_back(f->name);
  }
  if (picture.maps.size() < 2) return {};
  picture.title = "Side by side";
  std::string caption =
      "The contrasts at the same slices. A region that passes in one map and fails in another may "
      "differ in nothing but noise: only a test of the difference shows that it differs.";
  if (findings.size() > picture.maps.size())
    caption += fmt::format(" The first {} of {} are shown.", picture.maps.size(), findings.size());
  return html_figure(id, draw_comparison(picture, anatomy, id + "-map"),
                     fmt::format("Slices of {}", fmt::join(names, ", ")), caption);
}

ViewerPart::ViewerPart(const Anatomy& anatomy) {
  const GridValues image = anatomy.background ? *anatomy.background : on_grid(anatomy.mask);
  const double white = anatomy.background ? white_of(image.values) : 2.5;
  ViewerVolume volume;
  volume.id = "background";
  volume.name = anatomy.background ? anatomy.background_name : "mask of the analysis";
  volume.role = ViewerRole::background;
  volume.packed = viewer_volume_bytes(image.grid, span_of(image.values), volume.role, 0, white);
  volume.maximum = 255;
  contents_.volumes.push_back(std::move(volume));
}

void ViewerPart::add(const ContrastFindings& f, const std::string& id) {
  const GridValues map = on_grid(f.map.mask, f.map.map.statistic);
  ViewerVolume volume;
  volume.id = id;
  volume.name = f.name;
  volume.packed = viewer_volume_bytes(map.grid, span_of(map.values), volume.role);
  const double largest = std::isfinite(f.largest) ? std::abs(f.largest) : 1;
  volume.tested = !f.threshold_words.empty();
  volume.threshold = volume.tested ? f.threshold : 0.5 * largest;
  volume.maximum =
      std::isfinite(volume.threshold) ? std::max(largest, 1.2 * volume.threshold) : 1.2 * largest;
  volume.two_sided = f.map.two_sided;
  volume.unit = f.map.word;
  contents_.volumes.push_back(std::move(volume));
  if (f.numbers.size() == 0 || f.clusters == 0) return;
  const GridValues numbers = on_grid(f.map.mask, f.numbers);
  ViewerVolume clusters;
  clusters.id = id + "-clusters";
  clusters.name = "Cluster of " + f.name;
  clusters.role = ViewerRole::clusters;
  clusters.statistic = id;
  clusters.packed = viewer_volume_bytes(numbers.grid, span_of(numbers.values), clusters.role);
  const int size = f.table.find("voxels");
  for (size_t r = 0, n = 0; size >= 0 && r < f.table.rows.size(); ++r)
    if (const double voxels = number_in(f.table, r, size); std::isfinite(voxels))
      clusters.labels.emplace_back(int(++n),
                                   fmt::format("cluster {} ({} voxels)", n, long(voxels)));
  contents_.volumes.push_back(std::move(clusters));
}

void ViewerPart::add_regions(const GridValues& labels,
                             std::vector<std::pair<int, std::string>> names) {
  ViewerVolume regions;
  regions.id = "regions";
  regions.name = "Region";
  regions.role = ViewerRole::regions;
  regions.packed = viewer_volume_bytes(labels.grid, span_of(labels.values), regions.role);
  regions.labels = std::move(names);
  contents_.volumes.push_back(std::move(regions));
}

bool ViewerPart::is_there() { return !viewer_script().empty(); }

ReportSection ViewerPart::section() const {
  return {"viewer", "Viewer",
          html_paragraph("The maps of this page with a crosshair and a threshold of your own; "
                         "buttons with places in the tables go there.") +
              html_viewer(contents_)};
}

void ViewerPart::give_script(ReportPage& page) {
  // Once for all pages of a report.
  static const PackedScript kScript = packed_script(viewer_script());
  page.packed_scripts.push_back(kScript);
}

}  // namespace sociometer::jobs
