#pragma once
#include <string>
#include <vector>

#include "cli/jobs/joined_tables.hpp"
#include "cli/jobs/mixed/mixed_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/mixed/mixed_table.hpp"

namespace sociometer::jobs {

/// The rows of all tables with joined and made columns.
struct MixedInputs : JoinedTables {
  TrialSequence sequence;         ///< of lags
  std::vector<std::string> made;  ///< columns
};

/// @throws Error{bad_input} for columns that are not there.
MixedInputs load_mixed(const MixedRequest& request, Journal& journal);

}  // namespace sociometer::jobs
