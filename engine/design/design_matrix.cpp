#include "engine/design/design_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.hpp"
#include "engine/core/volume_times.hpp"

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

/// @param cosines  makes those of the drift.
template <class Cosines>
void append_drift(DesignMatrix& design, const Cosines& cosines, const DesignOptions& options) {
  Eigen::MatrixXd drift(design.n_scans(), 0);
  if (options.drift == DriftModel::cosine) drift = cosines();
  if (options.drift == DriftModel::polynomial)
    drift = polynomial_drift(design.frame_times_s, options.drift_order);
  std::vector<std::string> names;
  for (Eigen::Index k = 1; k <= drift.cols(); ++k) names.push_back("drift_" + std::to_string(k));
  append(design, names, ColumnRole::drift, drift);
  append(design, {"constant"}, ColumnRole::constant, Eigen::MatrixXd::Ones(design.n_scans(), 1));
}

void require_possible_tr(double tr_s) {
  constexpr double kShortestTr = 1e-3, kLongestTr = 1e4;
  if (!(tr_s >= kShortestTr && tr_s <= kLongestTr))
    fail(ErrorCode::bad_input, "TR is {} s; it must be positive, and between {} and {} s", tr_s,
         kShortestTr, kLongestTr);
}

template <class Cosines>
DesignMatrix design_at(const Events& events, const std::optional<NamedColumns>& confounds,
                       Eigen::VectorXd frame_times_s, double tr_s, const Cosines& cosines,
                       const DesignOptions& options) {
  DesignMatrix design;
  const Eigen::Index n_scans = frame_times_s.size();
  design.values.resize(n_scans, 0);
  design.frame_times_s = std::move(frame_times_s);
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
  append_drift(design, cosines, options);
  check_design(design);
  return design;
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
  require_possible_tr(tr_s);
  if (n_scans < 2) fail(ErrorCode::bad_input, "{} scan(s): a design needs at least two", n_scans);
  // On SPM's grid a scan is sampled at its own microtime bin, regardless of the start time.
  const double start = options.grid == HrfGrid::spm ? double(options.microtime.sampled_bin - 1) /
                                                          options.microtime.bins_per_scan * tr_s
                                                    : options.start_time_s;
  Eigen::VectorXd frames(n_scans);
  for (Eigen::Index i = 0; i < n_scans; ++i) frames[i] = double(i) * tr_s + start;
  return design_at(
      events, confounds, std::move(frames), tr_s,
      [&] { return cosine_drift(n_scans, tr_s, options.high_pass_hz); }, options);
}

DesignMatrix make_design(const Events& events, const std::optional<NamedColumns>& confounds,
                         const std::vector<double>& volume_onset_s, const DesignOptions& options) {
  if (volume_onset_s.size() < 2)
    fail(ErrorCode::bad_input, "{} scan(s): a design needs at least two", volume_onset_s.size());
  if (options.grid == HrfGrid::spm)
    fail(ErrorCode::bad_input,
         "the volumes are at unequal times (VolumeTiming), and the grid 'spm' cuts a repetition "
         "time into bins; take the HRF grid nilearn");
  const double tr_s = shortest_distance(volume_onset_s);
  require_possible_tr(tr_s);
  return design_at(
      events, confounds, sampled_at(volume_onset_s, options.start_time_s), tr_s,
      [&] { return cosine_drift(volume_onset_s, options.high_pass_hz); }, options);
}

NamedColumns task_columns(const Events& events, double tr_s, const Eigen::VectorXd& frame_times_s,
                          const DesignOptions& options) {
  std::set<std::string> types;
  for (const auto& event : events) types.insert(event.type);
  NamedColumns out{{}, Eigen::MatrixXd(frame_times_s.size(), 0)};
  for (const auto& type : types)
    for (const auto& [group, trial_sd] :
         regressors_of_type(events, type, tr_s, frame_times_s, options)) {
      out.names.insert(out.names.end(), group.names.begin(), group.names.end());
      out.values.conservativeResize(Eigen::NoChange, out.values.cols() + group.values.cols());
      out.values.rightCols(group.values.cols()) = group.values;
    }
  return out;
}

DesignMatrix with_response(DesignMatrix design, const Events& events, double tr_s,
                           DesignOptions options, const HrfModel& hrf) {
  options.hrf = hrf;
  const NamedColumns columns = task_columns(events, tr_s, design.frame_times_s, options);
  for (size_t k = 0; k < columns.names.size(); ++k) {
    const Eigen::Index column = design.find(columns.names[k]);
    require(column >= 0, "a response of one function has the columns of another");
    design.values.col(column) = columns.values.col(Eigen::Index(k));
  }
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
