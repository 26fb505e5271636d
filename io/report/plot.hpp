#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/report/html.hpp"

namespace sociometer {

/// How something is painted. Ink is the page's own colour of text, so that pictures follow light,
/// dark and print; the others are Okabe & Ito's, which colour-blind people tell apart, of a
/// lightness that stands out on white and on black.
struct Paint {
  std::string_view colour = "currentColor";
  double opacity = 1;
  double width = 1;  ///< of lines
  std::string_view dash = "";
};
namespace paint {
inline constexpr Paint kInk{};
inline constexpr Paint kQuiet{.opacity = 0.72};  ///< text beside the point
inline constexpr Paint kGrid{.opacity = 0.16};
inline constexpr Paint kAxis{.opacity = 0.5};
}  // namespace paint
/// Colour number k of a series, again from the first after the last.
/// @source Okabe & Ito 2008, Color Universal Design; black and yellow left out, blue lightened.
std::string_view series_colour(size_t k);
inline constexpr size_t kSeriesColours = 6;
/// For what deviates from a model, or is flagged.
inline constexpr std::string_view kAlertColour = "#d55e00";

/// A drawing in SVG markup. What has a place that is not finite is left out. Lengths are in pixels
/// of a drawing `width` wide, y increases downwards; a page shows it at most that wide. Texts stay
/// texts and have 12 pixels unless a size is given. The markup has no ids, so that any number of
/// plots may stand in a page.
class Plot {
 public:
  enum class Anchor { start, middle, end };
  using Points = std::vector<std::pair<double, double>>;

  Plot(double width, double height) : width_(width), height_(height) {}
  double width() const { return width_; }
  double height() const { return height_; }

  void line(double x0, double y0, double x1, double y1, const Paint& paint = paint::kInk);
  /// Points that are not finite interrupt it.
  void polyline(const Points& points, const Paint& paint);
  void polygon(const Points& points, const Paint& paint, std::string_view title = {});
  void rectangle(double x, double y, double width, double height, const Paint& paint,
                 std::string_view title = {});
  /// @param title  shown as a tooltip; may be empty.
  void dot(double x, double y, double radius, const Paint& paint, std::string_view title = {});
  void text(double x, double y, std::string_view text, Anchor anchor = Anchor::start,
            double size = 12, const Paint& paint = paint::kInk, double angle_degrees = 0);
  void bold(double x, double y, std::string_view text, double size = 13);
  Html html() const;

 private:
  double width_, height_;
  std::string body_;
};

/// The width of a text, at most, in pixels: browsers choose their own fonts.
double text_room(std::string_view text, double size = 12);
/// A text cut to a width, with an ellipsis where something was cut.
std::string fitted_text(std::string_view text, double width, double size = 12);

/// From values to pixels, linearly or by logarithms.
struct Scale {
  double low = 0, high = 1;    ///< values at the ends; low < high
  double first = 0, last = 1;  ///< pixels of them
  bool logarithmic = false;
  double place(double value) const;  ///< clamped to the ends; NaN stays NaN
  /// About `wanted` round values (powers of ten) within the ends.
  std::vector<double> ticks(int wanted = 5) const;
  std::string label(double tick) const;
};
/// Ends that hold all finite values with a margin of 5 %; [0, 1] without any, and around a single
/// one.
Scale scale_over(const std::vector<double>& values, bool with_zero = false);

/// The rectangle of a panel in a plot.
struct PanelBox {
  double x = 0, y = 0, width = 0, height = 0;
};
/// Grid lines, tick labels and the axis' name below or at the left of a panel; sets the scale's
/// pixels.
void draw_x_axis(Plot& plot, const PanelBox& box, Scale& scale, std::string_view name,
                 int n_ticks = 5);
void draw_y_axis(Plot& plot, const PanelBox& box, Scale& scale, std::string_view name,
                 int n_ticks = 5);

/// A horizontal interval with its mean as a dot.
void draw_interval(Plot& plot, const Scale& x, double y, double mean, double low, double high,
                   std::string_view colour, std::string_view title = {});

/// Short form of a number for people: three significant digits.
std::string rounded_number(double value);
/// With this many decimals; n/a for NaN.
std::string fixed_number(double value, int digits = 2);
/// "0.50 [0.40, 0.60]".
std::string interval_text(double estimate, double low, double high, int digits = 2);
/// "p = 0.012", "p < 0.001", "p n/a".
std::string p_value_text(double p);

}  // namespace sociometer
