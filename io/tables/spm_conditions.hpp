#pragma once
#include <string>
#include <vector>

#include "engine/design/events.hpp"
#include "engine/design/modulators.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Whether a file is MATLAB's (level 5 or 7.3), told by its first bytes.
bool is_matlab_file(const std::string& path);

/// SPM's multiple conditions of one run: cells `names`, `onsets`, `durations`, and `pmod`, `orth`.
struct SpmConditions {
  Events events;  ///< values: parametric modulators by name, NAME^2 .. for higher polynomials
  std::vector<ModulatorSet> modulators;  ///< those of each condition, in SPM's order
  /// Whether SPM would centre modulators and make each orthogonal to those before it (`orth`): of
  /// some condition with modulators, and not of some.
  bool some_orthogonal = false, some_plain = false;
};

/// Times are taken in seconds: the file does not say whether they are in scans.
/// @throws Error{bad_input} naming the variable and both counts where they differ.
SpmConditions read_spm_conditions(const std::string& path, Warnings& warnings);

/// SPM's multiple regressors: matrix `R` and, optionally, cells `names`; without them R1, R2, ..
Table read_spm_regressors(const std::string& path);

}  // namespace sociometer
