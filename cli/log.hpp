#pragma once
#include <string>

namespace sociometer::cli {

/// Messages to stderr: nothing else of the program writes there.
enum class LogLevel { error, warning, info, debug };
void set_log_level(LogLevel level);
LogLevel parse_log_level(const std::string& text);
void warn(const std::string& message);
void info(const std::string& message);

/// A bar on a terminal; otherwise one line at the start of each task.
class Progress {
 public:
  /// @param alone  nothing else tells its progress meanwhile: only then there is a bar.
  explicit Progress(std::string task, bool alone = true);
  void update(long done, long total);

 private:
  std::string task_;
  int last_percent_ = -1;
  bool terminal_;
};

}  // namespace sociometer::cli
