#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/core/missing.hpp"

namespace sociometer {

/// One row of an events table: what happened, when (s from the first scan's acquisition), how long.
struct Event {
  double onset_s = 0;
  double duration_s = 0;
  std::string type;
  double amplitude = 1;                  ///< the table's `modulation` column, 1 without one
  std::map<std::string, double> values;  ///< numeric columns asked for; missing is NaN
};

/// Events of one run, in no particular order.
using Events = std::vector<Event>;

}  // namespace sociometer
