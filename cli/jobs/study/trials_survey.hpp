#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/stats_models/run_design.hpp"

namespace sociometer::jobs {

/// What a Run node's settings say about single trials, against designs and tables of its runs.
class TrialsSurvey {
 public:
  explicit TrialsSurvey(const StatsNode& node) : node_(node) {}

  /// Whether further runs can change what is known.
  bool is_complete() const;
  void add(const std::optional<EventTable>& events, const ModelDesign& design);

  /// @return the columns of trials; none if the node has no trials.
  /// @throws Error{bad_input} in the words of the model.
  std::vector<std::string> check() const;

 private:
  void require_derivatives(const std::vector<std::string>& types, const std::string& place) const;

  const StatsNode& node_;
  std::vector<std::vector<EventColumn>> columns_;
  std::set<std::string> names_;
};

}  // namespace sociometer::jobs
