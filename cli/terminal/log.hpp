#pragma once
#include <chrono>
#include <string>

namespace sociometer::cli {

/// Messages to stderr: nothing else of the program writes there. Safe from several threads.
enum class LogLevel { error, warning, info, debug };
void set_log_level(LogLevel level);
/// Any case.
LogLevel parse_log_level(const std::string& text);

/// Every message from here on is also added to this file, those below the level too, each with
/// the time. A file that is there is continued.
/// @throws Error{cannot_write}
void open_log_file(const std::string& path);

void report_error(const std::string& message);
void warn(const std::string& message);
void info(const std::string& message);
void debug(const std::string& message);

/// One line that stands below all messages of a terminal until it is drawn anew, or cleared by an
/// empty one. Cut to the terminal's width.
void draw_status(const std::string& line);

/// The line `label bar end`, cut to a width: the label first, by "..", then the bar.
/// @param share  done, 0 to 1.
std::string status_line(const std::string& label, double share, const std::string& end, int width);

/// Columns of the terminal on a file descriptor; 0 when it is none, or one that cannot go back to
/// the beginning of a line.
int terminal_columns(int descriptor);

/// "3.2 s", "4 min 10 s", "2 h 5 min".
std::string duration_text(double seconds);

/// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Says at level debug how long a stage took, when it ends.
class Stage {
 public:
  explicit Stage(std::string name) : name_(std::move(name)) {}
  ~Stage() { debug(name_ + ": " + duration_text(watch_.seconds())); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

 private:
  std::string name_;
  Stopwatch watch_;
};

/// On a terminal a bar with the time that is left, and one line when the task is finished;
/// otherwise one line at the start of each task.
class Progress {
 public:
  /// @param alone  nothing else tells its progress meanwhile: only then there is a bar.
  explicit Progress(std::string task, bool alone = true);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// By one thread at a time.
  void update(long done, long total);

 private:
  std::string task_;
  Stopwatch watch_;
  double last_drawn_s_ = -1;
  bool terminal_, alone_, finished_ = false;
};

}  // namespace sociometer::cli
