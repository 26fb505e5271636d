#pragma once
#include "cli/jobs/regions/individual_request.hpp"
#include "engine/core/journal.hpp"
#include "io/records/individual_differences.hpp"

namespace sociometer::jobs {

/// What was read for an analysis of individual differences: a record without a result.
///
/// It has the participants with every value, score and covariate; the others are named in a
/// warning. Its options have the standard deviations of the regressors, if the table knows them.
/// @throws Error{bad_input} when a column is in no table or in several.
IndividualRecord load_individual(const IndividualRequest& request, Journal& journal);

}  // namespace sociometer::jobs
