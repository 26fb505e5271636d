#pragma once
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// Lines for the user about input that was usable but not clean.
using Warnings = std::vector<std::string>;

/// Reads a BIDS events table.
///
/// Needs columns onset and duration; trial_type names the condition ("trial" without it);
/// modulation is the amplitude (1 without it, 1 where missing). Rows whose onset or trial_type is
/// missing are dropped, a missing duration becomes 0, each with a warning that counts them. Order
/// does not matter.
/// @param value_columns  numeric columns to keep, for modulators; missing values become NaN. A
///                       column that the table lacks is an error.
/// @throws Error{bad_input} naming file, line and column.
Events read_events(const std::string& path, const std::vector<std::string>& value_columns,
                   Warnings& warnings);

/// Reads columns of a confounds table chosen by globs ("trans_*", "a_comp_cor_0?"); none: all.
///
/// @param excluded_globs  columns left out of "all" (chosen by name they are kept).
/// Missing values in the first rows (derivatives have none there) become 0, with a warning;
/// elsewhere they are an error.
NamedColumns read_confounds(const std::string& path, const std::vector<std::string>& globs,
                            const std::vector<std::string>& excluded_globs, Warnings& warnings);

/// Reads a ready design. A first column named frame_time(s) or without a name is taken for scan
/// times.
DesignMatrix read_design(const std::string& path);

/// Scans to leave out: rows where a column that `glob` matches is neither 0 nor missing.
/// @return one flag per scan, 1 = keep.
std::vector<uint8_t> read_censor_columns(const std::string& path, const std::string& glob,
                                         Eigen::Index n_scans);

/// Scans to leave out, as a list counted from 0: "3,7,12-15".
/// @throws Error{usage} for another form, Error{bad_input} for a scan that the run does not have.
std::vector<uint8_t> parse_censor_list(const std::string& list, Eigen::Index n_scans);

/// A number of a BIDS JSON sidecar, when it is there.
/// @throws Error{bad_input} when the file is not JSON or the value not a number.
std::optional<double> number_in_json(const std::string& path, const std::string& key);

std::string design_to_tsv(const DesignMatrix& design);

/// A symmetric table with a first column of names.
std::string square_to_tsv(const std::vector<std::string>& names, const Eigen::MatrixXd& values);

}  // namespace sociometer
