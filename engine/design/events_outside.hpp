#pragma once
#include <string>
#include <vector>

#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// Events of one type that fall outside the modelled time of a run.
struct EventsOutside {
  std::string type;
  int total = 0;
  int before = 0;  ///< end before the modelled time starts
  int after = 0;   ///< start after it ends
};

/// Start of a run's modelled time, s: before its first scan by the least onset (nilearn grid) or by
/// 32 microtime bins (SPM grid).
double modelled_start_s(const Eigen::VectorXd& frame_times_s, double tr_s,
                        const DesignOptions& options);

/// Latest onset that can still affect a scan, s: the time of the last scan, or
/// for FIR the end of that scan.
double modelled_end_s(const Eigen::VectorXd& frame_times_s, double tr_s,
                      const DesignOptions& options);

/// Counts, per event type, the events that have no effect on the design; types
/// without such events are omitted.
/// @param frame_times_s  those of the run's design.
std::vector<EventsOutside> events_outside(const Events& events,
                                          const Eigen::VectorXd& frame_times_s, double tr_s,
                                          const DesignOptions& options);

}  // namespace sociometer
