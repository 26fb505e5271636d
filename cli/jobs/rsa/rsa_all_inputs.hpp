#pragma once
#include <vector>

#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/jobs/rsa/rsa_models.hpp"
#include "engine/core/journal.hpp"
#include "io/tables/participant_table.hpp"

namespace sociometer::jobs {

/// All inputs of a request but the images' values.
struct RsaInputs {
  const RsaRequest& request;
  std::vector<TrialSource> sources;
  ModelSources models;
  std::vector<KnownRegion> regions;      ///< empty: searchlights only
  std::vector<ParticipantTable> people;  ///< with the score of the overlap
  /// Pairs of patterns that are compared, per participant; 0: too few.
  std::vector<long> used_pairs;
  std::vector<std::string> too_few_pairs;  ///< participants who cannot be analysed, a line each
};

/// Reads them. @param request  must live as long as they do.
/// @throws Error{bad_input}
RsaInputs read_rsa_inputs(const RsaRequest& request, Journal& journal);

}  // namespace sociometer::jobs
