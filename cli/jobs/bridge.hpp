#pragma once
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "engine/core/stopwatch.hpp"

/// Free functions over one session of the process, for areas that do not take a Session yet. To be
/// deleted with the last of them.
namespace sociometer::cli {

Session& process_session();
void set_process_session(Session* session);
inline void warn(const std::string& m) { process_session().journal.warn(m); }
inline void info(const std::string& m) { process_session().journal.info(m); }
inline void debug(const std::string& m) { process_session().journal.debug(m); }
inline std::string command_line() { return process_session().provenance.command_line(); }
inline void write_configuration(OutputSet& outputs, const std::string& prefix = "") {
  process_session().provenance.write_configuration(outputs, prefix);
}
inline void warn_of_orientation(const Grid& grid) {
  jobs::warn_of_orientation(grid, process_session().journal);
}
class Progress {
 public:
  explicit Progress(const std::string& task, bool alone = true)
      : task_(process_session().journal.start(task, alone)) {}
  void update(long done, long total) { task_->update(done, total); }

 private:
  std::unique_ptr<Task> task_;
};

}  // namespace sociometer::cli
