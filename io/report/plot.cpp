#include "io/report/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace sociometer {
namespace {

/// A pixel coordinate with one decimal.
std::string px(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

void add_opacity(HtmlAttributes& attributes, const Paint& paint) {
  if (paint.opacity < 1) attributes.emplace_back("opacity", fmt::format("{:.2g}", paint.opacity));
}

HtmlAttributes filled(HtmlAttributes attributes, const Paint& paint) {
  attributes.emplace_back("fill", std::string(paint.colour));
  add_opacity(attributes, paint);
  return attributes;
}

HtmlAttributes stroked(HtmlAttributes attributes, const Paint& paint) {
  attributes.emplace_back("fill", "none");
  attributes.emplace_back("stroke", std::string(paint.colour));
  if (paint.width != 1) attributes.emplace_back("stroke-width", px(paint.width));
  if (!paint.dash.empty()) attributes.emplace_back("stroke-dasharray", std::string(paint.dash));
  add_opacity(attributes, paint);
  return attributes;
}

Html title_of(std::string_view title) {
  return title.empty() ? Html() : html_element("title", {}, Html::text(title));
}

/// The characters of UTF-8: bytes that do not continue one.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::string_view series_colour(size_t k) {
  static constexpr std::array<std::string_view, kSeriesColours> kColours{
      "#2a7fc1", "#d98a00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"};
  return kColours[k % kColours.size()];
}

void Plot::line(double x0, double y0, double x1, double y1, const Paint& paint) {
  if (!std::isfinite(x0 + y0 + x1 + y1)) return;
  body_ += html_element(
               "line",
               stroked({{"x1", px(x0)}, {"y1", px(y0)}, {"x2", px(x1)}, {"y2", px(y1)}}, paint), {})
               .markup();
}

void Plot::polyline(const Points& points, const Paint& paint) {
  std::string path;
  bool drawing = false;
  for (const auto& [x, y] : points) {
    const bool there = std::isfinite(x) && std::isfinite(y);
    if (there) path += (drawing ? "L" : "M") + px(x) + " " + px(y);
    drawing = there;
  }
  if (path.empty()) return;
  HtmlAttributes attributes = stroked({{"d", path}}, paint);
  attributes.emplace_back("stroke-linejoin", "round");
  body_ += html_element("path", attributes, {}).markup();
}

void Plot::polygon(const Points& points, const Paint& paint, std::string_view title) {
  std::string path;
  for (const auto& [x, y] : points)
    if (std::isfinite(x) && std::isfinite(y))
      path += (path.empty() ? "M" : "L") + px(x) + " " + px(y);
  if (path.empty()) return;
  body_ += html_element("path", filled({{"d", path + "Z"}}, paint), title_of(title)).markup();
}

void Plot::rectangle(double x, double y, double width, double height, const Paint& paint,
                     std::string_view title) {
  if (!std::isfinite(x + y + width + height)) return;
  body_ += html_element("rect",
                        filled({{"x", px(x)},
                                {"y", px(y)},
                                {"width", px(std::max(0.0, width))},
                                {"height", px(std::max(0.0, height))}},
                               paint),
                        title_of(title))
               .markup();
}

void Plot::dot(double x, double y, double radius, const Paint& paint, std::string_view title) {
  if (!std::isfinite(x) || !std::isfinite(y)) return;
  body_ += html_element("circle", filled({{"cx", px(x)}, {"cy", px(y)}, {"r", px(radius)}}, paint),
                        title_of(title))
               .markup();
}

void Plot::text(double x, double y, std::string_view text, Anchor anchor, double size,
                const Paint& paint, double angle_degrees) {
  if (!std::isfinite(x + y)) return;
  HtmlAttributes attributes = filled({{"x", px(x)}, {"y", px(y)}}, paint);
  if (size != 12) attributes.emplace_back("font-size", px(size));
  if (anchor != Anchor::start)
    attributes.emplace_back("text-anchor", anchor == Anchor::middle ? "middle" : "end");
  if (angle_degrees != 0)
    attributes.emplace_back("transform",
                            fmt::format("rotate({} {} {})", px(angle_degrees), px(x), px(y)));
  body_ += html_element("text", attributes, Html::text(text)).markup();
}

void Plot::bold(double x, double y, std::string_view text, double size) {
  body_ += html_element("text",
                        {{"x", px(x)},
                         {"y", px(y)},
                         {"fill", "currentColor"},
                         {"font-size", px(size)},
                         {"font-weight", "600"}},
                        Html::text(text))
               .markup();
}

Html Plot::html() const {
  return html_element("svg",
                      {{"xmlns", "http://www.w3.org/2000/svg"},
                       {"viewBox", fmt::format("0 0 {} {}", px(width_), px(height_))},
                       {"width", px(width_)},
                       {"height", px(height_)},
                       {"font-family", "system-ui, sans-serif"},
                       {"font-size", "12"}},
                      Html::trusted(body_));
}

double text_room(std::string_view text, double size) {
  return 0.58 * size * double(std::count_if(text.begin(), text.end(), begins_character));
}

std::string fitted_text(std::string_view text, double width, double size) {
  if (text_room(text, size) <= width) return std::string(text);
  const auto most = size_t(std::max(1.0, width / (0.58 * size) - 1));
  size_t characters = 0, end = 0;
  for (; end < text.size(); ++end)
    if (begins_character(text[end]) && characters++ == most) break;
  return std::string(text.substr(0, end)) + "\u2026";
}

double Scale::place(double value) const {
  if (std::isnan(value)) return value;
  const double v = std::clamp(value, low, high);
  const double share = logarithmic
                           ? (std::log(v) - std::log(low)) / (std::log(high) - std::log(low))
                           : (v - low) / (high - low);
  return first + share * (last - first);
}

std::vector<double> Scale::ticks(int wanted) const {
  std::vector<double> out;
  if (logarithmic) {
    const int decades = int(std::ceil(std::log10(high / low)));
    const int every = std::max(1, (decades + wanted - 1) / wanted);
    for (int e = int(std::ceil(std::log10(low) - 1e-9)); std::pow(10, e) <= high * (1 + 1e-9);
         e += every)
      out.push_back(std::pow(10, e));
    return out;
  }
  // The step of 1, 2 or 5 times a power of ten whose number of ticks is nearest to the wanted one.
  const double size = std::pow(10, std::floor(std::log10((high - low) / wanted)));
  double step = size, miss = std::numeric_limits<double>::infinity();
  for (double candidate : {size, 2 * size, 5 * size, 10 * size}) {
    const double n = std::floor(high / candidate) - std::ceil(low / candidate) + 1;
    if (std::abs(n - wanted) < miss) {
      miss = std::abs(n - wanted);
      step = candidate;
    }
  }
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    out.push_back(k == 0 ? 0.0 : k * step);
  return out;
}

std::string Scale::label(double tick) const { return fmt::format("{:.6g}", tick); }

Scale scale_over(const std::vector<double>& values, bool with_zero) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (double v : values)
    if (std::isfinite(v)) {
      low = std::min(low, v);
      high = std::max(high, v);
    }
  if (!(low <= high)) return {};
  if (with_zero) {
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
  }
  double room = 0.05 * (high - low);
  if (!(room > 0)) room = high == 0 ? 1 : 0.1 * std::abs(high);
  return {low - room, high + room};
}

void draw_x_axis(Plot& plot, const PanelBox& box, Scale& scale, std::string_view name,
                 int n_ticks) {
  scale.first = box.x;
  scale.last = box.x + box.width;
  const double bottom = box.y + box.height;
  for (double tick : scale.ticks(n_ticks)) {
    const double at = scale.place(tick);
    plot.line(at, box.y, at, bottom, paint::kGrid);
    plot.text(at, bottom + 16, scale.label(tick), Plot::Anchor::middle, 11.5, paint::kQuiet);
  }
  plot.line(box.x, bottom, box.x + box.width, bottom, paint::kAxis);
  if (!name.empty()) plot.text(box.x + box.width / 2, bottom + 34, name, Plot::Anchor::middle);
}

void draw_y_axis(Plot& plot, const PanelBox& box, Scale& scale, std::string_view name,
                 int n_ticks) {
  scale.first = box.y + box.height;
  scale.last = box.y;
  double widest = 0;
  for (double tick : scale.ticks(n_ticks)) {
    const double at = scale.place(tick);
    plot.line(box.x, at, box.x + box.width, at, paint::kGrid);
    plot.text(box.x - 6, at + 4, scale.label(tick), Plot::Anchor::end, 11.5, paint::kQuiet);
    widest = std::max(widest, text_room(scale.label(tick), 11.5));
  }
  plot.line(box.x, box.y, box.x, box.y + box.height, paint::kAxis);
  if (!name.empty())
    plot.text(box.x - widest - 14, box.y + box.height / 2, name, Plot::Anchor::middle, 12,
              paint::kInk, -90);
}

void draw_interval(Plot& plot, const Scale& x, double y, double mean, double low, double high,
                   std::string_view colour, std::string_view title) {
  if (std::isfinite(low) && std::isfinite(high))
    plot.line(x.place(low), y, x.place(high), y, {.colour = colour, .width = 2.5});
  plot.dot(x.place(mean), y, 5, {.colour = colour}, title);
}

std::string rounded_number(double value) {
  if (std::isnan(value)) return "n/a";
  if (value != 0 && (std::abs(value) >= 1e5 || std::abs(value) < 1e-3))
    return fmt::format("{:.2e}", value);
  const double size = value == 0 ? 1 : std::abs(value);
  if (size >= 1000) return fmt::format("{:.0f}", value);
  if (size >= 100) return fmt::format("{:.1f}", value);
  return fmt::format("{:.{}f}", value, size >= 0.1 ? 2 : 3);
}

std::string fixed_number(double value, int digits) {
  return std::isnan(value) ? "n/a" : fmt::format("{:.{}f}", value, digits);
}

std::string interval_text(double estimate, double low, double high, int digits) {
  return fmt::format("{} [{}, {}]", fixed_number(estimate, digits), fixed_number(low, digits),
                     fixed_number(high, digits));
}

std::string p_value_text(double p) {
  if (std::isnan(p)) return "p n/a";
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

}  // namespace sociometer
