#pragma once
#include <string>
#include <vector>

#include "engine/group/permutation.hpp"
#include "io/bytes/json.hpp"

namespace sociometer {

/// What a shard, or a run that is not done yet, has of the shuffles of one contrast.
struct ContrastPart {
  std::string contrast;
  ShuffleResults results;
};

/// A file of shuffles: a shard's part, or the checkpoint of a run.
// The JSON library checks its invariants where it moves, which only looks like an exception.
struct ShufflePart {  // NOLINT(bugprone-exception-escape)
  Json run;           ///< which run it belongs to
  uint64_t shard = 1, n_shards = 1;
  bool done = false;  ///< a checkpoint is not
  std::vector<ContrastPart> contrasts;
};

/// Writes HDF5 (format `sociometer-shuffles`), under another name first: the file is whole or not
/// there, whenever the process ends.
/// @throws Error{cannot_write}.
void write_shuffle_part(const std::string& path, const ShufflePart& part);

/// @throws Error{bad_input} for a file that is not there, not of this format, cut off, or whose
/// content does not fit the sum that was written with it.
ShufflePart read_shuffle_part(const std::string& path);

}  // namespace sociometer
