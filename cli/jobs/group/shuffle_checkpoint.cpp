#include "cli/jobs/group/shuffle_checkpoint.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "cli/jobs/group/shuffle_runs.hpp"
#include "engine/core/error.hpp"

namespace sociometer::jobs {

ShuffleCheckpoint::ShuffleCheckpoint(std::string path, double every_s, ShufflePart frame,
                                     Journal& journal)
    : path_(std::move(path)), every_s_(every_s), frame_(std::move(frame)), journal_(journal) {}

std::vector<ContrastPart> ShuffleCheckpoint::resume() const {
  if (path_.empty() || !std::filesystem::exists(path_)) return {};
  ShufflePart found = read_shuffle_part(path_);
  if (found.done)
    fail(ErrorCode::bad_input,
         "--checkpoint {} is the finished shard {} of {}; give the checkpoint another name", path_,
         found.shard, found.n_shards);
  require_same_run(found.run, path_, frame_.run, "this run");
  if (found.shard != frame_.shard || found.n_shards != frame_.n_shards)
    fail(ErrorCode::bad_input,
         "--checkpoint {} is of shard {}/{}, this is shard {}/{}; each shard needs its own", path_,
         found.shard, found.n_shards, frame_.shard, frame_.n_shards);
  uint64_t n = 0;
  for (const auto& one : found.contrasts) n += one.results.last - one.results.first;
  journal_.info(fmt::format("{} shuffles are in {}; going on from there", n, path_));
  return std::move(found.contrasts);
}

void ShuffleCheckpoint::save(const std::vector<ContrastPart>& contrasts) {
  if (path_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  if (std::chrono::duration<double>(now - last_).count() < every_s_) return;
  frame_.contrasts = contrasts;
  write_shuffle_part(path_, frame_);
  last_ = std::chrono::steady_clock::now();
}

void ShuffleCheckpoint::remove() const {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace sociometer::jobs
