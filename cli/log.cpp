#include "cli/log.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {
LogLevel g_level = LogLevel::info;  // set once, by main, before anything runs
}

void set_log_level(LogLevel level) { g_level = level; }

LogLevel parse_log_level(const std::string& text) {
  if (text == "error") return LogLevel::error;
  if (text == "warning") return LogLevel::warning;
  if (text == "info") return LogLevel::info;
  if (text == "debug") return LogLevel::debug;
  fail(ErrorCode::usage, "unknown log level '{}'; known: error, warning, info, debug", text);
}

void warn(const std::string& message) {
  if (g_level >= LogLevel::warning) fmt::print(stderr, "warning: {}\n", message);
}
void info(const std::string& message) {
  if (g_level >= LogLevel::info) fmt::print(stderr, "{}\n", message);
}

Progress::Progress(std::string task, bool alone)
    : task_(std::move(task)), terminal_(alone && ::isatty(STDERR_FILENO)) {
  if (!terminal_) info(task_);
}

void Progress::update(long done, long total) {
  if (!terminal_ || g_level < LogLevel::info || total <= 0) return;
  const int percent = int(100 * done / total);
  if (percent == last_percent_) return;
  last_percent_ = percent;
  constexpr int kWidth = 30;
  const int filled = kWidth * percent / 100;
  fmt::print(stderr, "\r{} [{}{}] {:3d} %{}", task_, std::string(size_t(filled), '#'),
             std::string(size_t(kWidth - filled), '.'), percent, done == total ? "\n" : "");
}

}  // namespace sociometer::cli
