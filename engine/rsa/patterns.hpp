#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// What one pattern of an RDM is.
enum class PatternUnit {
  trial,          ///< the amplitudes of one trial
  condition,      ///< the mean over all trials of a condition
  condition_run,  ///< the mean over the trials of a condition in one run
};
constexpr std::array<Name<PatternUnit>, 3> names_of(std::type_identity<PatternUnit>) {
  return {{{PatternUnit::trial, "trial"},
           {PatternUnit::condition, "condition"},
           {PatternUnit::condition_run, "condition-run"}}};
}

/// A trial that has an amplitude.
struct PatternTrial {
  int number = 0;         ///< in the table of trials, from 1
  int run = 0;            ///< from 1
  std::string condition;  ///< may be empty if no unit needs it
  double onset_s = 0;     ///< from the start of the run
};

/// One row and column of an RDM.
struct PatternItem {
  std::string label;                 ///< the condition, or the number of the trial
  int condition = -1;                ///< position in PatternItems::conditions; -1: none
  int run = 0;                       ///< from 1; 0: over runs
  std::vector<Eigen::Index> trials;  ///< whose mean it is, as positions in the list
};

struct PatternItems {
  PatternUnit unit = PatternUnit::trial;
  std::vector<std::string> conditions;  ///< in byte order
  std::vector<PatternItem> items;       ///< trials in their order; else by run, then condition
  Eigen::Index size() const { return Eigen::Index(items.size()); }
};

/// The items that the trials make. Trials without a condition are left out unless the unit is the
/// trial. A condition that is missing in a run has no item there.
PatternItems make_items(const std::vector<PatternTrial>& trials, PatternUnit unit);

/// Whether two participants have the same conditions (in the same runs); trials are nobody else's.
bool same_items(const PatternItems& a, const PatternItems& b);

/// Mean patterns.
/// @param amplitudes  (n_trials, n_voxels).
/// @return (n_items, n_voxels), a voxel contiguous.
Eigen::MatrixXd mean_patterns(const PatternItems& items,
                              const Eigen::Ref<const Eigen::MatrixXd>& amplitudes);

/// The mean of a value of the trials over each item's trials that have one; NaN if none has.
Eigen::VectorXd mean_values(const PatternItems& items, const Eigen::VectorXd& of_trials);

/// A text of the trials for each item; empty if it differs among the item's trials or is missing.
std::vector<std::string> common_texts(const PatternItems& items,
                                      const std::vector<std::string>& of_trials);

/// Deviations of trials from the mean of their condition in their run: what varies while the
/// condition does not. As Helmert's contrasts, each trial less the mean of those before it: they
/// have the sum of squares and products of the deviations, and are independent of each other, which
/// deviations are not (those of two trials are d/2 and -d/2); shrinkage counts independent rows.
struct TrialDeviations {
  Eigen::MatrixXd values;  ///< (dof, n_voxels)
  double dof = 0;          ///< their number less the number of groups
};
/// @param run_items  of unit condition_run.
TrialDeviations trial_deviations(const PatternItems& run_items,
                                 const Eigen::Ref<const Eigen::MatrixXd>& amplitudes);

}  // namespace sociometer
