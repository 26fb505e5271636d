#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/core/error.hpp"

namespace sociometer {

/// Produces blocks on its own thread, a few blocks ahead of the caller, who gets them in order.
template <typename Block>
class ReadAhead {
 public:
  /// @param fill    fills the given block, reusing its storage; returns false at the end.
  /// @param blocks  the storage, at least one block: one is with the caller, the others are ready
  ///                or being filled.
  /// @param at_once a caller that has to wait waits for this many ready blocks, 1 to blocks.size():
  ///                waking it costs the reading thread about 10 microseconds.
  ReadAhead(std::function<bool(Block&)> fill, std::vector<Block> blocks, size_t at_once = 1)
      : fill_(std::move(fill)), blocks_(std::move(blocks)), at_once_(at_once) {
    require(at_once >= 1 && at_once <= blocks_.size(),
            "as many blocks can be ready as are waited for");
    for (Block& block : blocks_) free_.push_back(&block);
    reader_ = std::thread([this] { run(); });
  }
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
  /// @throws what `fill` threw, after the blocks filled before it.
  Block* next() {
    std::unique_lock lock(guard_);
    if (with_caller_) {
      free_.push_back(std::exchange(with_caller_, nullptr));
      changed_.notify_all();
    }
    if (ready_.empty())
      changed_.wait(lock, [this] { return ready_.size() >= at_once_ || finished_; });
    if (ready_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return nullptr;
    }
    with_caller_ = ready_.front();
    ready_.pop_front();
    return with_caller_;
  }
  /// Whether the caller is the slower side; then no processor need be left free for the reader.
  bool reader_waits_or_is_done() {
    const std::lock_guard lock(guard_);
    return waits_ || finished_;
  }

 private:
  void run() {
    try {
      while (Block* block = wait_for_free()) {
        if (!fill_(*block)) break;
        const std::lock_guard lock(guard_);
        ready_.push_back(block);
        if (ready_.size() >= at_once_) changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(guard_);
      failure_ = std::current_exception();
    }
    const std::lock_guard lock(guard_);
    finished_ = true;
    changed_.notify_all();
  }
  /// nullptr once the destructor has run.
  Block* wait_for_free() {
    std::unique_lock lock(guard_);
    waits_ = true;
    changed_.wait(lock, [this] { return !free_.empty() || stopped_; });
    waits_ = false;
    if (stopped_) return nullptr;
    Block* block = free_.front();
    free_.pop_front();
    return block;
  }

  std::function<bool(Block&)> fill_;
  std::vector<Block> blocks_;
  size_t at_once_;
  std::deque<Block*> free_, ready_;
  Block* with_caller_ = nullptr;
  std::mutex guard_;
  std::condition_variable changed_;
  bool waits_ = false, finished_ = false, stopped_ = false;
  std::exception_ptr failure_;
  std::thread reader_;  // last, so that everything it uses is initialised
};

}  // namespace sociometer
