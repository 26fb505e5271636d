#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sociometer {

/// How much of a task is done, for whoever watches. One thread at a time reports.
class Task {
 public:
  Task() = default;
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual void update(long done, long total) = 0;
};

/// What an analysis says to its user while it runs: warnings, facts, progress. The caller decides
/// where that goes: a terminal, a log file, a list, nowhere. Failures are exceptions, not messages.
class Journal {
 public:
  enum class Level { error, warning, info, debug };
  Journal() = default;
  virtual ~Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Safe from several threads at a time.
  virtual void tell(Level level, const std::string& message) = 0;
  /// @param task   "fitting run 1", a line when it starts or ends.
  /// @param alone  no other task runs meanwhile: only then a bar makes sense.
  virtual std::unique_ptr<Task> start(const std::string& task, bool alone = true) = 0;

  void warn(const std::string& message) { tell(Level::warning, message); }
  void info(const std::string& message) { tell(Level::info, message); }
  void debug(const std::string& message) { tell(Level::debug, message); }
};

/// Keeps warnings and information for its owner to read: for programs that call analyses, and for
/// tests.
class RecordingJournal : public Journal {
 public:
  void tell(Level level, const std::string& message) override;
  std::unique_ptr<Task> start(const std::string& task, bool alone = true) override;
  /// Those of a level, in the order in which they came.
  std::vector<std::string> messages(Level level) const;

 private:
  mutable std::mutex guard_;
  std::vector<std::pair<Level, std::string>> told_;
};

}  // namespace sociometer
