#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/roi/signal_units.hpp"
#include "engine/roi/value_table.hpp"
#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"

namespace sociometer {

/// The analysis of one set of signals.
struct SignalSetRecord {
  ScaledSignals scaled;
  Dissociation result;
  std::vector<double> regressor_sd;  ///< per signal; NaN where not known
  std::vector<SignalCollinearity> collinearity;
  std::string unit;                    ///< of the effects, in words
  std::vector<std::string> sentences;  ///< the summary
  std::vector<std::string> verdicts;   ///< of each pair, in words
};

struct DissociationRecord {
  DissociationOptions options;
  std::string statistic;                     ///< of the region values
  std::map<std::string, std::string> notes;  ///< of regions
  std::vector<InputFile> inputs;             ///< the table and its dictionary
  std::vector<SignalSetRecord> sets;
};

/// Writes PREFIXdissociation.json, and .tsv with a row per test.
/// @param prefix  as name_prefix makes it.
void write_dissociation(const DissociationRecord& record, const Provenance& provenance,
                        const std::string& prefix, OutputSet& outputs);

}  // namespace sociometer
