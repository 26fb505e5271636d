#include "engine/design/model_trials.hpp"

#include <algorithm>
#include <map>

#include "engine/core/error.hpp"
#include "engine/design/split_design.hpp"
#include "engine/design/subspace.hpp"

namespace sociometer {
namespace {

constexpr double kRounding = 1e-8;

/// SPM divides the weights of a stimulus by the length of a bin if all its events are impulses.
double grid_scale(const Stimulus& stimulus, double tr_s, const DesignOptions& options) {
  const bool impulses = std::all_of(stimulus.duration_s.begin(), stimulus.duration_s.end(),
                                    [](double duration) { return duration == 0; });
  return options.grid == HrfGrid::spm && impulses ? options.microtime.bins_per_scan / tr_s : 1.0;
}

/// Splits the columns of one run; see split_trials.
class ModelSplitter {
 public:
  ModelSplitter(const std::vector<EventColumn>& columns, const DesignMatrix& design, double tr_s,
                const TrialOptions& trials)
      : columns_(columns), design_(design), tr_s_(tr_s), options_(trials) {}

  /// @param options  their response becomes that of the trials.
  SplitDesign split(DesignOptions& options, SingleTrials& out) {
    out.columns.resize(design_.n_scans(), 0);
    choose_conditions();
    if (conditions_.empty()) return {};
    list_trials(out);
    options.hrf = columns_[conditions_.front()].hrf;
    for (size_t c : conditions_) add_condition(c, options.hrf);
    fill_columns(split_, tr_s_, design_.frame_times_s, options, out);
    for (size_t c = 0; c < columns_.size(); ++c) add_sum(c, options, out);
    if (options_.method == TrialMethod::lsa) refuse_explained(out);
    return std::move(split_);
  }

 private:
  struct Trial {
    size_t column = 0, position = 0;  ///< its event
    size_t number = 0;
  };

  void choose_conditions() {
    const auto& types = options_.types;
    for (size_t c = 0; c < columns_.size(); ++c)
      if (!columns_[c].rows.empty() &&
          std::find(types.begin(), types.end(), columns_[c].stimulus.name) != types.end())
        conditions_.push_back(c);
  }

  void list_trials(SingleTrials& out) {
    for (size_t c : conditions_)
      for (size_t i = 0; i < columns_[c].rows.size(); ++i)
        trials_.try_emplace(columns_[c].rows[i], Trial{c, i, 0});
    for (auto& [row, trial] : trials_) {
      trial.number = out.events.size();
      out.events.push_back(size_t(row));
      const Stimulus& stimulus = columns_[trial.column].stimulus;
      std::string name = stimulus.name;
      if (name.starts_with(kTypeColumn)) name.erase(0, kTypeColumn.size());
      out.trials.push_back({stimulus.onset_s[trial.position],
                            stimulus.duration_s[trial.position],
                            std::move(name),
                            stimulus.weight[trial.position],
                            {}});
    }
  }

  void require_response(const EventColumn& column, const HrfModel& hrf, const char* why) const {
    if (column.hrf == hrf) return;
    fail(ErrorCode::bad_input,
         "'{}' has the response {} in the design, and '{}' has {}: {}; give both the same response "
         "and derivatives",
         column.stimulus.name, to_string(column.hrf), columns_[conditions_.front()].stimulus.name,
         to_string(hrf), why);
  }

  void add_condition(size_t c, const HrfModel& hrf) {
    require_response(columns_[c], hrf, "all trials have one response");
    SplitCondition one{columns_[c].stimulus, {}, {}};
    for (const auto& entry : trials_)
      if (entry.second.column == c) {
        one.trials.push_back(entry.second.number);
        one.positions.push_back(entry.second.position);
      }
    split_.conditions.push_back(std::move(one));
  }

  /// The trial that an event of a column is: the same row at the same time.
  const Trial* trial_of(const EventColumn& column, size_t i) const {
    const auto found = trials_.find(column.rows[i]);
    if (found == trials_.end()) return nullptr;
    const Stimulus& stimulus = columns_[found->second.column].stimulus;
    const size_t at = found->second.position;
    const bool same = stimulus.onset_s[at] == column.stimulus.onset_s[i] &&
                      stimulus.duration_s[at] == column.stimulus.duration_s[i];
    return same ? &found->second : nullptr;
  }

  void add_sum(size_t c, const DesignOptions& options, const SingleTrials& out) {
    const EventColumn& column = columns_[c];
    TrialSum sum{column.names, {}, {}, column.stimulus.trial_sd};
    sum.is_condition = std::find(conditions_.begin(), conditions_.end(), c) != conditions_.end();
    Stimulus rest = column.stimulus;
    bool others = false;
    for (size_t i = 0; i < column.rows.size(); ++i) {
      const Trial* trial = trial_of(column, i);
      if (!trial) {
        others = true;
        continue;
      }
      const Stimulus& own = columns_[trial->column].stimulus;
      sum.trials.push_back(trial->number);
      sum.weights.push_back(column.stimulus.weight[i] / own.weight[trial->position] *
                            grid_scale(column.stimulus, tr_s_, options) /
                            grid_scale(own, tr_s_, options));
      rest.weight[i] = 0;
    }
    if (sum.trials.empty()) return;
    require_response(column, options.hrf, "they are about the same trials");
    if (others) sum.rest = linear_regressors(rest, tr_s_, design_.frame_times_s, options).values;
    require_sum(sum, out);
    split_.sums.push_back(std::move(sum));
  }

  /// What is taken out of a column must be in it.
  void require_sum(const TrialSum& sum, const SingleTrials& out) const {
    Eigen::MatrixXd made = sum_of_trials(sum, out);
    orthogonalise_serially(made);
    for (size_t f = 0; f < sum.names.size(); ++f) {
      const Eigen::VectorXd column = design_.values.col(design_.find(sum.names[f]));
      const Eigen::VectorXd difference = column - made.col(Eigen::Index(f));
      if (difference.norm() > kRounding * std::max(column.norm(), made.col(0).norm()))
        fail(ErrorCode::bad_input,
             "'{}' is not the sum of its events' responses, and no trial can be taken out of it",
             sum.names[f]);
    }
  }

  /// A sum of trials that an instruction changed after Convolve would explain each of them.
  void refuse_explained(const SingleTrials& out) const {
    Eigen::MatrixXd trials(out.columns.rows(), out.columns.cols() + 1);
    trials << out.columns, Eigen::VectorXd::Ones(out.columns.rows());
    const std::set<Eigen::Index> split = columns_of(split_, design_);
    for (Eigen::Index j = 0; j < design_.n_columns(); ++j) {
      const Eigen::VectorXd column = design_.values.col(j);
      if (split.contains(j) || design_.roles[size_t(j)] != ColumnRole::task ||
          residual_of(column, trials).norm() > kRounding * column.norm())
        continue;
      fail(ErrorCode::bad_input,
           "'{}' is a sum of the trials' responses that an instruction changed after Convolve: "
           "with a column for each trial it would explain them all; change it before Convolve",
           design_.names[size_t(j)]);
    }
  }

  const std::vector<EventColumn>& columns_;
  const DesignMatrix& design_;
  double tr_s_;
  const TrialOptions& options_;
  std::vector<size_t> conditions_;
  std::map<int, Trial> trials_;  ///< by row
  SplitDesign split_;
};

}  // namespace

SingleTrials split_trials(const std::vector<EventColumn>& columns, const DesignMatrix& design,
                          double tr_s, const DesignOptions& options, const TrialOptions& trials) {
  SingleTrials out;
  DesignOptions with_response = options;
  const SplitDesign split = ModelSplitter(columns, design, tr_s, trials).split(with_response, out);
  make_model(split, design, with_response.hrf, trials, out);
  return out;
}

}  // namespace sociometer
