#pragma once
#include <string>
#include <vector>

#include "cli/jobs/simulation/power_inputs.hpp"

namespace sociometer::cli {

/// One row per number of trials, effect and number of participants.
std::string power_tsv(const PowerInputs& inputs, const std::vector<PowerRow>& rows);
/// Every assumption and choice, the designs, the rows, what the columns mean, and the sentences.
Json power_json(const PowerRequest& request, const PowerInputs& inputs,
                const std::vector<PowerRow>& rows, const std::vector<std::string>& sentences);
/// A panel per claim, written to `path` as PNG.
void draw_power_of(const PowerRequest& request, const PowerInputs& inputs,
                   const std::vector<PowerRow>& rows, const std::string& path);

/// What the figures say, a sentence a line.
std::vector<std::string> power_sentences(const PowerRequest& request, const PowerInputs& inputs,
                                         const std::vector<PowerRow>& rows);

}  // namespace sociometer::cli
