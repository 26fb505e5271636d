#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/roi/signal_units.hpp"
#include "engine/roi/value_table.hpp"

namespace sociometer::jobs {

/// A Bayes factor for the side that it speaks for, with its word: "BF01 = 4.2, moderate evidence of
/// no effect".
std::string evidence_text(double log_bf10, const char* what = "effect");
/// "p = 0.012".
std::string p_text(double p);

/// What the sentences say beside the tests.
struct SummaryContext {
  const ScaledSignals& scaled;
  const DissociationOptions& options;
  std::vector<SignalCollinearity> collinearity;
  std::map<std::string, std::string> notes;  ///< of regions
  std::vector<double> regressor_sd;          ///< per signal; NaN where not known
  std::string statistic;                     ///< of the region values: mean, psc, ..
};

/// "% signal change per SD of the regressor": the unit of the effects that are compared.
std::string unit_text(SignalUnits units, const std::string& statistic);

/// The analysis in plain words, one sentence a line: the units, what each region follows, the
/// difference between the differences and whether it depends on the units, the verdict on each pair
/// with the tests that it rests on, collinearity, and what speaks against the regions.
std::vector<std::string> dissociation_sentences(const Dissociation& result,
                                                const SummaryContext& context);

/// The verdict on one pair in words.
std::string verdict_sentence(const PairOfRegions& pair, const SummaryContext& context);

}  // namespace sociometer::jobs
