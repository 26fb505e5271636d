#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// Reads AFNI's -stim_times: a line per run, times in s from the run's start, `*` for none.
///
/// A time can be married to amplitudes and a duration: `12.5*3,0.7:2`. Amplitudes become the values
/// amplitude_1, amplitude_2, .. of the event, for modulators.
/// @param duration_s  of events that have none of their own.
/// @return one list per run.
/// @throws Error{bad_input} naming file, line and word; when the number of lines is not n_runs.
std::vector<Events> read_stim_times(const std::string& path, const std::string& type,
                                    double duration_s, size_t n_runs);

/// How many runs a file of times has: its lines.
size_t count_stim_times(const std::string& path);

/// A design as 3dDeconvolve writes it (X.xmat.1D).
struct AfniDesign {
  DesignMatrix design;                   ///< all scans; rows that were censored are 0
  std::vector<uint8_t> kept;             ///< GoodList: one flag per scan
  std::vector<ContrastSpec> contrasts;   ///< its general linear tests
  std::vector<Eigen::Index> run_starts;  ///< RunStart: first scans of the runs in one image
};

/// Whether a file's content is of that kind.
bool is_afni_design(const std::string& path);

/// @throws Error{bad_input} naming the attribute that is missing or contradicts the numbers.
AfniDesign read_afni_design(const std::string& path);

}  // namespace sociometer
