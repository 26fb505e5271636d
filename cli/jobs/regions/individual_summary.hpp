#pragma once
#include <string>
#include <vector>

#include "engine/roi/individual_differences.hpp"

namespace sociometer::jobs {

/// Individual differences in plain words, one sentence per line, with supporting figures.
///
/// "More weakly" and "more strongly" are used only when the slope is significant after Holm and the
/// signal's mean is too, so that there is a response to weaken; otherwise the coefficient is called
/// lower or higher. Two slopes "differ" only when the test of their difference is
/// significant.
std::vector<std::string> individual_sentences(const IndividualData& data,
                                              const IndividualDifferences& result,
                                              const IndividualOptions& options);

/// "BF10 = 12.3 (strong evidence for)", or for the null "BF01 = .. (.. evidence against)".
std::string bayes_text(double log_bf10);

}  // namespace sociometer::jobs
