#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_events.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::cli {

/// Choices of a study as found, and who could not be read.
struct LearnStudy {
  std::string bids, task;
  bool one_table = false;  ///< `bids` is a table of all people
  std::vector<Participant> participants;
  std::vector<std::vector<TrialTable>> runs;    ///< [participant][run]
  std::vector<std::vector<std::string>> paths;  ///< of the runs; one table: its path
  std::vector<Json> inputs;                     ///< [participant]: path and XXH3 of each run
  std::vector<std::string> failures;            ///< one line per participant left out
};

/// Reads the events of everybody asked for, from a BIDS folder or from one table of all people;
/// whoever cannot be read is left out and told.
/// @param columns  of one table: loses the onset where the table has none.
LearnStudy read_study(const std::string& bids, const std::string& task,
                      const std::vector<std::string>& labels, double n_ranks,
                      TrialColumns& columns);

/// Names of the models to fit; empty: those of the study, or, without ranks, those that do not need
/// any.
std::vector<std::string> chosen_models(const std::string& list, const TrialColumns& columns);

}  // namespace sociometer::cli
