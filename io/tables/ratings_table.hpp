#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Ratings of partners, averaged within the cells of mean rank (worse, better) by
/// match probability (low, high).
struct RatingCells {
  std::vector<std::string> participants;  ///< without "sub-"
  Eigen::MatrixXd cells;  ///< (n_participants, 4): worse-low, worse-high, better-low, better-high
  double rank_split = 0, match_split = 0;  ///< midway between the table's minimum and maximum
};

/// Reads a long table: participant_id, option, rating, mean_rank, p_match.
///
/// Mean ranks at or above the split are the worse level. Missing ratings are skipped; participants
/// not in `wanted` are skipped, and those without ratings in all four cells are dropped with a
/// warning.
/// @throws Error{bad_input} naming the missing column, or if mean_rank or p_match does not vary.
RatingCells read_ratings(const Table& table, const std::vector<std::string>& wanted,
                         Warnings& warnings);

}  // namespace sociometer
