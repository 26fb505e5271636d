#pragma once
#include <string>
#include <vector>

#include "cli/jobs/learning/learn_request.hpp"
#include "engine/core/journal.hpp"
#include "io/bids/bids_events.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::jobs {

/// The choices of a study as found, and the participants that could not be read.
struct LearnStudy {
  std::string bids, task;
  bool one_table = false;  ///< `bids` is one table of all participants
  std::vector<Participant> participants;
  std::vector<std::vector<TrialTable>> runs;    ///< [participant][run]
  std::vector<std::vector<std::string>> paths;  ///< of the runs; one table: its path
  std::vector<std::vector<InputFile>> inputs;   ///< [participant][run]
  std::vector<std::string> failures;            ///< one line per excluded participant
};

/// Reads the events of all requested participants, from a BIDS folder or one table of everyone;
/// unreadable participants are excluded and reported.
/// @param columns  for one table: the onset is cleared if the table has none.
LearnStudy read_study(const LearnRequest& request, double n_ranks, TrialColumns& columns,
                      Journal& journal);

/// Names of the models to fit; by default those of the study or, without ranks, those that do not
/// need any.
/// @throws Error for an unknown one, or one that needs missing columns.
std::vector<std::string> chosen_models(const std::vector<std::string>& asked,
                                       const TrialColumns& columns);

}  // namespace sociometer::jobs
