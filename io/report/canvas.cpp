#include "io/report/canvas.hpp"

#include <fmt/format.h>

#include "io/report/html.hpp"

namespace sociometer {
namespace {

std::string number(double v) { return fmt::format("{:.5g}", std::abs(v) < 5e-4 ? 0.0 : v); }

/// " x=.. y=.." or, for turned and scaled ones, " transform=..".
std::string place_of(const cairo_matrix_t& m) {
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-9; };
  if (near(m.xx, 1) && near(m.yy, 1) && near(m.xy, 0) && near(m.yx, 0))
    return fmt::format(R"( x="{}" y="{}")", number(m.x0), number(m.y0));
  return fmt::format(" transform=\"matrix({} {} {} {} {} {})\"", number(m.xx), number(m.yx),
                     number(m.xy), number(m.yy), number(m.x0), number(m.y0));
}

std::string element_of(const CanvasText& t) {
  const auto channel = [](double v) { return int(std::lround(255 * v)); };
  const char* anchor = t.align < 0.25   ? ""
                       : t.align < 0.75 ? R"( text-anchor="middle")"
                                        : R"( text-anchor="end")";
  return fmt::format(R"(<text{} font-size="{}" fill="#{:02x}{:02x}{:02x}"{}>{}</text>)",
                     place_of(t.place), number(t.size), channel(t.colour.r), channel(t.colour.g),
                     channel(t.colour.b), anchor, Html::text(t.text).markup());
}

}  // namespace

std::string Canvas::svg() {
  require(bytes_ != nullptr, "an SVG in memory");
  cairo_surface_finish(surface_.get());
  require(cairo_surface_status(surface_.get()) == CAIRO_STATUS_SUCCESS, "a finished SVG");
  const size_t end = bytes_->rfind("</svg>");
  require(end != std::string::npos, "an SVG with an end");
  std::string texts = "<g font-family=\"sans-serif\">\n";
  for (const CanvasText& text : texts_) texts += element_of(text) + '\n';
  return bytes_->substr(0, end) + texts + "</g>\n</svg>\n";
}

}  // namespace sociometer
