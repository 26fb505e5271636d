#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// Events of one participant in one task, by run.
struct ParticipantEvents {
  std::string label;               ///< without "sub-"
  std::vector<std::string> paths;  ///< ordered by session, then run
};

/// Finds events tables (sub-X/[ses-Y/]func/sub-X_.._task-L_.._events.tsv) in a BIDS folder.
///
/// @param task   empty: the folder's only task, which is then stored here.
/// @param labels requested participants, with or without "sub-"; empty: all, in byte order.
///               A requested participant without events is returned with no paths.
/// @throws Error{bad_input} if the folder, task, participant or events tables do not exist;
/// Error{usage} if there are several tasks and none was specified.
std::vector<ParticipantEvents> find_events(const std::string& bids, std::string& task,
                                           const std::vector<std::string>& labels);

/// "sub-01_task-x_run-1_events.tsv" becomes "sub-01_task-x_run-1_desc-signals_events.tsv", with its
/// folders relative to the BIDS root.
std::string derivative_name(const std::string& bids, const std::string& path,
                            const std::string& description);

}  // namespace sociometer
