#pragma once
#include <string>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// FSL's text matrices (design.mat, .con, .fts, .grp): keys such as /NumWaves, then /Matrix and
/// numbers.
struct VestFile {
  std::vector<std::string> names;  ///< of /ContrastName1 .., empty where a row has none
  Eigen::MatrixXd values;
};

/// Whether a file's content is of that kind, whatever its name.
bool is_vest(const std::string& path);

/// @throws Error{bad_input} naming the line, or the counts that differ from those of the keys.
VestFile read_vest(const std::string& path);

/// A design.mat: columns are named EV1, EV2, ..
DesignMatrix read_fsl_design(const std::string& path);

/// A group's table, which may be FSL's design.mat or design.grp: columns are named EV1, EV2, ..
Table read_group_table(const std::string& path);

/// The t contrasts of a design.con, and the F contrasts of a design.fts over them.
/// @param ftests  path of a design.fts; empty: none.
/// Names are those of the file, else contrast1 ..; F contrasts are named f1, f2, ..
std::vector<ContrastSpec> read_fsl_contrasts(const std::string& contrasts,
                                             const std::string& ftests = "");

/// The groups of a design.grp, one per input.
std::vector<long> read_fsl_groups(const std::string& path);

/// Events of a three-column file: onset (s), duration (s), amplitude. The line `0 0 0` is FSL's way
/// to write that there are none.
/// @throws Error{bad_input} naming file and line.
Events read_fsl_events(const std::string& path, const std::string& type);

}  // namespace sociometer
