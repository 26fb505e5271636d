#pragma once
#include "cli/jobs/learning/learn_inputs.hpp"
#include "engine/learning/model_selection.hpp"
#include "engine/learning/study_fit.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::cli {

/// Where priors of the parameters come from.
enum class GroupPriors {
  none,  ///< the settings
  eb,    ///< empirical Bayes, each model by itself
  hbi    ///< hierarchical inference over models and parameters together
};
GroupPriors parse_group_priors(const std::string& text);
std::string to_string(GroupPriors priors);

/// What every sidecar of `learn` tells.
struct LearnContext {
  std::string stem;  ///< "task-L_"
  LearningSettings settings;
  FitOptions options;
  GroupPriors group_priors = GroupPriors::none;
  TrialColumns columns;
};
Json common_json(const LearnContext& context);
/// Members of `from`, put at the end of `to`.
void append(Json& to, const Json& from);
/// What a sidecar says of a learner: parameters with transform, prior, meaning.
Json learner_json(const Learner& learner);

/// Tidy tables: parameters (one row per participant, model and parameter), fits (one per
/// participant and model), comparison (one per model), model probabilities (one per participant and
/// model), and a wide table of the parameters of the model `signals_of`; each with a JSON sidecar.
void write_fit_tables(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                      const StudyFit& fit, const ModelSelection& selection, size_t signals_of,
                      const std::vector<std::string>& failures);

/// Rows with the signals of each round by one of the learners: run by run, or, of one table of all
/// people, in one table.
void write_signals(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                   const StudyFit& fit, size_t learner);

/// A table and its sidecar: descriptions of columns, then `more`.
void write_table(OutputSet& outputs, const std::string& name,
                 const std::vector<std::pair<std::string, std::string>>& columns,
                 const std::vector<std::vector<std::string>>& rows, const Json& more);

}  // namespace sociometer::cli
