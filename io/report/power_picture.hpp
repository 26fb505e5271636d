#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// One curve of a power picture.
struct PowerCurve {
  int colour = 0;            ///< number of the legend's entry; -1: holds for all of them, dark
  std::vector<double> rate;  ///< 0 .. 1, one per number of participants
};

struct PowerPanel {
  std::string title, caption;
  std::vector<PowerCurve> curves;
};

/// Panels that belong together: what one design gives.
struct PowerBlock {
  std::string title;
  std::vector<PowerPanel> panels;
};

/// Curves of the share of studies over the number of participants; writes a PNG. Panels are in rows
/// of four, the legend in the place after the last panel of the first block.
/// @param participants  ascending.
/// @param legend        what the colours stand for.
/// @param target        a share that gets a line of its own.
/// @throws Error{cannot_write}.
void draw_power(const std::string& title, const std::vector<double>& participants,
                const std::vector<std::string>& legend, const std::string& legend_title,
                double target, const std::vector<PowerBlock>& blocks, const std::string& path);

}  // namespace sociometer
