#pragma once
#include <string>
#include <vector>

#include "cli/jobs/learning/learn_request.hpp"
#include "engine/core/journal.hpp"
#include "io/bids/bids_events.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::jobs {

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
LearnStudy read_study(const LearnRequest& request, double n_ranks, TrialColumns& columns,
                      Journal& journal);

/// Names of the models to fit; none asked for: those of the study, or, without ranks, those that do
/// not need any.
/// @throws Error for one that is not known, or needs what the columns lack.
std::vector<std::string> chosen_models(const std::vector<std::string>& asked,
                                       const TrialColumns& columns);

}  // namespace sociometer::jobs
