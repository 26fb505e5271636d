#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/roi/signal_units.hpp"
#include "engine/roi/value_table.hpp"

namespace sociometer::jobs {

/// A Bayes factor in the direction it favours, with its verbal label: "BF01 = 4.2, moderate
/// evidence of no effect".
std::string evidence_text(double log_bf10, const char* what = "effect");
/// "p = 0.012".
std::string p_text(double p);

/// Information for the sentences besides the tests.
struct SummaryContext {
  const ScaledSignals& scaled;
  const DissociationOptions& options;
  std::vector<SignalCollinearity> collinearity;
  std::map<std::string, std::string> notes;  ///< of regions
  std::vector<double> regressor_sd;          ///< per signal; NaN if unknown
  std::string statistic;                     ///< of the region values: mean, psc, ..
};

/// "% signal change per SD of the regressor": the unit of the compared effects.
std::string unit_text(SignalUnits units, const std::string& statistic);

/// The analysis in plain words, one sentence per line: the units, what each region follows, the
/// interaction and whether it depends on the units, the verdict on each pair with its underlying
/// tests, collinearity, and caveats about the regions.
std::vector<std::string> dissociation_sentences(const Dissociation& result,
                                                const SummaryContext& context);

/// The verdict on one pair in words.
std::string verdict_sentence(const PairOfRegions& pair, const SummaryContext& context);

}  // namespace sociometer::jobs
