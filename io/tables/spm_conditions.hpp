#pragma once
#include <string>
#include <vector>

#include "engine/design/events.hpp"
#include "engine/design/modulators.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Whether a file is in MATLAB format (level 5 or 7.3), recognised by its first bytes.
bool is_matlab_file(const FileContent& content);

/// SPM's multiple conditions of one run: cells `names`, `onsets`, `durations`, and `pmod`, `orth`.
struct SpmConditions {
  Events events;  ///< values: parametric modulators by name, NAME^2 .. for higher polynomials
  std::vector<ModulatorSet> modulators;  ///< per condition, in SPM's order
  /// Whether SPM would centre modulators and orthogonalise them serially (`orth`): true for at
  /// least one condition with modulators, and false for at least one.
  bool some_orthogonal = false, some_plain = false;
};

/// Times are assumed to be in seconds: the file does not record the unit (seconds or scans).
/// @param content  checked to be whole; the MATLAB library then opens the file itself.
/// @throws Error{bad_input} naming the variable, and both counts where they differ.
SpmConditions read_spm_conditions(const FileContent& content, Warnings& warnings);

/// SPM's multiple regressors: matrix `R` and, optionally, cells `names`; default names R1, R2, ..
Table read_spm_regressors(const FileContent& content);

}  // namespace sociometer
