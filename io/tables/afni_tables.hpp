#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// Reads AFNI's -stim_times: one line per run, times in s from the run's start, `*` for none.
///
/// A time can be "married" to amplitudes and a duration: `12.5*3,0.7:2`. Amplitudes become the
/// event's values amplitude_1, amplitude_2, .., for modulators.
/// @param duration_s  of events without a duration of their own.
/// @return one list per run.
/// @throws Error{bad_input} naming file, line and word; also if the number of lines is not n_runs.
std::vector<Events> read_stim_times(const FileContent& text, const std::string& type,
                                    double duration_s, size_t n_runs);

/// Number of runs in a file of stimulus times, i.e. its lines.
size_t count_stim_times(const FileContent& text);

/// A design as written by 3dDeconvolve (X.xmat.1D).
struct AfniDesign {
  DesignMatrix design;                   ///< all scans; censored rows are 0
  std::vector<uint8_t> kept;             ///< GoodList: one flag per scan
  std::vector<ContrastSpec> contrasts;   ///< its general linear tests
  std::vector<Eigen::Index> run_starts;  ///< RunStart: first scans of concatenated runs
};

/// Whether a text contains such a design.
bool is_afni_design(const FileContent& text);

/// @throws Error{bad_input} naming the attribute that is missing or inconsistent with the numbers.
AfniDesign read_afni_design(const FileContent& text);

}  // namespace sociometer
