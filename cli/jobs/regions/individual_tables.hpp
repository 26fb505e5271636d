#pragma once
#include <string>
#include <vector>

#include "cli/jobs/regions/individual_inputs.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// One row per region, signal and score.
std::string slopes_tsv(const IndividualData& data, const IndividualDifferences& result);
/// One row per pair of slopes that was compared.
std::string comparisons_tsv(const IndividualData& data, const IndividualDifferences& result);
/// The same with every choice, what the columns mean, and the sentences.
Json individual_json(const IndividualRequest& request, const IndividualInputs& inputs,
                     const IndividualDifferences& result,
                     const std::vector<std::string>& sentences);
/// One panel per slope, a row per signal, written to `path` as PNG.
void draw_individual(const IndividualInputs& inputs, const IndividualDifferences& result,
                     const std::string& path);

}  // namespace sociometer::cli
