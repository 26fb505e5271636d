#include "cli/jobs/space_checks.hpp"

#include "cli/jobs/bridge.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {

void tell_space(const std::string& image, const std::string& other, Journal& journal) {
  if (const std::string note = require_same_space(image, other); !note.empty()) journal.warn(note);
}

}  // namespace sociometer::jobs

namespace sociometer::cli {

void tell_space(const std::string& image, const std::string& other) {
  jobs::tell_space(image, other, process_session().journal);
}

}  // namespace sociometer::cli
