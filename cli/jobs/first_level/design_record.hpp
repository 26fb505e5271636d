#pragma once
#include <string>

#include "cli/jobs/first_level/load_designs.hpp"
#include "engine/design/diagnostics.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/design_records.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::jobs {

/// The record of a run's design, without checks and interactions.
/// @param design       the run's, or one made of it.
/// @param diagnostics  of the design's kept scans.
DesignRecord design_record(const DesignRequest& request, const RunDesigns& designs, size_t run,
                           const DesignMatrix& design, const DesignDiagnostics& diagnostics);

/// Writes BASE design.tsv (regressors only, a row per scan), design.json and design.png.
/// @param name  name of the run, for the picture's title.
void write_design_files(OutputSet& outputs, const std::string& base, const std::string& name,
                        const DesignMatrix& design, const DesignDiagnostics& diagnostics,
                        const DesignRecord& record, const Provenance& provenance);

}  // namespace sociometer::jobs
