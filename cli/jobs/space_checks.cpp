#include "cli/jobs/space_checks.hpp"

#include "cli/jobs/bridge.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer::cli {

void tell_space(const std::string& image, const std::string& other) {
  if (const std::string note = require_same_space(image, other); !note.empty()) warn(note);
}

}  // namespace sociometer::cli
