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

/// Messages to stderr, to which nothing else in the program writes, and to a log file. A terminal
/// also has a progress line below them.
class TerminalJournal : public Journal {
 public:
  ~TerminalJournal() override;
  /// Least severe level written to stderr.
  void set_level(Level level) { level_ = level; }
  /// From here on, all messages, also those below the level, are appended to this file with
  /// the time. An existing log is continued.
  /// @throws Error{cannot_write}
  void open_log_file(const std::string& path);
  void error(const std::string& message) { log(Level::error, message); }

  /// Control characters of a message, which may hold names from files, are shown escaped.
  void log(Level level, const std::string& message) override;
  /// On a terminal a bar with the remaining time, and one line when the task is finished;
  /// otherwise one line when it starts.
  std::unique_ptr<Task> start(const std::string& task, bool alone = true) override;

  /// One line shown below all messages of a terminal until it is redrawn, or cleared by an
  /// empty one.
  void draw_status(const std::string& line);

 private:
  Level level_ = Level::info;
  std::mutex guard_;
  std::FILE* log_file_ = nullptr;
  std::string status_;  ///< current text of the last line of the terminal
};

/// The line `label bar end`, truncated to a width: first the label, with "..", then the bar.
/// @param share  done, 0 to 1.
std::string status_line(const std::string& label, double share, const std::string& end, int width);

/// Prints what a command found to stdout, with control characters other than line ends escaped.
void print_result(const std::string& text);

/// Columns of the terminal on a file descriptor; 0 if it is not a terminal, or one that cannot
/// return to the beginning of a line.
int terminal_columns(int descriptor);

}  // namespace sociometer::cli
