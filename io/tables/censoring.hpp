#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Scans whose value compares like this with the threshold are left out.
enum class CensorComparison { at_least, at_most, equal, not_equal, above, below };
/// Those of two characters come first, as a rule's text is searched for them in this order.
constexpr std::array<Name<CensorComparison>, 6> names_of(std::type_identity<CensorComparison>) {
  return {{{CensorComparison::at_least, ">="},
           {CensorComparison::at_most, "<="},
           {CensorComparison::equal, "=="},
           {CensorComparison::not_equal, "!="},
           {CensorComparison::above, ">"},
           {CensorComparison::below, "<"}}};
}

/// One censoring rule: a confound column or glob, and the comparison that censors a scan.
struct CensorRule {
  std::string glob;
  CensorComparison comparison = CensorComparison::not_equal;  ///< a column alone means != 0
  double threshold = 0;
};

/// Parses "motion_outlier*, framewise_displacement > 0.5".
/// @throws Error{usage} for a part that is neither a column nor a comparison with a number.
std::vector<CensorRule> parse_censor_rules(const std::string& text);

/// A list of scans has only digits, commas, blanks and hyphens; anything else refers to columns.
bool is_scan_list(const std::string& text);

/// Scans to keep: a scan is censored if any column matching a rule satisfies its comparison.
///
/// Missing values in the first rows (where differences are undefined) count as not censored, with a
/// line in `notes`; elsewhere they are an error.
/// @return one flag per scan, 1 = keep.
std::vector<uint8_t> read_censor_columns(const Table& table, const std::vector<CensorRule>& rules,
                                         Eigen::Index n_scans, Warnings& notes);

/// The same from a list of scans to censor, counted from 0: "3,7,12-15", or separated by blanks.
/// @throws Error{usage} for a malformed list, Error{bad_input} for a scan beyond the run.
std::vector<uint8_t> parse_censor_list(const std::string& list, Eigen::Index n_scans);

/// Also censors `before` scans before and `after` scans after each censored scan.
std::vector<uint8_t> widened(const std::vector<uint8_t>& kept, long before, long after);

}  // namespace sociometer
