#include "engine/design/events_outside.hpp"

#include <map>

namespace sociometer {

double modelled_start_s(const Eigen::VectorXd& frame_times_s, double tr_s,
                        const DesignOptions& options) {
  if (options.grid == HrfGrid::nilearn)
    return frame_times_s.minCoeff() + options.fine_grid.min_onset_s;
  return -double(kSpmLeadBins) * tr_s / options.microtime.bins_per_scan;
}

double modelled_end_s(const Eigen::VectorXd& frame_times_s, double tr_s,
                      const DesignOptions& options) {
  return frame_times_s.maxCoeff() + (options.hrf.shape == HrfShape::fir ? tr_s : 0);
}

std::vector<EventsOutside> events_outside(const Events& events,
                                          const Eigen::VectorXd& frame_times_s, double tr_s,
                                          const DesignOptions& options) {
  const double start = modelled_start_s(frame_times_s, tr_s, options),
               end = modelled_end_s(frame_times_s, tr_s, options);
  std::map<std::string, EventsOutside> counts;
  for (const auto& event : events) {
    EventsOutside& count = counts[event.type];
    count.type = event.type;
    ++count.total;
    count.after += event.onset_s > end;
    count.before += event.onset_s < start && event.onset_s + event.duration_s <= start;
  }
  std::vector<EventsOutside> out;
  for (const auto& [type, count] : counts)
    if (count.before > 0 || count.after > 0) out.push_back(count);
  return out;
}

}  // namespace sociometer
