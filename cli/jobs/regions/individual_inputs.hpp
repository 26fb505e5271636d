#pragma once
#include "cli/jobs/regions/individual_request.hpp"
#include "engine/core/journal.hpp"
#include "io/records/individual_differences.hpp"
#include "io/tables/participant_table.hpp"

namespace sociometer::jobs {

/// The inputs of an analysis of individual differences: a record without a result.
///
/// It has the participants with complete values, scores and covariates; the others are named in a
/// warning. Its options include the standard deviations of the regressors, if the table has them.
/// @throws Error{bad_input} when a column is in no table or in several.
IndividualRecord load_individual(const IndividualRequest& request, Journal& journal);

/// Columns of tables with a row per participant, (participants.size(), columns.size()); NaN where
/// missing.
/// @throws Error{bad_input} for a column that none of the tables has, or several.
Eigen::MatrixXd columns_of_people(const std::vector<std::string>& columns,
                                  const std::vector<ParticipantTable>& tables,
                                  const std::vector<std::string>& participants);

}  // namespace sociometer::jobs
