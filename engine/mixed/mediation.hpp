#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/mixed/mixed_table.hpp"

namespace sociometer {

/// The paths of a mediation x -> m -> y.
enum class MediationPath { a, b, direct, total, indirect };
constexpr std::array<Name<MediationPath>, 5> names_of(std::type_identity<MediationPath>) {
  return {{{MediationPath::a, "a"},
           {MediationPath::b, "b"},
           {MediationPath::direct, "direct"},
           {MediationPath::total, "total"},
           {MediationPath::indirect, "indirect"}}};
}

/// Columns of a table, and how many participants are drawn.
struct MediationPlan {
  std::string x, m, y, participant = "participant_id";
  int bootstraps = 10000;
  uint64_t seed = 1;
  double level = 0.95;
};

/// One path over participants.
struct MediationFigures {
  MediationPath path = MediationPath::a;
  double mean = 0, sd = 0;       ///< over participants
  double low = 0, high = 0;      ///< expanded percentile interval of the mean, participants drawn
  double t = 0, dof = 0, p = 0;  ///< of the mean; NaN for the indirect path: see its interval
};

/// Mediation within participants.
struct Mediation {
  std::vector<MediationFigures> paths;  ///< in the order of MediationPath
  double product_of_means = 0;          ///< mean a times mean b
  double covariance = 0;                ///< of a and b over participants: indirect less the product
  std::vector<std::string> participants;
  Eigen::MatrixXd slopes;             ///< (n_participants, 5), in the order of MediationPath
  std::vector<std::string> left_out;  ///< participants without spread or with under 4 trials
  size_t n_rows = 0;
  size_t n_dropped = 0;      ///< rows without x, m, y or participant
  bool y_is_binary = false;  ///< its values are 0 and 1: slopes are differences of probability
};

/// Slopes of each participant by least squares: a of m on x; b and direct of y on m and x; total of
/// y on x; indirect = a b, which is total - direct. Their means over participants, with intervals
/// of means over participants drawn with replacement, whose tails are widened to those of t.
///
/// Participants count alike. Values of a slope within a participant do not mix with differences
/// between participants. With a covariance of a and b, the indirect effect is not the product of
/// mean a and mean b.
/// @throws Error{bad_input} for columns without numbers and fewer than 5 participants.
/// @cost  bootstraps times participants.
/// @source Kenny, Korchmaros & Bolger 2003, Psychol Methods 8; Wager et al. 2008, Neuron 59;
/// Hesterberg 2015, Am Stat 69 (expanded percentile interval).
Mediation mediate(const MixedTable& table, const MediationPlan& plan);

}  // namespace sociometer
