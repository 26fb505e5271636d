#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/terminal/terminal_journal.hpp"
#include "engine/core/printable.hpp"
#include "engine/core/stopwatch.hpp"

namespace sociometer::cli {
namespace {

/// UTF-8 characters, not bytes; each is assumed to be one column wide.
size_t columns_of(const std::string& text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// The first columns of a text.
std::string first_columns(const std::string& text, size_t columns) {
  size_t at = 0, taken = 0;
  while (at < text.size()) {
    if ((text[at] & 0xc0) != 0x80 && taken++ == columns) break;
    ++at;
  }
  return text.substr(0, at);
}

std::string cut_to(const std::string& text, int columns) {
  if (columns_of(text) <= size_t(std::max(columns, 0))) return text;
  if (columns <= 2) return std::string(size_t(std::max(columns, 0)), '.');
  return first_columns(text, size_t(columns - 2)) + "..";
}

}  // namespace

std::string status_line(const std::string& label, double share, const std::string& end, int width) {
  constexpr int kBar = 30, kLeastLabel = 20;
  const int end_width = int(columns_of(end));
  const int fits = std::min(int(columns_of(label)), kLeastLabel) + end_width + 4;
  const int bar = std::clamp(width - fits, 0, kBar);
  const bool with_bar = bar >= 5;
  const int label_width = width - end_width - 1 - (with_bar ? bar + 3 : 0);
  const int filled = int(bar * std::clamp(share, 0.0, 1.0));
  std::string line = cut_to(label, label_width);
  if (with_bar)
    line += fmt::format(" [{}{}]", std::string(size_t(filled), '#'),
                        std::string(size_t(bar - filled), '.'));
  return cut_to(line + " " + end, width);
}

namespace {

/// On a terminal a bar with the remaining time, and one line when the task is finished;
/// otherwise one line at the start.
class Progress : public Task {
 public:
  Progress(TerminalJournal& journal, const std::string& task, bool alone);
  ~Progress() override;
  void update(long done, long total) override;

 private:
  TerminalJournal& journal_;
  std::string task_;
  Stopwatch watch_;
  double last_drawn_s_ = -1;
  bool terminal_, alone_, finished_ = false;
};

Progress::Progress(TerminalJournal& journal, const std::string& task, bool alone)
    : journal_(journal),
      task_(printable(task)),
      terminal_(terminal_columns(STDERR_FILENO) > 0),
      alone_(alone) {
  if (!terminal_) journal_.info(task_);
}

Progress::~Progress() {
  if (!terminal_ || finished_) return;
  if (alone_) journal_.draw_status("");
  if (std::uncaught_exceptions() == 0)
    journal_.info(fmt::format("{}: {}", task_, duration_text(watch_.seconds())));
}

void Progress::update(long done, long total) {
  if (!terminal_ || !alone_ || total <= 0 || finished_) return;
  const double now = watch_.seconds();
  if (done >= total) {
    finished_ = true;
    journal_.draw_status("");
    journal_.info(fmt::format("{}: {}", task_, duration_text(now)));
    return;
  }
  constexpr double kRedrawAfter_s = 0.1, kKnownAfter_s = 1;
  if (last_drawn_s_ >= 0 && now - last_drawn_s_ < kRedrawAfter_s) return;
  last_drawn_s_ = now;
  const double share = double(done) / double(total);
  std::string end = fmt::format("{:3d} %", int(100 * share));
  const int width = terminal_columns(STDERR_FILENO) - 1;  // a line of the full width would wrap
  if (done > 0 && now > kKnownAfter_s)
    end += fmt::format(", {:>9} left", duration_text(now * (1 - share) / share));
  // Padded from the start, so that the bar keeps its length where space permits.
  constexpr int kRoomy = 70;
  if (width >= kRoomy) end.resize(std::string("100 %, 59 min 59 s left").size(), ' ');
  journal_.draw_status(status_line(task_, share, end, width));
}

}  // namespace

std::unique_ptr<Task> TerminalJournal::start(const std::string& task, bool alone) {
  return std::make_unique<Progress>(*this, task, alone);
}

}  // namespace sociometer::cli
