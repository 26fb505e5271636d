#pragma once
#include <string>

#include "engine/design/design_matrix.hpp"
#include "engine/design/diagnostics.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {

/// The number, or null if it is not finite: JSON has no infinity or NaN.
Json number_or_null(double value);

/// Rank, and each column's name, role and variance inflation factor.
Json diagnostics_json(const DesignMatrix& design, const DesignDiagnostics& diagnostics);

/// Writes BASE design.tsv (regressors only, a row per scan), design.json and design.png.
/// @param name  name of the run, for the picture's title.
void write_design_files(OutputSet& outputs, const std::string& base, const std::string& name,
                        const DesignMatrix& design, const DesignDiagnostics& diagnostics,
                        const Json& json);

}  // namespace sociometer::jobs
