#include "engine/design/split_design.hpp"

#include <algorithm>

#include "engine/core/error.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {

std::vector<std::string> function_names(const std::string& name, const HrfModel& hrf) {
  std::vector<std::string> names{name};
  if (hrf.time_derivative) names.push_back(name + "_derivative");
  if (hrf.dispersion_derivative) names.push_back(name + "_dispersion");
  return names;
}

RegressorGroup linear_regressors(const Stimulus& stimulus, double tr_s,
                                 const Eigen::VectorXd& frames, const DesignOptions& options) {
  if (options.grid == HrfGrid::spm)
    return linear_spm_regressors(stimulus, frames.size(), tr_s, options.hrf, options.microtime);
  return linear_nilearn_regressors(stimulus, frames, options.hrf, options.fine_grid);
}

void fill_columns(const SplitDesign& split, double tr_s, const Eigen::VectorXd& frames,
                  const DesignOptions& options, SingleTrials& out) {
  out.n_functions = 1 + options.hrf.time_derivative + options.hrf.dispersion_derivative;
  out.columns.setZero(frames.size(), Eigen::Index(out.n_trials()) * out.n_functions);
  for (const auto& condition : split.conditions)
    for (size_t i = 0; i < condition.trials.size(); ++i) {
      Stimulus one = condition.stimulus;
      std::fill(one.weight.begin(), one.weight.end(), 0.0);
      const size_t at = condition.positions[i];
      one.weight[at] = condition.stimulus.weight[at];
      out.columns.middleCols(Eigen::Index(condition.trials[i]) * out.n_functions, out.n_functions) =
          linear_regressors(one, tr_s, frames, options).values;
    }
}

std::set<Eigen::Index> columns_of(const SplitDesign& split, const DesignMatrix& design) {
  std::set<Eigen::Index> columns;
  for (const auto& sum : split.sums)
    for (const auto& name : sum.names) {
      const Eigen::Index column = design.find(name);
      require(column >= 0, "a design has the columns of its conditions");
      columns.insert(column);
    }
  return columns;
}

Eigen::MatrixXd sum_of_trials(const TrialSum& sum, const SingleTrials& trials) {
  Eigen::MatrixXd values = Eigen::MatrixXd::Zero(trials.columns.rows(), trials.n_functions);
  for (size_t i = 0; i < sum.trials.size(); ++i)
    values +=
        sum.weights[i] * trials.columns.middleCols(Eigen::Index(sum.trials[i]) * trials.n_functions,
                                                   trials.n_functions);
  if (sum.rest.size() > 0) values += sum.rest;
  return values;
}

namespace {

const char* const kAllOthers = "trials";

void append_column(const std::string& name, ColumnRole role, const Eigen::VectorXd& values,
                   double trial_sd, DesignMatrix& to) {
  to.values.conservativeResize(values.size(), to.values.cols() + 1);
  to.values.rightCols(1) = values;
  to.names.push_back(name);
  to.roles.push_back(role);
  to.trial_sd.push_back(trial_sd);
}

/// Appends the columns of a design that are not in `without`.
void append_rest(const DesignMatrix& design, const std::set<Eigen::Index>& without,
                 DesignMatrix& to) {
  for (Eigen::Index j = 0; j < design.n_columns(); ++j)
    if (!without.contains(j))
      append_column(design.names[size_t(j)], design.roles[size_t(j)], design.values.col(j),
                    design.trial_sd.empty() ? kNaN : design.trial_sd[size_t(j)], to);
}

void append_group(const std::vector<std::string>& names, const Eigen::MatrixXd& values,
                  double trial_sd, DesignMatrix& to) {
  for (Eigen::Index f = 0; f < values.cols(); ++f)
    append_column(names[size_t(f)], ColumnRole::task, values.col(f), trial_sd, to);
}

/// Appends a column of trials to the model, and notes the trials' shares.
void append_sum(const TrialSum& sum, SingleTrials& out) {
  const Eigen::Index first = out.model.n_columns();
  for (size_t i = 0; i < sum.trials.size(); ++i)
    if (sum.weights[i] != 0) out.shares[sum.trials[i]].push_back({first, sum.weights[i]});
  append_group(sum.names, sum_of_trials(sum, out), sum.trial_sd, out.model);
}

void make_lss_model(const SplitDesign& split, const HrfModel& hrf, TrialOthers others,
                    SingleTrials& out) {
  out.shares.resize(out.n_trials());
  const bool together = others == TrialOthers::all;
  if (together && out.n_trials() > 0) {
    TrialSum all{function_names(kAllOthers, hrf), {}, std::vector<double>(out.n_trials(), 1.0)};
    for (size_t t = 0; t < out.n_trials(); ++t) all.trials.push_back(t);
    append_sum(all, out);
  }
  for (const auto& sum : split.sums) {
    if (!together || !sum.is_condition)
      append_sum(sum, out);
    else if (sum.rest.size() > 0)
      append_group(sum.names, sum.rest, sum.trial_sd, out.model);
  }
}

void make_lsa_model(const SplitDesign& split, const HrfModel& hrf, SingleTrials& out) {
  for (size_t t = 0; t < out.n_trials(); ++t) {
    Eigen::MatrixXd own =
        out.columns.middleCols(Eigen::Index(t) * out.n_functions, out.n_functions);
    orthogonalise_serially(own);
    append_group(function_names("trial#" + std::to_string(t + 1), hrf), own, kNaN, out.model);
  }
  for (const auto& sum : split.sums)
    if (sum.rest.size() > 0) append_group(sum.names, sum.rest, sum.trial_sd, out.model);
}

}  // namespace

void make_model(const SplitDesign& split, const DesignMatrix& design, const HrfModel& hrf,
                const TrialOptions& trials, SingleTrials& out) {
  out.model.frame_times_s = design.frame_times_s;
  if (trials.method == TrialMethod::lss)
    make_lss_model(split, hrf, trials.others, out);
  else
    make_lsa_model(split, hrf, out);
  append_rest(design, columns_of(split, design), out.model);
  check_design(out.model);
}

}  // namespace sociometer
