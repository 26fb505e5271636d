#include "io/report/map_paint.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/report/colour_bar.hpp"

namespace sociometer {
namespace {

Rgb blended(Rgb behind, Rgb front, double opacity) {
  const auto mix = [&](double a, double b) { return a + opacity * (b - a); };
  return {mix(behind.r, front.r), mix(behind.g, front.g), mix(behind.b, front.b)};
}

const char* correction_words(Correction correction) {
  switch (correction) {
    case Correction::none_stated:
      return "";
    case Correction::uncorrected:
      return "uncorrected for multiple comparisons";
    case Correction::corrected:
      return "corrected for multiple comparisons";
  }
  return "";
}

}  // namespace

double tested_size(TestedSign sign, double value) {
  if (!std::isfinite(value)) return 0;
  switch (sign) {
    case TestedSign::positive:
      return std::max(value, 0.0);
    case TestedSign::negative:
      return std::max(-value, 0.0);
    case TestedSign::both:
      return std::abs(value);
  }
  return 0;
}

Rgb MapPaint::colour(double value) const {
  const double at = value / limit;
  return sign == TestedSign::positive ? colour_of(ColourScale::one_sided, at)
                                      : colour_of(ColourScale::two_sided, at);
}

bool MapPaint::reaches(double value) const {
  return threshold && tested_size(sign, value) >= *threshold;
}

double MapPaint::opacity(double value, bool passed) const {
  const double size = tested_size(sign, value);
  if (size == 0) return 0;
  if (passed) return 1;
  const double part = std::min(1.0, size / fading_from.value_or(threshold.value_or(limit)));
  return most_faded * part * part;
}

Rgb MapPaint::over(Rgb behind, double value, bool passed, double fading) const {
  const double front = opacity(value, passed) * (passed ? 1 : fading);
  return front == 0 ? behind : blended(behind, colour(value), front);
}

MapPaint paint_of(const MapLayer& layer) {
  MapPaint paint;
  paint.sign = layer.sign;
  paint.has_passed_map = layer.passed.has_value();
  if (layer.threshold && std::isfinite(*layer.threshold) && *layer.threshold > 0)
    paint.threshold = layer.threshold;
  if (layer.fading_from && std::isfinite(*layer.fading_from) && *layer.fading_from > 0)
    paint.fading_from = layer.fading_from;
  double largest = 0;
  for (const float v : layer.statistic.values)
    largest = std::max(largest, tested_size(layer.sign, double(v)));
  // A map in which nothing passes must not have the colours of one in which much does.
  if (paint.threshold) largest = std::max(largest, 1.25 * *paint.threshold);
  paint.limit = layer.limit.value_or(largest);
  if (!(paint.limit > 0) || !std::isfinite(paint.limit)) paint.limit = 1;
  return paint;
}

std::string threshold_line(const MapLayer& layer) {
  std::string line;
  const auto add = [&](const std::string& words) {
    if (!words.empty()) line += (line.empty() ? "" : ", ") + words;
  };
  add(layer.threshold_words);
  add(correction_words(layer.correction));
  if (!layer.threshold) return line;
  if (!std::isfinite(*layer.threshold)) {
    add("no value passes");
    return line;
  }
  const std::string name =
      layer.sign == TestedSign::both ? "|" + layer.statistic_name + "|" : layer.statistic_name;
  const bool negative = layer.sign == TestedSign::negative;
  add(fmt::format("{} {} {}", name, negative ? "≤" : "≥",
                  short_number(negative ? -*layer.threshold : *layer.threshold)));
  return line;
}

std::vector<Eigen::Vector3d> peaks_of(const MapLayer& layer, size_t n, double apart_mm) {
  const MapPaint paint = paint_of(layer);
  const Eigen::VectorXf& values = layer.statistic.values;
  require(!layer.passed || layer.passed->values.size() == values.size(),
          "the voxels that passed on the statistic's grid");
  const auto passed = [&](Eigen::Index v) {
    if (!layer.passed) return paint.reaches(double(values[v]));
    return std::isfinite(layer.passed->values[v]) && layer.passed->values[v] != 0;
  };
  std::vector<Eigen::Index> best, others;
  for (Eigen::Index v = 0; v < values.size(); ++v)
    if (tested_size(layer.sign, double(values[v])) > 0) (passed(v) ? best : others).push_back(v);
  if (best.empty()) best = std::move(others);
  std::sort(best.begin(), best.end(), [&](Eigen::Index a, Eigen::Index b) {
    const double size_a = std::abs(double(values[a])), size_b = std::abs(double(values[b]));
    return size_a != size_b ? size_a > size_b : a < b;
  });
  std::vector<Eigen::Vector3d> peaks;
  for (const Eigen::Index v : best) {
    if (peaks.size() == n) break;
    const Eigen::Vector3d at = layer.statistic.grid.world(v);
    const auto is_near = [&](const Eigen::Vector3d& p) { return (p - at).norm() < apart_mm; };
    if (std::none_of(peaks.begin(), peaks.end(), is_near)) peaks.push_back(at);
  }
  return peaks;
}

}  // namespace sociometer
