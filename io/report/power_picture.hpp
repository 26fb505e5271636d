#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// One curve of a power plot.
struct PowerCurve {
  int colour = 0;            ///< index of the legend entry; -1: applies to all entries, drawn dark
  std::vector<double> rate;  ///< 0 .. 1, one per number of participants
};

struct PowerPanel {
  std::string title, caption;
  std::vector<PowerCurve> curves;
};

/// Panels that belong together: the results of one design.
struct PowerBlock {
  std::string title;
  std::vector<PowerPanel> panels;
};

/// Plots the proportion of studies against the number of participants; writes a PNG. Panels are in
/// rows of four, with the legend after the last panel of the first block.
/// @param participants  ascending.
/// @param legend        meaning of the colours.
/// @param target        proportion marked by a horizontal line.
/// @throws Error{cannot_write}.
void draw_power(const std::string& title, const std::vector<double>& participants,
                const std::vector<std::string>& legend, const std::string& legend_title,
                double target, const std::vector<PowerBlock>& blocks, const std::string& path);

}  // namespace sociometer
