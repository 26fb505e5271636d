#pragma once
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <cairo-svg.h>
#include <cairo.h>

#include "engine/core/error.hpp"
#include "io/report/rgb.hpp"

namespace sociometer {

constexpr Rgb kInk{0.1, 0.1, 0.1};

/// A text of an SVG that stays text: searched, copied and read aloud, in the page's own font.
struct CanvasText {
  cairo_matrix_t place;  ///< of the origin
  double align, size;
  Rgb colour;
  std::string text;
};

/// A white canvas to draw on, saved as PNG or SVG. Lengths are in pixels, y increases downwards.
class Canvas {
 public:
  struct SvgInMemory {};
  Canvas(double width, double height)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, int(std::ceil(width)),
                                            int(std::ceil(height))),
                 cairo_surface_destroy),
        cairo_(cairo_create(surface_.get()), cairo_destroy) {
    prepare(width, height);
  }
  /// An SVG file of this path, which save_svg() completes.
  Canvas(double width, double height, const std::string& path)
      : surface_(cairo_svg_surface_create(path.c_str(), std::ceil(width), std::ceil(height)),
                 cairo_surface_destroy),
        cairo_(cairo_create(surface_.get()), cairo_destroy) {
    prepare(width, height);
  }
  /// An SVG in memory, which svg() completes. Texts are elements of it, on top of all else.
  Canvas(double width, double height, SvgInMemory)
      : bytes_(std::make_unique<std::string>()),
        surface_(cairo_svg_surface_create_for_stream(append, bytes_.get(), std::ceil(width),
                                                     std::ceil(height)),
                 cairo_surface_destroy),
        cairo_(cairo_create(surface_.get()), cairo_destroy) {
    prepare(width, height);
  }
  cairo_t* cairo() { return cairo_.get(); }
  void fill(double x, double y, double w, double h, Rgb c) {
    cairo_set_antialias(cairo_.get(), CAIRO_ANTIALIAS_NONE);
    cairo_set_source_rgb(cairo_.get(), c.r, c.g, c.b);
    cairo_rectangle(cairo_.get(), x, y, w, h);
    cairo_fill(cairo_.get());
  }
  void outline(double x, double y, double w, double h) {
    cairo_set_source_rgb(cairo_.get(), 0.3, 0.3, 0.3);
    cairo_set_line_width(cairo_.get(), 1);
    cairo_rectangle(cairo_.get(), x + 0.5, y + 0.5, w, h);
    cairo_stroke(cairo_.get());
  }
  /// align: 0 starts at x, 0.5 is centred on it, 1 ends there.
  void text(double x, double y, const std::string& s, double size, double align = 0,
            double angle = 0, Rgb colour = kInk) {
    cairo_save(cairo_.get());
    if (bytes_) {
      cairo_translate(cairo_.get(), x, y);
      cairo_rotate(cairo_.get(), angle);
      texts_.push_back({{}, align, size, colour, s});
      cairo_get_matrix(cairo_.get(), &texts_.back().place);
      cairo_restore(cairo_.get());
      return;
    }
    cairo_set_source_rgb(cairo_.get(), colour.r, colour.g, colour.b);
    cairo_set_font_size(cairo_.get(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), s.c_str(), &extents);
    cairo_translate(cairo_.get(), x, y);
    cairo_rotate(cairo_.get(), angle);
    cairo_move_to(cairo_.get(), -align * extents.x_advance, 0);
    cairo_show_text(cairo_.get(), s.c_str());
    cairo_restore(cairo_.get());
  }
  void line(double x0, double y0, double x1, double y1, Rgb c, double width = 1) {
    cairo_set_antialias(cairo_.get(), CAIRO_ANTIALIAS_DEFAULT);
    cairo_set_source_rgb(cairo_.get(), c.r, c.g, c.b);
    cairo_set_line_width(cairo_.get(), width);
    cairo_move_to(cairo_.get(), x0, y0);
    cairo_line_to(cairo_.get(), x1, y1);
    cairo_stroke(cairo_.get());
  }
  void dot(double x, double y, double radius, Rgb c) {
    cairo_set_antialias(cairo_.get(), CAIRO_ANTIALIAS_DEFAULT);
    cairo_set_source_rgb(cairo_.get(), c.r, c.g, c.b);
    cairo_arc(cairo_.get(), x, y, radius, 0, 2 * std::acos(-1.0));
    cairo_fill(cairo_.get());
  }
  double text_width(const std::string& s, double size) {
    cairo_set_font_size(cairo_.get(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), s.c_str(), &extents);
    return extents.x_advance;
  }
  void save(const std::string& path) {
    const cairo_status_t status = cairo_surface_write_to_png(surface_.get(), path.c_str());
    if (status != CAIRO_STATUS_SUCCESS)
      fail(ErrorCode::cannot_write, "cannot write {}: {}", path, cairo_status_to_string(status));
  }
  void save_svg(const std::string& path) {
    cairo_surface_finish(surface_.get());
    const cairo_status_t status = cairo_surface_status(surface_.get());
    if (status != CAIRO_STATUS_SUCCESS)
      fail(ErrorCode::cannot_write, "cannot write {}: {}", path, cairo_status_to_string(status));
  }
  /// The whole SVG file; for canvases in memory. Nothing can be drawn after it.
  /// @throws std::logic_error if cairo failed.
  std::string svg();

 private:
  static cairo_status_t append(void* bytes, const unsigned char* data, unsigned int n) {
    static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), n);
    return CAIRO_STATUS_SUCCESS;
  }
  void prepare(double width, double height) {
    fill(0, 0, std::ceil(width), std::ceil(height), {1, 1, 1});
    cairo_select_font_face(cairo_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
  }
  std::unique_ptr<std::string> bytes_;  ///< of an SVG in memory; else null
  std::vector<CanvasText> texts_;
  std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface_;
  std::unique_ptr<cairo_t, void (*)(cairo_t*)> cairo_;
};

}  // namespace sociometer
