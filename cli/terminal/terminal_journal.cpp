#include "cli/terminal/terminal_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"

namespace sociometer::cli {
namespace {

using Level = Journal::Level;

const char* word_of(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::info:
      return "info";
    case Level::debug:
      break;
  }
  return "debug";
}

/// Whether a file may be appended to: it does not exist, is empty, or begins like a log. A
/// mistyped path must not write into a data file.
bool may_continue(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (!file) return true;
  char begin[12] = {};
  const size_t n = std::fread(begin, 1, 11, file);
  std::fclose(file);
  int year = 0, month = 0, day = 0;
  char t = 0;
  return n == 0 || (std::sscanf(begin, "%4d-%2d-%2d%c", &year, &month, &day, &t) == 4 && t == 'T');
}

}  // namespace

Level parse_log_level(const std::string& text) {
  std::string word = text;
  for (char& c : word) c = char(std::tolower(static_cast<unsigned char>(c)));
  for (Level level : {Level::error, Level::warning, Level::info, Level::debug})
    if (word == word_of(level)) return level;
  fail(ErrorCode::usage, "unknown log level '{}'; known: error, warning, info, debug", text);
}

TerminalJournal::~TerminalJournal() {
  if (log_file_) std::fclose(log_file_);
}

void TerminalJournal::open_log_file(const std::string& path) {
  if (!may_continue(path))
    fail(ErrorCode::cannot_write,
         "{} is there and is no log of this program; --log-file adds lines to a file: name another",
         path);
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (!file)
    fail(ErrorCode::cannot_write, "cannot write the log file {}: {}", path, std::strerror(errno));
  const std::lock_guard lock(guard_);
  if (log_file_) std::fclose(log_file_);
  log_file_ = file;
}

void TerminalJournal::log(Level level, const std::string& text) {
  const std::string message = printable(text);
  const std::lock_guard lock(guard_);
  if (log_file_) {
    const std::time_t now = std::time(nullptr);
    fmt::print(log_file_, "{:%Y-%m-%dT%H:%M:%S%z} {:7} {}\n", fmt::localtime(now), word_of(level),
               message);
    std::fflush(log_file_);
  }
  if (level > level_) return;
  const char* clear = status_.empty() ? "" : "\r\033[K";
  const std::string before = level == Level::info ? "" : std::string(word_of(level)) + ": ";
  fmt::print(stderr, "{}{}{}\n{}", clear, before, message, status_);
}

void TerminalJournal::draw_status(const std::string& line) {
  const std::lock_guard lock(guard_);
  if (level_ < Level::info || line == status_) return;
  status_ = line;
  fmt::print(stderr, "\r{}\033[K", line);
  std::fflush(stderr);
}

void print_result(const std::string& text) {
  const std::string shown = printable(text, LineEnds::kept);
  std::fwrite(shown.data(), 1, shown.size(), stdout);
}

int terminal_columns(int descriptor) {
  const char* kind = std::getenv("TERM");
  if (!::isatty(descriptor) || (kind && std::strcmp(kind, "dumb") == 0)) return 0;
  winsize size{};
  constexpr int kUsual = 80;
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

}  // namespace sociometer::cli
