#pragma once
#include <string>
#include <vector>

#include "engine/mixed/mediation.hpp"
#include "engine/mixed/mixed_fit.hpp"
#include "io/records/described_table.hpp"
#include "io/records/mixed_records.hpp"

namespace sociometer {

/// A fitted model with what its records say besides.
struct MixedRecord {
  const MixedDesign& design;
  const MixedFit& fit;
  MixedCriterion criterion = MixedCriterion::reml;
  double level = 0.95;
  MixedRowsFacts of_rows;  ///< inputs and options, for every record
};

/// Writes STEMmixedEffects, mixedTests, mixedVariances and mixedModes, each .tsv and .json.
/// @param stem  before the names, as name_prefix makes it.
void write_mixed(OutputSet& outputs, const std::string& stem, const MixedRecord& record,
                 const Provenance& provenance);

/// Writes STEMmixedRows: the complete rows with the columns of the formula.
void write_mixed_rows(OutputSet& outputs, const std::string& stem, const MixedTable& table,
                      const MixedDesign& design, const MixedRowsFacts& facts,
                      const Provenance& provenance);

/// Writes STEMmediation: a row per path, then each participant's slopes in mediationSlopes.
void write_mediation(OutputSet& outputs, const std::string& stem, const Mediation& mediation,
                     const MediationPlan& plan, const MixedRowsFacts& facts,
                     const Provenance& provenance);

}  // namespace sociometer
