#pragma once
#include "tests/engine/stats_models/small_models.hpp"

namespace sociometer::testing {

inline constexpr double kTr = 1.7;
inline constexpr Eigen::Index kScans = 90;

/// Four rounds of choices and feedback, with values of some.
inline EventTable game() {
  return events_of(
      "onset duration trial_type outcome rank\n"
      "3.2   1.5      choice     n/a     n/a\n"
      "9.1   0        feedback   0.5     n/a\n"
      "17.4  1.5      choice     n/a     n/a\n"
      "24    0        feedback   -0.25   2\n"
      "33.3  1.5      choice     n/a     n/a\n"
      "41.7  0        feedback   0.75    0\n"
      "55    1.5      choice     n/a     n/a\n"
      "63.9  0        feedback   -0.5    1.5\n");
}

/// The same events as the command `design` reads them.
inline Events game_events() {
  const EventTable table = game();
  Events out;
  for (size_t i = 0; i < table.onset_s.size(); ++i) {
    Event event{table.onset_s[i], table.duration_s[i], table.columns[0][i], 1, {}};
    for (size_t j : {1, 2}) event.values[table.names[j]] = event_value(table.columns[j][i]).number;
    out.push_back(event);
  }
  return out;
}

}  // namespace sociometer::testing
