#pragma once
#include <vector>

#include "cli/jobs/rsa/rsa_all_inputs.hpp"
#include "cli/jobs/rsa/rsa_preset.hpp"
#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// Memory that the parts of a request take, one after another, foreseen from headers and tables.
///
/// One participant's images are in memory at a time; RDMs and rows of tables stay. Voxels without
/// data count, so it is an upper estimate where regions reach beyond the data.
/// @return bytes at the peak.
double rsa_memory(const std::vector<RsaInputs>& parts, int n_threads);

/// The answer to --dry-run.
JobSummary rsa_forecast(const RsaRequest& request, const std::vector<RsaPart>& parts,
                        const std::vector<RsaInputs>& inputs, double memory,
                        const Session& session);

}  // namespace sociometer::jobs
