#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "engine/core/journal.hpp"
#include "io/stores/shuffle_part.hpp"

namespace sociometer::jobs {

/// A file that keeps what a run has of its shuffles, so that a run that was killed goes on.
class ShuffleCheckpoint {
 public:
  /// @param path     empty: none is kept.
  /// @param every_s  least time between two writes.
  /// @param frame    which run and shard it is.
  ShuffleCheckpoint(std::string path, double every_s, ShufflePart frame, Journal& journal);
  /// What the file has; nothing when it is not there.
  /// @throws Error{bad_input} for a file of another run.
  std::vector<ContrastPart> resume() const;
  /// Writes the file when it is time.
  void save(const std::vector<ContrastPart>& contrasts);
  /// Removes the file, once the results are written.
  void remove() const;

 private:
  std::string path_;
  double every_s_;
  ShufflePart frame_;
  Journal& journal_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace sociometer::jobs
