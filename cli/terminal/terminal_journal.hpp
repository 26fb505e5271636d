#pragma once
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

#include "engine/core/journal.hpp"

namespace sociometer::cli {

/// "error", "warning", "info" or "debug", in any case.
/// @throws Error{usage}
Journal::Level parse_log_level(const std::string& text);

/// Messages to stderr, where nothing else of the program writes, and to a log file. A terminal also
/// has a line of progress below them.
class TerminalJournal : public Journal {
 public:
  ~TerminalJournal() override;
  /// What is said on stderr: this and what is worse.
  void set_level(Level level) { level_ = level; }
  /// Every message from here on is also added to this file, those below the level too, each with
  /// the time. A file that is there is continued.
  /// @throws Error{cannot_write}
  void open_log_file(const std::string& path);
  void error(const std::string& message) { tell(Level::error, message); }

  void tell(Level level, const std::string& message) override;
  /// On a terminal a bar with the time that is left, and one line when the task is finished;
  /// otherwise one line when it starts.
  std::unique_ptr<Task> start(const std::string& task, bool alone = true) override;

  /// One line that stands below all messages of a terminal until it is drawn anew, or cleared by an
  /// empty one.
  void draw_status(const std::string& line);

 private:
  Level level_ = Level::info;
  std::mutex guard_;
  std::FILE* log_file_ = nullptr;
  std::string status_;  ///< what stands in the last line of the terminal
};

/// The line `label bar end`, cut to a width: the label first, by "..", then the bar.
/// @param share  done, 0 to 1.
std::string status_line(const std::string& label, double share, const std::string& end, int width);

/// Columns of the terminal on a file descriptor; 0 when it is none, or one that cannot go back to
/// the beginning of a line.
int terminal_columns(int descriptor);

}  // namespace sociometer::cli
