#include "engine/design/design_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

void append(DesignMatrix& design, const std::vector<std::string>& names, ColumnRole role,
            const Eigen::MatrixXd& values,
            double trial_sd = std::numeric_limits<double>::quiet_NaN()) {
  const Eigen::Index first = design.values.cols();
  design.values.conservativeResize(Eigen::NoChange, first + values.cols());
  design.values.rightCols(values.cols()) = values;
  design.names.insert(design.names.end(), names.begin(), names.end());
  design.roles.insert(design.roles.end(), names.size(), role);
  design.trial_sd.insert(design.trial_sd.end(), names.size(), trial_sd);
}

std::vector<std::string> modulators_of(const std::string& type, const DesignOptions& options) {
  std::vector<std::string> columns;
  for (const auto& set : options.modulators)
    if (set.event_type == type)
      columns.insert(columns.end(), set.columns.begin(), set.columns.end());
  return columns;
}

/// The columns of one stimulus, and the standard deviation of its modulator over trials.
struct TaskColumns {
  RegressorGroup group;
  double trial_sd;
};

std::vector<TaskColumns> regressors_of_type(const Events& events, const std::string& type,
                                            double tr_s, const Eigen::VectorXd& frames,
                                            const DesignOptions& options) {
  const auto stimuli =
      stimuli_of_type(events, type, modulators_of(type, options), options.modulator_policy);
  std::vector<RegressorGroup> groups;
  if (options.grid == HrfGrid::spm)
    groups = spm_regressors(stimuli, frames.size(), tr_s, options.hrf, options.microtime,
                            options.modulator_policy.orthogonalise == Orthogonalisation::serial);
  else
    for (const auto& stimulus : stimuli)
      groups.push_back(nilearn_regressors(stimulus, frames, options.hrf, options.fine_grid));
  std::vector<TaskColumns> out;
  for (size_t i = 0; i < groups.size(); ++i)
    out.push_back({std::move(groups[i]), stimuli[i].trial_sd});
  return out;
}

void append_drift(DesignMatrix& design, double tr_s, const DesignOptions& options) {
  Eigen::MatrixXd drift(design.n_scans(), 0);
  if (options.drift == DriftModel::cosine)
    drift = cosine_drift(design.n_scans(), tr_s, options.high_pass_hz);
  if (options.drift == DriftModel::polynomial)
    drift = polynomial_drift(design.frame_times_s, options.drift_order);
  std::vector<std::string> names;
  for (Eigen::Index k = 1; k <= drift.cols(); ++k) names.push_back("drift_" + std::to_string(k));
  append(design, names, ColumnRole::drift, drift);
  append(design, {"constant"}, ColumnRole::constant, Eigen::MatrixXd::Ones(design.n_scans(), 1));
}

}  // namespace

std::string to_string(ColumnRole role) {
  switch (role) {
    case ColumnRole::task:
      return "task";
    case ColumnRole::confound:
      return "confound";
    case ColumnRole::drift:
      return "drift";
    case ColumnRole::constant:
      return "constant";
    case ColumnRole::given:
      return "given";
  }
  return "given";
}

Eigen::Index DesignMatrix::find(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : found - names.begin();
}

DesignMatrix make_design(const Events& events, const std::optional<NamedColumns>& confounds,
                         double tr_s, Eigen::Index n_scans, const DesignOptions& options) {
  constexpr double kShortestTr = 1e-3, kLongestTr = 1e4;
  if (!(tr_s >= kShortestTr && tr_s <= kLongestTr))
    fail(ErrorCode::bad_input, "TR is {} s; it must be positive, and between {} and {} s", tr_s,
         kShortestTr, kLongestTr);
  if (n_scans < 2) fail(ErrorCode::bad_input, "{} scan(s): a design needs at least two", n_scans);
  DesignMatrix design;
  design.values.resize(n_scans, 0);
  design.frame_times_s.resize(n_scans);
  // On SPM's grid a scan is sampled at its own microtime bin, regardless of the start time.
  const double start = options.grid == HrfGrid::spm ? double(options.microtime.sampled_bin - 1) /
                                                          options.microtime.bins_per_scan * tr_s
                                                    : options.start_time_s;
  for (Eigen::Index i = 0; i < n_scans; ++i) design.frame_times_s[i] = double(i) * tr_s + start;

  std::set<std::string> types;
  for (const auto& event : events) types.insert(event.type);
  for (const auto& type : types)
    for (const auto& [group, trial_sd] :
         regressors_of_type(events, type, tr_s, design.frame_times_s, options))
      append(design, group.names, ColumnRole::task, group.values, trial_sd);
  if (confounds) {
    if (confounds->values.rows() != n_scans)
      fail(ErrorCode::shape_mismatch, "confounds have {} rows, the run has {} scans",
           confounds->values.rows(), n_scans);
    append(design, confounds->names, ColumnRole::confound, confounds->values);
  }
  append_drift(design, tr_s, options);
  check_design(design);
  return design;
}

void check_design(const DesignMatrix& design) {
  std::set<std::string> seen;
  for (const auto& name : design.names) {
    if (name.empty()) fail(ErrorCode::bad_input, "design has a column without a name");
    if (!seen.insert(name).second)
      fail(ErrorCode::bad_input, "design has two columns named '{}'; rename or drop one", name);
  }
  for (Eigen::Index j = 0; j < design.n_columns(); ++j)
    for (Eigen::Index i = 0; i < design.n_scans(); ++i)
      if (!std::isfinite(design.values(i, j)))
        fail(ErrorCode::bad_input,
             "design column '{}' is {} at scan {} (counted from 0); every value must be finite",
             design.names[size_t(j)], design.values(i, j), i);
}

}  // namespace sociometer
