#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "cli/jobs/regions/roi_table.hpp"

namespace sociometer::cli {

/// Which rows of a table of region values are wanted.
struct ValueChoice {
  std::string statistic, session;            ///< empty: the only one there is
  std::vector<std::string> rois, contrasts;  ///< names or globs; none: all
  double min_coverage = 0;                   ///< values of less coverage are left out
};

/// Values of participants (rows) in regions and contrasts (columns).
struct ValueTable {
  std::vector<std::string> participants;
  std::vector<std::pair<std::string, std::string>> columns;  ///< region, contrast
  Eigen::MatrixXd values;                                    ///< NaN where missing
  std::string statistic, session;
  std::string map_statistic;  ///< what the maps held that the values are of; empty: not said
  Eigen::Index left_out = 0;  ///< values of too little coverage
  /// The column of a region and contrast.
  /// @throws Error{usage} naming those that there are.
  Eigen::Index find(const std::string& roi, const std::string& contrast) const;
};

/// @throws Error{bad_input} when the choice leaves nothing, or leaves open which session or
/// statistic is meant.
ValueTable pivot(const std::vector<RegionValue>& values, const ValueChoice& choice,
                 const std::string& path);

/// Refuses values of maps of z, t, p ..: units of regressors mean nothing to them.
/// @throws Error{bad_input}
void require_effects(const ValueTable& table, const std::string& path);

/// Standard deviation of each signal's regressor over trials, mean over participants; NaN where the
/// table lacks it for one of them.
std::vector<double> regressor_sds(const std::vector<RegionValue>& values, const ValueTable& table,
                                  const std::string& region,
                                  const std::vector<std::string>& signals,
                                  const std::vector<std::string>& participants);

/// Columns of a participants table in the order of `participants`; n/a for one without a row.
/// @throws Error{bad_input} for a column that the table lacks, or when it has none of the
/// participants.
std::vector<std::vector<std::string>> participant_columns(
    const std::string& path, const std::vector<std::string>& participants,
    const std::vector<std::string>& columns);

}  // namespace sociometer::cli
