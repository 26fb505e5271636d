#include "engine/core/journal.hpp"

namespace sociometer {
namespace {

class UnwatchedTask : public Task {
 public:
  void update(long, long) override {}
};

}  // namespace

void RecordingJournal::log(Level level, const std::string& message) {
  const std::lock_guard lock(guard_);
  messages_.emplace_back(level, message);
}

std::unique_ptr<Task> RecordingJournal::start(const std::string& task, bool) {
  log(Level::info, task);
  return std::make_unique<UnwatchedTask>();
}

std::vector<std::string> RecordingJournal::messages(Level level) const {
  const std::lock_guard lock(guard_);
  std::vector<std::string> out;
  for (const auto& [of, text] : messages_)
    if (of == level) out.push_back(text);
  return out;
}

}  // namespace sociometer
