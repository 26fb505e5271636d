#pragma once
#include <string>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// FSL's VEST text matrices (design.mat, .con, .fts, .grp): keys such as /NumWaves,
/// then /Matrix and the numbers.
struct VestFile {
  std::vector<std::string> names;  ///< from /ContrastName1 .., empty for rows without a name
  Eigen::MatrixXd values;
};

/// Whether a text contains a VEST matrix, whatever its file's name.
bool is_vest(const FileContent& text);

/// @throws Error{bad_input} naming the line, or the counts that differ from those in the keys.
VestFile read_vest(const FileContent& text);

/// Reads a design.mat; columns are named EV1, EV2, ..
DesignMatrix read_fsl_design(const FileContent& text);

/// Reads a group table, which may be FSL's design.mat or design.grp: columns EV1, EV2, ..
Table read_group_table(const std::string& path);

/// The t contrasts of a design.con, and the F contrasts of a design.fts built on them.
/// @param ftests  a design.fts; null: none.
/// Names are taken from the file, else contrast1, ..; F contrasts are named f1, f2, ..
std::vector<ContrastSpec> read_fsl_contrasts(const FileContent& contrasts,
                                             const FileContent* ftests = nullptr);

/// The group numbers in a design.grp, one per input.
std::vector<long> read_fsl_groups(const std::string& path);

/// Events of a three-column file: onset (s), duration (s), amplitude. The line `0 0 0` is FSL's
/// notation for no events.
/// @throws Error{bad_input} naming file and line.
Events read_fsl_events(const Table& table, const std::string& type);

}  // namespace sociometer
