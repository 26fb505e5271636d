#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/design/design_matrix.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// Lines for the user about input that was usable but not clean.
using Warnings = std::vector<std::string>;

/// Reads a BIDS events table.
///
/// Needs columns onset and duration; trial_type names the condition ("trial" without it);
/// modulation is the amplitude (1 without the column; a missing one is an error). Rows whose onset
/// or trial_type is missing are dropped, a missing duration becomes 0, each with a warning that
/// counts them. Order does not matter.
/// @param value_columns  numeric columns to keep, for modulators; missing values become NaN. A
///                       column that the table lacks is an error.
/// @throws Error{bad_input} naming file, line and column.
Events read_events(const std::string& path, const std::vector<std::string>& value_columns,
                   Warnings& warnings);

/// What stands in for the values that the first rows of a confound lack.
enum class MissingConfounds {
  zero,
  next  ///< the first value that is there, as nilearn does
};
constexpr std::array<Name<MissingConfounds>, 2> names_of(std::type_identity<MissingConfounds>) {
  return {{{MissingConfounds::zero, "zero"}, {MissingConfounds::next, "next"}}};
}

/// A confounds table as text: TSV, CSV, blank-separated numbers, or SPM's regressors (.mat).
Table read_confounds_table(const std::string& path);

/// Columns that globs choose, in the globs' order; none: all but the excluded.
/// @throws Error{bad_input} for a glob that matches nothing.
std::vector<size_t> matching_columns(const Table& table, const std::vector<std::string>& globs,
                                     const std::vector<std::string>& excluded_globs);

/// Reads columns of a confounds table chosen by globs ("trans_*", "a_comp_cor_0?"); none: all.
///
/// @param excluded_globs  columns left out of "all" (chosen by name they are kept).
/// Missing values in the first rows (derivatives have none there) are filled, with one line in
/// `notes`; elsewhere they are an error.
NamedColumns read_confounds(const std::string& path, const std::vector<std::string>& globs,
                            const std::vector<std::string>& excluded_globs, Warnings& notes,
                            MissingConfounds fill = MissingConfounds::zero);

/// Reads a ready design of at least two scans. A first column named frame_time(s) or without a name
/// is taken for scan times.
DesignMatrix read_design(const std::string& path);

/// A number of a BIDS JSON sidecar, when it is there. See read_json_object for what is tolerated.
/// @throws Error{bad_input} when the file is not JSON or the value not a finite number.
std::optional<double> number_in_json(const std::string& path, const std::string& key);

std::string design_to_tsv(const DesignMatrix& design);

/// A symmetric table with a first column of names.
std::string square_to_tsv(const std::vector<std::string>& names, const Eigen::MatrixXd& values);

}  // namespace sociometer
