#pragma once
#include <string>
#include <vector>

#include "engine/roi/individual_differences.hpp"

namespace sociometer::jobs {

/// Individual differences in plain words, one sentence a line, each with the figures it rests on.
///
/// "More weakly" and "more strongly" are said only where the slope is shown (after Holm) and the
/// signal's mean is, so that there is something to be weaker; otherwise the coefficient is said to
/// be lower or higher. "Differ" is said of two slopes only when the test of their difference shows
/// it.
std::vector<std::string> individual_sentences(const IndividualData& data,
                                              const IndividualDifferences& result,
                                              const IndividualOptions& options);

/// "BF10 = 12.3 (strong evidence for)", or for the null "BF01 = .. (.. evidence against)".
std::string bayes_text(double log_bf10);

}  // namespace sociometer::jobs
