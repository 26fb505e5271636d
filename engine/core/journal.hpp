#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sociometer {

/// Progress of one task. Only one thread at a time may report.
class Task {
 public:
  Task() = default;
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual void update(long done, long total) = 0;
};

/// What an analysis reports to its user while it runs: warnings, information, progress. The caller
/// decides where it goes: a terminal, a log file, a list, nowhere. Failures are exceptions instead.
class Journal {
 public:
  enum class Level { error, warning, info, debug };
  Journal() = default;
  virtual ~Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Thread-safe.
  virtual void log(Level level, const std::string& message) = 0;
  /// @param task   "fitting run 1", to be reported when it starts or ends.
  /// @param alone  no other task runs at the same time: only then does a progress bar make sense.
  virtual std::unique_ptr<Task> start(const std::string& task, bool alone = true) = 0;

  void warn(const std::string& message) { log(Level::warning, message); }
  void info(const std::string& message) { log(Level::info, message); }
  void debug(const std::string& message) { log(Level::debug, message); }
};

/// Stores every message in memory, for programs that call analyses as a library, and for tests.
/// A started task is stored as information.
class RecordingJournal : public Journal {
 public:
  void log(Level level, const std::string& message) override;
  std::unique_ptr<Task> start(const std::string& task, bool alone = true) override;
  /// Messages of one level, in order of arrival.
  std::vector<std::string> messages(Level level) const;

 private:
  mutable std::mutex guard_;
  std::vector<std::pair<Level, std::string>> messages_;
};

}  // namespace sociometer
