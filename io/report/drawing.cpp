#include "io/report/drawing.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/bytes/base64.hpp"

namespace sociometer {
namespace {

constexpr double kCharacterWidth = 6.6;  // of drawings' 12-pixel letters

std::string number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

HtmlAttributes box(double x, double y, double width, double height) {
  return {{"x", number(x)}, {"y", number(y)}, {"width", number(width)}, {"height", number(height)}};
}

Html titled(std::string_view title) {
  return title.empty() ? Html() : html_element("title", {}, Html::text(title));
}

std::string hexadecimal(const double (&rgb)[3]) {
  std::string out = "#";
  for (const double c : rgb)
    out += fmt::format("{:02x}", int(std::lround(255 * std::clamp(c, 0.0, 1.0))));
  return out;
}

}  // namespace

void Drawing::rectangle(double x, double y, double width, double height, std::string_view style,
                        std::string_view title) {
  HtmlAttributes attributes = box(x, y, width, height);
  attributes.emplace_back("class", std::string(style));
  body_ += html_element("rect", attributes, titled(title)).markup();
}

void Drawing::cell(double x, double y, double width, double height, std::string_view colour,
                   std::string_view title) {
  HtmlAttributes attributes = box(x, y, width, height);
  attributes.emplace_back("fill", std::string(colour));
  body_ += html_element("rect", attributes, titled(title)).markup();
}

void Drawing::line(double x0, double y0, double x1, double y1, std::string_view style) {
  body_ += html_element("line",
                        {{"x1", number(x0)},
                         {"y1", number(y0)},
                         {"x2", number(x1)},
                         {"y2", number(y1)},
                         {"class", std::string(style)}},
                        {})
               .markup();
}

void Drawing::polyline(const std::vector<std::pair<double, double>>& points,
                       std::string_view style) {
  std::string path;
  bool begun = false;
  for (const auto& [x, y] : points) {
    const bool there = std::isfinite(x) && std::isfinite(y);
    if (there) path += (begun ? "L" : "M") + number(x) + " " + number(y);
    begun = there;
  }
  if (!path.empty())
    body_ +=
        html_element("path", {{"d", path}, {"class", "trace " + std::string(style)}}, {}).markup();
}

void Drawing::dot(double x, double y, double radius, std::string_view style,
                  std::string_view title) {
  body_ += html_element("circle",
                        {{"cx", number(x)},
                         {"cy", number(y)},
                         {"r", number(radius)},
                         {"class", std::string(style)}},
                        titled(title))
               .markup();
}

void Drawing::text(double x, double y, std::string_view text, Anchor anchor, std::string_view style,
                   double angle_degrees) {
  HtmlAttributes attributes{{"x", number(x)}, {"y", number(y)}, {"class", std::string(style)}};
  if (anchor != Anchor::start)
    attributes.emplace_back("text-anchor", anchor == Anchor::middle ? "middle" : "end");
  if (angle_degrees != 0)
    attributes.emplace_back(
        "transform", fmt::format("rotate({} {} {})", number(angle_degrees), number(x), number(y)));
  body_ += html_element("text", attributes, Html::text(text)).markup();
}

void Drawing::image(double x, double y, double width, double height, const std::string& png) {
  HtmlAttributes attributes = box(x, y, width, height);
  attributes.emplace_back("preserveAspectRatio", "none");
  attributes.emplace_back("class", "pixels");
  attributes.emplace_back("href", "data:image/png;base64," + base64(png));
  body_ += html_element("image", attributes, {}).markup();
}

Html Drawing::html() const {
  return html_element("svg",
                      {{"xmlns", "http://www.w3.org/2000/svg"},
                       {"viewBox", fmt::format("0 0 {} {}", number(width_), number(height_))},
                       {"width", number(width_)},
                       {"height", number(height_)},
                       {"class", "drawing"}},
                      Html::trusted(body_));
}

double approximate_width(std::string_view text) {
  const auto is_first = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return kCharacterWidth * double(std::count_if(text.begin(), text.end(), is_first));
}

std::string diverging_colour(double value) {
  if (std::isnan(value)) return "#b0b0b0";
  const double a = std::min(1.0, std::abs(value));
  if (value > 0) return hexadecimal({1 + a * (0.70 - 1), 1 + a * (0.09 - 1), 1 + a * (0.17 - 1)});
  return hexadecimal({1 + a * (0.13 - 1), 1 + a * (0.40 - 1), 1 + a * (0.67 - 1)});
}

std::string grey_colour(double value) {
  const double level = 0.5 + 0.5 * std::clamp(value, -1.0, 1.0);
  return hexadecimal({level, level, level});
}

}  // namespace sociometer
