#include "cli/jobs/space_checks.hpp"

#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {

void report_space(const std::string& image, const std::string& other, Journal& journal) {
  if (const std::string note = require_same_space(image, other); !note.empty()) journal.warn(note);
}

}  // namespace sociometer::jobs
