#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/rsa/model_columns.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {

/// Where models come from beside the tables of trials.
struct ModelSources {
  std::optional<Table> values;                      ///< of --values
  std::vector<std::pair<std::string, Table>> rdms;  ///< of --model-rdm
  std::vector<ModelColumn> models, nuisance;        ///< of the request's words, in their order
  std::vector<InputFile> files() const;
};
/// @throws Error{bad_input} as decided_column.
ModelSources read_model_sources(const RsaRequest& request, const std::vector<TrialSource>& people);

/// A participant whose runs have too few pairs of patterns; others can be analysed.
class TooFewPairs : public Error {
 public:
  using Error::Error;
};

/// The items of a participant and their model RDMs.
/// @param kinds  receives how each model and nuisance RDM was made, in their order; untouched if
/// it throws.
/// @throws Error{bad_input} for an unknown column; TooFewPairs.
ParticipantRsa prepare_participant(const RsaRequest& request, const TrialSource& source,
                                   const ModelSources& sources, std::vector<std::string>& kinds);

/// Names of the models: columns, then files.
std::vector<std::string> model_names(const RsaRequest& request);
std::vector<std::string> nuisance_names(const RsaRequest& request);

}  // namespace sociometer::jobs
