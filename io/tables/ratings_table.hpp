#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/tables/design_tables.hpp"

namespace sociometer {

/// Ratings of partners, averaged within the cells of mean rank (worse, better) by probability of a
/// match (low, high).
struct RatingCells {
  std::vector<std::string> participants;  ///< without "sub-"
  Eigen::MatrixXd cells;  ///< (n_participants, 4): worse-low, worse-high, better-low, better-high
  double rank_split = 0, match_split = 0;  ///< halfway between the extremes of the table
};

/// Reads a long table: participant_id, option, rating, mean_rank, p_match.
///
/// Mean ranks above the split are the worse level. Missing ratings are left out; participants who
/// are left without a cell, or are not among `wanted`, too, with a warning for the former.
/// @throws Error{bad_input} naming the column that is missing, or when mean_rank or p_match do not
/// vary.
RatingCells read_ratings(const std::string& path, const std::vector<std::string>& wanted,
                         Warnings& warnings);

}  // namespace sociometer
