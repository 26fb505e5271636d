#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/report/html.hpp"

namespace sociometer {

/// A drawing of a page as SVG markup. Lengths are in pixels of a drawing `width` wide, y increases
/// downwards; on the page it takes at most that width. Colours are classes of the page's style
/// sheet (page_style.cpp), so that drawings follow light, dark and print: "ink", "faint", "line",
/// "series-1" to "series-6", "bad", "good". Texts stay texts: they can be searched and read aloud.
class Drawing {
 public:
  enum class Anchor { start, middle, end };

  Drawing(double width, double height) : width_(width), height_(height) {}
  /// @param title  shown as a tooltip; may be empty.
  void rectangle(double x, double y, double width, double height, std::string_view style,
                 std::string_view title = {});
  /// A filled rectangle of this colour, "#rrggbb".
  void cell(double x, double y, double width, double height, std::string_view colour,
            std::string_view title = {});
  void line(double x0, double y0, double x1, double y1, std::string_view style = "line");
  /// Points that are not finite interrupt it.
  void polyline(const std::vector<std::pair<double, double>>& points, std::string_view style);
  void dot(double x, double y, double radius, std::string_view style, std::string_view title = {});
  void text(double x, double y, std::string_view text, Anchor anchor = Anchor::start,
            std::string_view style = "ink", double angle_degrees = 0);
  /// A PNG stretched over a rectangle, without smoothing.
  void image(double x, double y, double width, double height, const std::string& png);
  Html html() const;

 private:
  double width_, height_;
  std::string body_;
};

/// The width of a text at the size of drawings, by the mean width of its characters: for leaving
/// room, as browsers choose their own fonts.
double approximate_width(std::string_view text);

/// "#rrggbb": blue through white to red, for values in [-1, 1]; NaN is grey.
std::string diverging_colour(double value);
/// "#rrggbb": black at -1 to white at 1.
std::string grey_colour(double value);

}  // namespace sociometer
