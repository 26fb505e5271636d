#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/design/drift.hpp"
#include "engine/design/events.hpp"
#include "engine/design/hrf.hpp"
#include "engine/design/modulators.hpp"
#include "engine/design/regressors.hpp"
#include "engine/design/spm_regressors.hpp"

namespace sociometer {

/// What a column of a design is there for.
enum class ColumnRole { task, confound, drift, constant, given };
std::string to_string(ColumnRole role);

/// Named columns of equal length, such as confounds.
struct NamedColumns {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< (n_scans, names.size())
};

/// The design of one run.
struct DesignMatrix {
  std::vector<std::string> names;
  std::vector<ColumnRole> roles;
  Eigen::MatrixXd values;         ///< X, (n_scans, n_columns)
  Eigen::VectorXd frame_times_s;  ///< empty when the matrix was given ready-made
  /// Per column: standard deviation over trials of the modulator that it comes from, as it entered
  /// (after centring and scaling); NaN for other columns. Empty when the matrix was given.
  std::vector<double> trial_sd;
  Eigen::Index n_scans() const { return values.rows(); }
  Eigen::Index n_columns() const { return values.cols(); }
  /// Position of a column, or -1.
  Eigen::Index find(const std::string& name) const;
};

enum class HrfGrid { nilearn, spm };
constexpr std::array<Name<HrfGrid>, 2> names_of(std::type_identity<HrfGrid>) {
  return {{{HrfGrid::nilearn, "nilearn"}, {HrfGrid::spm, "spm"}}};
}

/// Everything that peers disagree on when events become columns. Defaults are ours
/// (docs/numerics.md).
struct DesignOptions {
  HrfModel hrf;
  HrfGrid grid = HrfGrid::nilearn;
  FineGridOptions fine_grid;
  MicrotimeOptions microtime;  ///< used with HrfGrid::spm
  DriftModel drift = DriftModel::cosine;
  double high_pass_hz = 1.0 / 128;
  int drift_order = 1;  ///< polynomial
  std::vector<ModulatorSet> modulators;
  ModulatorPolicy modulator_policy;
  double start_time_s = 0;  ///< when, within its TR, a scan is taken to be sampled
};

/// Builds the design of one run: conditions in byte order of their names, each with its modulators
/// and derivatives; confounds; drift_1..; constant last.
///
/// A condition or modulator that this run lacks has no column here.
/// @param tr_s      repetition time, > 0.
/// @param n_scans   at least two.
/// @throws Error{bad_input} when the confounds' length differs or two columns share a name.
DesignMatrix make_design(const Events& events, const std::optional<NamedColumns>& confounds,
                         double tr_s, Eigen::Index n_scans, const DesignOptions& options);

/// Checks a finished design: finite, names unique and not empty, fewer independent columns than
/// scans.
/// @throws Error{bad_input} naming the column and the scan.
void check_design(const DesignMatrix& design);

}  // namespace sociometer
