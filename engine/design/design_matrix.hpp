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

/// Purpose of a design column.
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
  Eigen::VectorXd frame_times_s;  ///< empty if the matrix was supplied ready-made
  /// Per column: standard deviation over trials of the modulator it was built from, as used in the
  /// design (after centring and scaling); NaN for other columns. Empty if the matrix was supplied.
  std::vector<double> trial_sd;
  Eigen::Index n_scans() const { return values.rows(); }
  Eigen::Index n_columns() const { return values.cols(); }
  /// Index of a column, or -1.
  Eigen::Index find(const std::string& name) const;
};

enum class HrfGrid { nilearn, spm };
constexpr std::array<Name<HrfGrid>, 2> names_of(std::type_identity<HrfGrid>) {
  return {{{HrfGrid::nilearn, "nilearn"}, {HrfGrid::spm, "spm"}}};
}

/// All choices in which other packages differ when they turn events into columns. The defaults are
/// ours (docs/numerics.md).
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
  double start_time_s = 0;  ///< sampling time within the TR (nilearn grid)
};

/// Builds the design of one run: conditions in byte order of their names, each with its modulators
/// and derivatives; confounds; drift_1..; constant last.
///
/// Conditions or modulators absent from this run get no column.
/// @param tr_s      repetition time, 1e-3 to 1e4 s.
/// @param n_scans   at least two.
/// @throws Error{shape_mismatch} if the confounds have other than n_scans rows; as check_design.
DesignMatrix make_design(const Events& events, const std::optional<NamedColumns>& confounds,
                         double tr_s, Eigen::Index n_scans, const DesignOptions& options);

/// The same for volumes at unequal distances: regressors are sampled at the volumes' times, and
/// drifts are functions of real time. A FIR delay counts shortest distances of volumes.
/// @param volume_onset_s  increasing; options.start_time_s is added to them.
/// @throws Error{bad_input} for HrfGrid::spm, which has a TR; as above.
DesignMatrix make_design(const Events& events, const std::optional<NamedColumns>& confounds,
                         const std::vector<double>& volume_onset_s, const DesignOptions& options);

/// The task columns of make_design alone.
NamedColumns task_columns(const Events& events, double tr_s, const Eigen::VectorXd& frame_times_s,
                          const DesignOptions& options);

/// The design with other responses: its task columns made again, everything else as it is.
///
/// @param design   make_design of these events and options.
/// @param options  hrf: of the design; both responses have one basis function.
/// @param hrf      the new response.
DesignMatrix with_response(DesignMatrix design, const Events& events, double tr_s,
                           DesignOptions options, const HrfModel& hrf);

/// Checks a finished design: column names unique and not empty, all values
/// finite. Rank is not checked.
/// @throws Error{bad_input} naming the column and, for a non-finite value, the scan.
void check_design(const DesignMatrix& design);

}  // namespace sociometer
