#pragma once
#include <string>
#include <vector>

#include "engine/roi/individual_differences.hpp"
#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"

namespace sociometer {

struct IndividualRecord {
  IndividualData data;
  IndividualOptions options;
  IndividualDifferences result;
  std::string statistic;               ///< of the region values
  std::vector<std::string> left_out;   ///< participants without some value, score or covariate
  std::vector<std::string> sentences;  ///< the summary
  std::vector<InputFile> inputs;
};

/// Writes PREFIXindividual_slopes.tsv with a row per region, signal and score,
/// individual_comparisons.tsv with one per pair of slopes that was compared, and individual.json
/// with both, every choice, what the columns mean, and the sentences.
/// @param prefix  as name_prefix makes it.
void write_individual_differences(const IndividualRecord& record, const Provenance& provenance,
                                  const std::string& prefix, OutputSet& outputs);

}  // namespace sociometer
