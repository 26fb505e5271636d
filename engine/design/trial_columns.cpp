#include <algorithm>
#include <map>
#include <set>

#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/design/model_trials.hpp"

namespace sociometer {
namespace {

/// Finds the columns of trials over all runs; see trial_columns.
class TrialColumns {
 public:
  TrialColumns(const std::vector<std::vector<EventColumn>>& runs,
               const std::vector<std::string>& types)
      : runs_(runs), types_(types) {
    for (const auto& run : runs)
      for (const auto& column : run)
        if (std::find(names_.begin(), names_.end(), column.stimulus.name) == names_.end())
          names_.push_back(column.stimulus.name);
  }

  std::vector<std::string> choose() {
    if (types_.empty())
      for (const auto& name : names_) add_condition(name);
    else
      for (const auto& type : types_) add_type(type);
    if (chosen_.empty())
      fail(ErrorCode::bad_input,
           "no run has trials: no column of events ({}) has the amplitude 1 throughout; name the "
           "trial types (TrialTypes), those whose events are the trials",
           known());
    refuse_shared();
    return std::move(chosen_);
  }

 private:
  std::string known() const {
    return names_.empty() ? "there is none" : fmt::format("{}", fmt::join(names_, ", "));
  }

  const EventColumn* find(const std::vector<EventColumn>& run, const std::string& name) const {
    const auto found = std::find_if(run.begin(), run.end(), [&](const EventColumn& column) {
      return column.stimulus.name == name;
    });
    return found == run.end() ? nullptr : &*found;
  }

  void add_type(const std::string& type) {
    const auto found = std::find_if(names_.begin(), names_.end(),
                                    [&](const auto& name) { return is_trial_type(name, type); });
    if (found == names_.end())
      fail(ErrorCode::bad_input,
           "the trial type '{}' is no column of events with a response of one shape; there are: {}",
           type, known());
    if (std::find(chosen_.begin(), chosen_.end(), *found) == chosen_.end())
      chosen_.push_back(*found);
  }

  void add_condition(const std::string& name) {
    bool has_own_events = false;
    for (const auto& run : runs_) {
      const EventColumn* column = find(run, name);
      if (!column) continue;
      const auto& weight = column->stimulus.weight;
      if (column->hrf.shape == HrfShape::none ||
          std::any_of(weight.begin(), weight.end(), [](double w) { return w != 1; }))
        return;
      const std::set<int> taken = rows_of_chosen(run);
      has_own_events |= std::any_of(column->rows.begin(), column->rows.end(),
                                    [&](int row) { return !taken.contains(row); });
    }
    if (has_own_events) chosen_.push_back(name);
  }

  std::set<int> rows_of_chosen(const std::vector<EventColumn>& run) const {
    std::set<int> rows;
    for (const auto& name : chosen_)
      if (const EventColumn* column = find(run, name))
        rows.insert(column->rows.begin(), column->rows.end());
    return rows;
  }

  /// An event of two columns would be a trial of both.
  void refuse_shared() const {
    for (const auto& run : runs_) {
      std::map<int, std::string> owner;
      for (const auto& name : chosen_) {
        const EventColumn* column = find(run, name);
        if (!column) continue;
        for (int row : std::set<int>(column->rows.begin(), column->rows.end()))
          if (const auto [at, is_new] = owner.try_emplace(row, name); !is_new)
            fail(ErrorCode::bad_input,
                 "event {} of a run is in '{}' and in '{}', and can be a trial of one only; name "
                 "the trial types (TrialTypes)",
                 row + 1, at->second, name);
      }
    }
  }

  const std::vector<std::vector<EventColumn>>& runs_;
  const std::vector<std::string>& types_;
  std::vector<std::string> names_, chosen_;
};

}  // namespace

bool is_trial_type(const std::string& column, const std::string& type) {
  return column == type || column == kTypeColumn + type;
}

std::vector<std::string> trial_columns(const std::vector<std::vector<EventColumn>>& runs,
                                       const std::vector<std::string>& types) {
  return TrialColumns(runs, types).choose();
}

}  // namespace sociometer
