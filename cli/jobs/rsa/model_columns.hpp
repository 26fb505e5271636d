#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_inputs.hpp"

namespace sociometer::jobs {

/// A column that makes a model RDM: of differences, or of categories.
struct ModelColumn {
  std::string name;
  bool category = false;
};

/// What a word of --model or --nuisance names: COLUMN, or COLUMN:category.
ModelColumn model_column(const std::string& word);

/// Whether a nuisance RDM is not of a column: run, time, trials.
bool is_built_in_nuisance(const std::string& name);

/// A cell, and where it is.
struct ModelCell {
  std::string text;
  std::string place;  ///< file and line
};

/// The cells of a column for each trial: of the table of trials, or of --values by the trial's
/// condition.
/// @throws Error{bad_input} for a column that neither table has, or both; a participant whom the
/// table of values lacks.
std::vector<ModelCell> model_cells(const std::string& name, const RsaRequest& request,
                                   const TrialSource& source, const std::optional<Table>& values);

/// What --values lacks of the conditions whose models it has.
/// @throws Error{bad_input} if it has none of a participant's conditions.
void check_conditions_of_values(const Table& values, const RsaRequest& request,
                                const std::vector<TrialSource>& people,
                                std::vector<std::string>& warnings);

/// Whether a column has numbers or categories, the same in all participants.
/// @throws Error{bad_input} for a column in which some cells are numbers and others are not, unless
/// it is to be of categories.
ModelColumn decided_column(const std::string& word, const RsaRequest& request,
                           const std::vector<TrialSource>& people,
                           const std::optional<Table>& values);

/// NaN for missing cells. @param cells  of a column of numbers.
Eigen::VectorXd numbers_of(const std::vector<ModelCell>& cells);

}  // namespace sociometer::jobs
