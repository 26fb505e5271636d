#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/tables/design_tables.hpp"

namespace sociometer {

/// One part of what is censored: a column or glob of the confounds, where its values compare so.
struct CensorRule {
  std::string glob;
  std::string comparison = "!=";  ///< > >= < <= == !=; a column alone means != 0
  double threshold = 0;
};

/// Takes "motion_outlier*, framewise_displacement > 0.5" apart.
/// @throws Error{usage} for a part that is no column and no comparison with a number.
std::vector<CensorRule> parse_censor_rules(const std::string& text);

/// A list of scans has only digits, commas, blanks and hyphens; anything else names columns.
bool is_scan_list(const std::string& text);

/// Scans to leave out: rows where a column that a rule matches compares as the rule says.
///
/// Values that are missing in the first rows (differences have none there) count as not censored,
/// with a line in `notes`; elsewhere they are an error.
/// @return one flag per scan, 1 = keep.
std::vector<uint8_t> read_censor_columns(const std::string& path,
                                         const std::vector<CensorRule>& rules, Eigen::Index n_scans,
                                         Warnings& notes);

/// Scans to leave out, as a list counted from 0: "3,7,12-15", also with blanks.
/// @throws Error{usage} for another form, Error{bad_input} for a scan that the run does not have.
std::vector<uint8_t> parse_censor_list(const std::string& list, Eigen::Index n_scans);

/// Leaves out `before` scans before and `after` scans after each that is left out.
std::vector<uint8_t> widened(const std::vector<uint8_t>& kept, long before, long after);

}  // namespace sociometer
