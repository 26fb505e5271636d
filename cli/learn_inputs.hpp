#pragma once
#include <string>
#include <vector>

#include "io/bids_events.hpp"
#include "io/trial_table.hpp"

namespace sociometer::cli {

/// Choices of a study as found, and who could not be read.
struct LearnStudy {
  std::string bids, task;
  std::vector<Participant> participants;
  std::vector<std::vector<TrialTable>> runs;    ///< [participant][run]
  std::vector<std::vector<std::string>> paths;  ///< of the runs
  std::vector<Json> inputs;                     ///< [participant]: path and CRC-32 of each run
  std::vector<std::string> failures;            ///< one line per participant left out
};

/// Reads the events of everybody asked for; whoever cannot be read is left out and told.
LearnStudy read_study(const std::string& bids, const std::string& task,
                      const std::vector<std::string>& labels, const TrialColumns& columns);

/// Names of the models to fit; empty: those of the study, or, without ranks, those that do not need
/// any.
std::vector<std::string> chosen_models(const std::string& list, const TrialColumns& columns);

}  // namespace sociometer::cli
