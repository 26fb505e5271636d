#pragma once
#include <string>

#include "engine/design/design_matrix.hpp"
#include "engine/design/diagnostics.hpp"

namespace sociometer {

/// Draws a design as PNG: the matrix (each column divided by its largest absolute value, time
/// downwards), the variance inflation factors, and the correlations of non-constant columns.
/// @throws Error{cannot_write}.
void draw_design(const std::string& path, const std::string& title, const DesignMatrix& design,
                 const DesignDiagnostics& diagnostics);

}  // namespace sociometer
