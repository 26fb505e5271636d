#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/core/missing.hpp"

namespace sociometer {

/// One row of an events table: type, onset (s from the first scan's acquisition) and duration (s).
struct Event {
  double onset_s = 0;
  double duration_s = 0;
  std::string type;
  double amplitude = 1;                  ///< the table's `modulation` column, 1 if it has none
  std::map<std::string, double> values;  ///< the numeric columns requested; NaN if missing
};

/// Events of one run, in no particular order.
using Events = std::vector<Event>;

}  // namespace sociometer
