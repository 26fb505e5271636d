#include "cli/terminal/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

LogLevel g_level = LogLevel::info;  // set once, by main, before anything runs
std::mutex g_log_guard;
std::FILE* g_log_file = nullptr;
std::string g_status;  // what stands in the last line of the terminal

void to_log_file(const char* level, const std::string& message) {
  if (!g_log_file) return;
  const std::time_t now = std::time(nullptr);
  fmt::print(g_log_file, "{:%Y-%m-%dT%H:%M:%S%z} {:7} {}\n", fmt::localtime(now), level, message);
  std::fflush(g_log_file);
}

/// Whether lines may be added to a file: none is there, it is empty, or it begins as a log does. A
/// slip must not write into somebody's data.
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

void tell_message(LogLevel level, const char* name, const std::string& before,
                  const std::string& message) {
  const std::lock_guard lock(g_log_guard);
  to_log_file(name, message);
  if (level > g_level) return;
  const char* clear = g_status.empty() ? "" : "\r\033[K";
  fmt::print(stderr, "{}{}{}\n{}", clear, before, message, g_status);
}

}  // namespace

void set_log_level(LogLevel level) { g_level = level; }

LogLevel parse_log_level(const std::string& text) {
  std::string level = text;
  for (char& c : level) c = char(std::tolower(static_cast<unsigned char>(c)));
  if (level == "error") return LogLevel::error;
  if (level == "warning") return LogLevel::warning;
  if (level == "info") return LogLevel::info;
  if (level == "debug") return LogLevel::debug;
  fail(ErrorCode::usage, "unknown log level '{}'; known: error, warning, info, debug", text);
}

void open_log_file(const std::string& path) {
  if (!may_continue(path))
    fail(ErrorCode::cannot_write,
         "{} is there and is no log of this program; --log-file adds lines to a file: name another",
         path);
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (!file)
    fail(ErrorCode::cannot_write, "cannot write the log file {}: {}", path, std::strerror(errno));
  const std::lock_guard lock(g_log_guard);
  if (g_log_file) std::fclose(g_log_file);
  g_log_file = file;
}

void report_error(const std::string& message) {
  tell_message(LogLevel::error, "error", "error: ", message);
}
void warn(const std::string& message) {
  tell_message(LogLevel::warning, "warning", "warning: ", message);
}
void info(const std::string& message) { tell_message(LogLevel::info, "info", "", message); }
void debug(const std::string& message) {
  tell_message(LogLevel::debug, "debug", "debug: ", message);
}

void draw_status(const std::string& line) {
  const std::lock_guard lock(g_log_guard);
  if (g_level < LogLevel::info || line == g_status) return;
  g_status = line;
  fmt::print(stderr, "\r{}\033[K", line);
  std::fflush(stderr);
}

int terminal_columns(int descriptor) {
  const char* kind = std::getenv("TERM");
  if (!::isatty(descriptor) || (kind && std::strcmp(kind, "dumb") == 0)) return 0;
  winsize size{};
  constexpr int kUsual = 80;
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

std::string duration_text(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const long s = std::lround(seconds);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

}  // namespace sociometer::cli
