#pragma once
#include <string>
#include <vector>

#include "engine/group/permutation.hpp"
#include "io/bytes/json.hpp"

namespace sociometer {

/// Permutation results of one contrast so far, from a shard or an unfinished run.
struct ContrastPart {
  std::string contrast;
  ShuffleResults results;
};

/// A file of permutation results: one shard's part, or the checkpoint of a run.
// The JSON library checks invariants in its move operations; clang-tidy takes that for a throw.
struct ShufflePart {  // NOLINT(bugprone-exception-escape)
  Json run;           ///< identifies the run it belongs to
  uint64_t shard = 1, n_shards = 1;
  bool done = false;  ///< false for a checkpoint
  std::vector<ContrastPart> contrasts;
};

/// Writes HDF5 (format `sociometer-shuffles`), under a temporary name first: whenever the process
/// ends, the file is either complete or absent.
/// @throws Error{cannot_write}.
void write_shuffle_part(const std::string& path, const ShufflePart& part);

/// @throws Error{bad_input} for a file that is missing, not of this format, truncated, or whose
/// content does not match its checksum.
ShufflePart read_shuffle_part(const std::string& path);

}  // namespace sociometer
