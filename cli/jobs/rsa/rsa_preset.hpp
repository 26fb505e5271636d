#pragma once
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_tables.hpp"

namespace sociometer::jobs {

/// One analysis among those that a request asks for.
struct RsaPart {
  std::string name;  ///< empty: the request itself; else the prefix of its files
  RsaRequest request;
};

/// The request itself, or the analyses of its preset.
///
/// babur2024: the three tests of Babür et al. 2024 (PNAS 121:e2400022121) and the overlap of
/// voxels. Stated there: the models, the network, the degrees of freedom. Not stated where we could
/// read, and inferred here: patterns, distances, runs, nuisance, what importance and overlap are,
/// and which column is the rating bias.
std::vector<RsaPart> parts_of(const RsaRequest& request);

/// @throws Error{usage} for options that the preset decides, or what it needs.
void check_preset(const RsaRequest& request);

/// Writes rsaReported.tsv and .json: each test of the preset beside the figures reported.
/// @param results  of the parts, in their order.
/// @param facts    what the records of each part say.
void write_reported(const RsaRequest& request, const std::vector<RsaPart>& parts,
                    const std::vector<const RsaResults*>& results, const ByName<RsaRecord>& facts,
                    const Provenance& provenance, OutputSet& outputs);

}  // namespace sociometer::jobs
