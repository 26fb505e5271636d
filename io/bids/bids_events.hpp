#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Events of one participant in one task, run after run.
struct ParticipantEvents {
  std::string label;               ///< without "sub-"
  std::vector<std::string> paths;  ///< in the order of sessions, then runs
};

/// Events tables (sub-X/[ses-Y/]func/sub-X_.._task-L_.._events.tsv) of a BIDS folder.
///
/// @param task   empty: the folder's only task.
/// @param labels participants asked for, with or without "sub-"; empty: all, in byte order.
///               One without events is listed with no path.
/// @throws Error{bad_input} when there is no such folder, task, participant or events table;
/// Error{usage} when there are several tasks and none was chosen.
std::vector<ParticipantEvents> find_events(const std::string& bids, std::string& task,
                                           const std::vector<std::string>& labels);

/// "sub-01_task-x_run-1_events.tsv" to "sub-01_task-x_run-1_desc-signals_events.tsv", with its
/// folders below the BIDS root.
std::string derivative_name(const std::string& bids, const std::string& path,
                            const std::string& description);

}  // namespace sociometer
