#pragma once
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/missing.hpp"
#include "engine/roi/dissociation.hpp"

namespace sociometer {

/// Whose numbers a map or a value is.
struct Unit {
  std::string participant, session;  ///< with sub- and ses-; the session may be empty
  std::string contrast;              ///< may be empty
};

/// One row of the long table of region values.
struct RegionValue {
  Unit unit;
  std::string roi, statistic;
  double value = kNaN;
  Eigen::Index n_voxels = 0;
  double coverage = 0;
  double vif = kNaN, efficiency = kNaN;
  double regressor_sd = kNaN;   ///< over trials
  double correlation = kNaN;    ///< of the contrast's regressor with that of correlated_with
  std::string correlated_with;  ///< the contrast of the same participant with the largest |r|
};

/// Which rows of a long table are wanted.
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
  Eigen::Index left_out = 0;  ///< values of too little coverage

  /// The column of a region and contrast.
  /// @throws Error{usage} naming those that there are.
  Eigen::Index find(const std::string& roi, const std::string& contrast) const;
  /// The regions and the contrasts, each once, in the order of the columns.
  std::vector<std::string> regions() const;
  std::vector<std::string> contrasts() const;
  /// Leaves only these participants.
  void keep(const std::vector<Eigen::Index>& rows);
};

/// The long table as a wide one: participants and columns in the order of first appearance.
/// @param name  of the table, for messages.
/// @throws Error{bad_input} when the choice leaves nothing, or leaves open which session or
///         statistic is meant.
ValueTable pivot(const std::vector<RegionValue>& values, const ValueChoice& choice,
                 const std::string& name);

/// The first contrast minus the second of each pair, in each region; columns are named "a - b".
/// @throws Error{usage} for a contrast that the table lacks.
ValueTable differences_of(const ValueTable& table,
                          const std::vector<std::pair<std::string, std::string>>& pairs);

/// The cells of a table as participants x region x signal; NaN where missing.
/// @throws Error{usage} for a region or signal that the table lacks.
DissociationData cells_of(const ValueTable& table, const std::vector<std::string>& regions,
                          const std::vector<std::string>& signals);

/// Participants of whom the table does not have the standard deviation of a signal's regressor.
std::vector<std::string> without_regressor_sd(const std::vector<RegionValue>& values,
                                              const ValueTable& table,
                                              const DissociationData& data);

/// Standard deviation of each signal's regressor over trials, mean over participants; NaN where the
/// table lacks it for one of them, and for statistics that do not scale with the regressor.
/// @param values  the long table of which `table` was made.
std::vector<double> regressor_sds(const std::vector<RegionValue>& values, const ValueTable& table,
                                  const std::string& region,
                                  const std::vector<std::string>& signals,
                                  const std::vector<std::string>& participants);

/// How far the designs of the participants tell two signals apart.
struct SignalCollinearity {
  std::string signal, other;
  size_t n = 0;  ///< participants whose table says
  double mean_r = 0, largest_r = 0, largest_vif = 0;
  std::string largest_r_in;
};

/// Of each pair of signals, over the participants of `data`.
/// @param session  of `values` that is meant.
std::vector<SignalCollinearity> signal_collinearity(const std::vector<RegionValue>& values,
                                                    const DissociationData& data,
                                                    const std::string& session);

}  // namespace sociometer
