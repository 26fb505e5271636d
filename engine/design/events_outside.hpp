#pragma once
#include <string>
#include <vector>

#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// Events of one type that a run's design cannot hold.
struct EventsOutside {
  std::string type;
  int total = 0;
  int before = 0;  ///< over before the modelled time starts
  int after = 0;   ///< begin after the last scan
};

/// Where the modelled time of a run starts: before its first scan by --min-onset (nilearn grid) or
/// by 32 microtime bins (SPM grid), s.
double modelled_start_s(const Eigen::VectorXd& frame_times_s, double tr_s,
                        const DesignOptions& options);

/// The last time at which an event can begin and still reach a scan, s: that of the last scan, for
/// FIR its end.
double modelled_end_s(const Eigen::VectorXd& frame_times_s, double tr_s,
                      const DesignOptions& options);

/// Counts, per event type, the events that leave no trace in the design; types without any are not
/// listed.
/// @param frame_times_s  as in the run's design.
std::vector<EventsOutside> events_outside(const Events& events,
                                          const Eigen::VectorXd& frame_times_s, double tr_s,
                                          const DesignOptions& options);

}  // namespace sociometer
