#pragma once
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace sociometer {

/// Makes blocks on a thread of its own, one block ahead of the caller.
template <typename Block>
class ReadAhead {
 public:
  /// @param fill    makes the next block in place of an old one; false when there is none.
  /// @param blocks  three to start from: one with the caller, one ready, one being filled.
  ReadAhead(std::function<bool(Block&)> fill, Block with_caller, Block ready, Block being_filled)
      : fill_(std::move(fill)),
        current_(std::move(with_caller)),
        filled_(std::move(ready)),
        working_(std::move(being_filled)),
        reader_([this] { run(); }) {}
  ~ReadAhead() {
    {
      const std::lock_guard lock(guard_);
      stopped_ = true;
    }
    changed_.notify_all();
    reader_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next block, valid until the next call; nullptr at the end.
  /// @throws what `fill` threw, after the blocks before it.
  Block* next() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return ready_ || finished_; });
    if (!ready_) {
      if (failure_) std::rethrow_exception(failure_);
      return nullptr;
    }
    std::swap(current_, filled_);
    ready_ = false;
    lock.unlock();
    changed_.notify_all();
    return &current_;
  }
  /// Whether the caller is the slower of the two: no reader has to be left alone then.
  bool reader_waits_or_is_done() {
    const std::lock_guard lock(guard_);
    return ready_ || finished_;
  }

 private:
  void run() {
    try {
      while (fill_(working_)) {
        std::unique_lock lock(guard_);
        changed_.wait(lock, [this] { return !ready_ || stopped_; });
        if (stopped_) return;
        std::swap(working_, filled_);
        ready_ = true;
        lock.unlock();
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(guard_);
      failure_ = std::current_exception();
    }
    {
      const std::lock_guard lock(guard_);
      finished_ = true;
    }
    changed_.notify_all();
  }

  std::function<bool(Block&)> fill_;
  Block current_, filled_, working_;
  std::mutex guard_;
  std::condition_variable changed_;
  bool ready_ = false, finished_ = false, stopped_ = false;
  std::exception_ptr failure_;
  std::thread reader_;  // last: it starts when all else is there
};

}  // namespace sociometer
