#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "engine/core/journal.hpp"
#include "io/stores/shuffle_part.hpp"

namespace sociometer::jobs {

/// A file of the permutations that a run has completed, from which a killed run resumes.
class ShuffleCheckpoint {
 public:
  /// @param path     empty: no checkpoint.
  /// @param every_s  minimum time between two writes.
  /// @param frame    identifies the run and shard.
  ShuffleCheckpoint(std::string path, double every_s, ShufflePart frame, Journal& journal);
  /// The content of the file; empty when there is no file.
  /// @throws Error{bad_input} for a file of another run.
  std::vector<ContrastPart> resume() const;
  /// Writes the file if it is due.
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
