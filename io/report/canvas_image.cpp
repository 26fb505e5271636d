#include "io/report/canvas_image.hpp"

#include <cstring>

namespace sociometer {
namespace {

void free_string(void* text) { delete static_cast<std::string*>(text); }

using Surface = std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)>;

Surface empty_surface(Eigen::Index width, Eigen::Index height) {
  Surface image(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, int(width), int(height)),
                cairo_surface_destroy);
  require(cairo_surface_status(image.get()) == CAIRO_STATUS_SUCCESS, "memory for a picture");
  return image;
}

/// Sets a pixel in cairo's own format, whose colours are multiplied by alpha.
void set_pixel(const Surface& image, Eigen::Index column, Eigen::Index row, const uint8_t* rgba) {
  const uint32_t alpha = rgba[3];
  const auto part = [&](uint8_t c) { return (uint32_t(c) * alpha + 127) / 255; };
  const uint32_t value = alpha << 24 | part(rgba[0]) << 16 | part(rgba[1]) << 8 | part(rgba[2]);
  std::memcpy(cairo_image_surface_get_data(image.get()) +
                  row * cairo_image_surface_get_stride(image.get()) + 4 * column,
              &value, 4);
}

bool is_svg(Canvas& canvas) {
  return cairo_surface_get_type(cairo_get_target(canvas.cairo())) == CAIRO_SURFACE_TYPE_SVG;
}

/// The bytes that an SVG has of a surface.
void attach(const Surface& image, std::unique_ptr<std::string> png) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(png->data());
  const size_t size = png->size();
  if (cairo_surface_set_mime_data(image.get(), CAIRO_MIME_TYPE_PNG, bytes, size, free_string,
                                  png.get()) == CAIRO_STATUS_SUCCESS)
    png.release();
}

}  // namespace

void draw_pixels(Canvas& canvas, const Pixels& pixels, double x, double y, double w, double h,
                 bool smooth, int n_colours) {
  const Surface image = empty_surface(pixels.width, pixels.height);
  for (Eigen::Index row = 0; row < pixels.height; ++row)
    for (Eigen::Index column = 0; column < pixels.width; ++column) {
      const uint8_t* p = pixels.at(column, row);
      const uint8_t opaque[4] = {p[0], p[1], p[2], 255};
      if (p[3] >= 128) set_pixel(image, column, row, opaque);
    }
  cairo_surface_mark_dirty(image.get());
  if (is_svg(canvas)) attach(image, std::make_unique<std::string>(palette_png(pixels, n_colours)));
  cairo_t* cairo = canvas.cairo();
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_scale(cairo, w / double(pixels.width), h / double(pixels.height));
  cairo_set_source_surface(cairo, image.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo),
                           smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
  // Without this the last pixels fade into what is behind them.
  cairo_pattern_set_extend(cairo_get_source(cairo), smooth ? CAIRO_EXTEND_PAD : CAIRO_EXTEND_NONE);
  cairo_rectangle(cairo, 0, 0, double(pixels.width), double(pixels.height));
  cairo_fill(cairo);
  cairo_restore(cairo);
}

void draw_indexed(Canvas& canvas, const IndexedPixels& pixels, double x, double y, double w,
                  double h) {
  const Surface image = empty_surface(pixels.width, pixels.height);
  for (Eigen::Index row = 0; row < pixels.height; ++row)
    for (Eigen::Index column = 0; column < pixels.width; ++column)
      set_pixel(image, column, row,
                pixels.palette[pixels.entries[size_t(row * pixels.width + column)]].data());
  cairo_surface_mark_dirty(image.get());
  if (is_svg(canvas)) attach(image, std::make_unique<std::string>(indexed_png(pixels)));
  cairo_t* cairo = canvas.cairo();
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_scale(cairo, w / double(pixels.width), h / double(pixels.height));
  // Painted as it is: an SVG has it as an image rather than as a pattern that repeats.
  cairo_set_source_surface(cairo, image.get(), 0, 0);
  cairo_paint(cairo);
  cairo_restore(cairo);
}

}  // namespace sociometer
