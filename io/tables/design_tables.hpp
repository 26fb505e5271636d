#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/design/design_matrix.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// Messages for the user about input that is usable but imperfect.
using Warnings = std::vector<std::string>;

/// Reads a BIDS events table.
///
/// Requires columns onset and duration; trial_type names the condition ("trial" without it);
/// modulation is the amplitude (1 without the column; a missing value is an error). Rows with a
/// missing onset or trial_type are dropped, a missing duration becomes 0, each with a warning that
/// gives their number. Rows may be in any order.
/// @param value_columns  numeric columns to read, for modulators; missing values become NaN, a
///                       missing column is an error.
/// @throws Error{bad_input} naming file, line and column.
Events read_events(const Table& table, const std::vector<std::string>& value_columns,
                   Warnings& warnings);

/// The rows of a table that read_events takes, in its order: that of its i-th event.
std::vector<size_t> event_rows(const Table& table);

/// What replaces missing values in the first rows of a confound.
enum class MissingConfounds {
  zero,
  next  ///< the first available value, as in nilearn
};
constexpr std::array<Name<MissingConfounds>, 2> names_of(std::type_identity<MissingConfounds>) {
  return {{{MissingConfounds::zero, "zero"}, {MissingConfounds::next, "next"}}};
}

/// A confounds table as text: TSV, CSV, blank-separated numbers, or SPM regressors (.mat).
Table read_confounds_table(const std::string& path);

/// Columns matched by the globs, in the globs' order; without globs, all but the excluded.
/// @throws Error{bad_input} for a glob without matches.
std::vector<size_t> matching_columns(const Table& table, const std::vector<std::string>& globs,
                                     const std::vector<std::string>& excluded_globs);

/// Reads columns of a confounds table selected by globs ("trans_*", "a_comp_cor_0?"); empty: all.
///
/// @param excluded_globs  columns omitted from "all" (but not if selected by a glob).
/// Missing values in the first rows (where derivatives are undefined) are filled, with one line in
/// `notes`; elsewhere they are an error.
NamedColumns read_confounds(const Table& table, const std::vector<std::string>& globs,
                            const std::vector<std::string>& excluded_globs, Warnings& notes,
                            MissingConfounds fill = MissingConfounds::zero);

/// Reads a ready-made design of at least two scans. A first column named frame_time(s) or without a
/// name is taken as scan times.
DesignMatrix read_design(const std::string& path);
DesignMatrix design_of(const Table& table);

/// A number from a BIDS JSON sidecar; nullopt if absent. For leniency see read_json_object.
/// @throws Error{bad_input} if the file is not JSON or the value is not a finite number.
std::optional<double> number_in_json(const FileContent& sidecar, const std::string& key);
/// A list of numbers; empty if absent.
std::vector<double> numbers_in_json(const FileContent& sidecar, const std::string& key);

std::string design_to_tsv(const DesignMatrix& design);

/// A square table with a first column of names.
std::string square_to_tsv(const std::vector<std::string>& names, const Eigen::MatrixXd& values);

}  // namespace sociometer
