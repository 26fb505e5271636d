#include "io/report/map_legend.hpp"

namespace sociometer {

ColourBar bar_of(const MapLayer& layer, const MapPaint& paint) {
  ColourBar bar;
  bar.low = layer.sign == TestedSign::positive ? 0 : -paint.limit;
  bar.high = layer.sign == TestedSign::negative ? 0 : paint.limit;
  bar.name = layer.statistic_name;
  bar.colour = [paint](double v) {
    return paint.over({0.4, 0.4, 0.4}, v,
                      paint.reaches(v) || (paint.has_passed_map && !paint.threshold));
  };
  if (paint.threshold) {
    if (bar.low < 0) bar.thresholds.push_back(-*paint.threshold);
    if (bar.high > 0) bar.thresholds.push_back(*paint.threshold);
  }
  for (const float v : layer.statistic.values) {
    bar.beyond_low |= double(v) < bar.low * (1 + 1e-6) && bar.low < 0;
    bar.beyond_high |= double(v) > bar.high * (1 + 1e-6) && bar.high > 0;
  }
  return bar;
}

}  // namespace sociometer
