#pragma once
#include <string>
#include <vector>

#include "engine/core/missing.hpp"

namespace sociometer {

/// One round: two options were offered, one was chosen, and feedback followed.
struct Trial {
  int run = 0;                ///< beliefs carry over from run to run
  int left = 0, right = 0;    ///< options offered, indices into Participant::options
  int chosen = -1;            ///< left or right; -1: no response, nothing is learned
  double rank = kMissing;     ///< 1 is best; missing when hidden
  double outcome = kMissing;  ///< 1 match, 0 none; missing without feedback
};

/// Everything that one person chose and saw, in the order in which it happened.
struct Participant {
  std::string label;                 ///< without "sub-"
  std::vector<std::string> options;  ///< partners' names
  std::vector<Trial> trials;
};

}  // namespace sociometer
