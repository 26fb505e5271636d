#pragma once
#include <string>
#include <vector>

#include "engine/design/hrf.hpp"
#include "engine/design/regressors.hpp"

namespace sociometer {

/// The events behind columns of a design that a stats model made.
struct EventColumn {
  Stimulus stimulus;                 ///< its name is that of the response's column
  std::vector<int> rows;             ///< of each of its events: the row of the events table, from 0
  HrfModel hrf;                      ///< of a design: with those derivatives that are columns of it
  std::vector<std::string> names{};  ///< of the response's and its derivatives' columns
};

}  // namespace sociometer
