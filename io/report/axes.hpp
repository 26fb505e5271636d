#pragma once
#include <functional>
#include <string>

#include <Eigen/Dense>

#include "io/report/canvas.hpp"

namespace sociometer {

/// A rectangle of a canvas with linear axes.
struct Axes {
  double x = 0, y = 0, width = 1, height = 1;  ///< of the rectangle, px
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;

  double across(double v) const { return x + width * (v - x_low) / (x_high - x_low); }
  double up(double v) const { return y + height * (1 - (v - y_low) / (y_high - y_low)); }
};

/// 1, 2 or 5 times a power of ten, such that `span` has at most `n` of them.
double tick_step(double span, int n);

void draw_x_axis(Canvas& canvas, const Axes& axes, const std::string& name);
/// Values and light lines across; the name is written above the axis.
void draw_y_axis(Canvas& canvas, const Axes& axes, const std::string& name);

/// Draws y over x as a line that is broken where y is NaN, cut to the rectangle.
void draw_curve(Canvas& canvas, const Axes& axes, const Eigen::VectorXd& x,
                const Eigen::VectorXd& y, Rgb colour, double width = 1.2);

}  // namespace sociometer
