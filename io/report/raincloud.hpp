#pragma once
#include <string>
#include <vector>

#include "io/report/html.hpp"

namespace sociometer {

/// Values of people in one region, or their differences between two.
struct RaincloudRow {
  std::string label;                ///< of one line, or two ('\n')
  std::vector<double> values;       ///< per person; NaN: none
  std::vector<std::string> people;  ///< shown as a tooltip
  std::string figures;              ///< after the number of people, such as a Bayes factor
  std::string note;                 ///< below, such as what it says
  bool is_difference = false;       ///< painted in another colour
};
/// Rows on one axis.
struct RaincloudPanel {
  std::string title, unit;
  std::vector<RaincloudRow> rows;
};

/// Of each row the values as dots, their density above (Gaussian kernel, Silverman's bandwidth) and
/// the mean with its 95 % t interval between; one panel below the other. Densities are drawn to
/// equal heights; there is none of fewer than 5 values.
/// @source Allen et al. 2019, Wellcome Open Research 4:63 (raincloud plots).
Html draw_rainclouds(const std::vector<RaincloudPanel>& panels);

/// Points of people with a line and its band.
struct PlotScatter {
  std::string title, figures, x_name, y_name;
  std::vector<double> x, y;
  std::vector<std::string> people;             ///< empty: not named
  std::vector<double> at, line, lower, upper;  ///< ascending at
};
/// Panels in rows of at most three; those of equal `y_name` next to each other share no axis.
Html draw_scatter_plots(const std::vector<PlotScatter>& panels);

/// Estimates with intervals, one below the other.
struct IntervalLine {
  std::string label;
  double estimate = 0, low = 0, high = 0;
  std::string note;
};
Html draw_intervals(const std::vector<IntervalLine>& lines, const std::string& axis);

}  // namespace sociometer
