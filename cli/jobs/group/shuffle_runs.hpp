#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_request.hpp"
#include "io/records/provenance.hpp"
#include "io/records/record_fields.hpp"
#include "io/records/sidecar.hpp"
#include "io/stores/shuffle_part.hpp"

namespace sociometer::jobs {

/// A contrast whose permutations are stored, with what must be equal in all parts of a run.
struct ShuffledTest {
  std::string contrast, scheme;
  uint64_t shuffles = 0;
  std::string arithmetic, kernels;
  double cluster_threshold = 0;
  std::string sum_of_statistics;  ///< checksum of the observed statistics
  bool operator==(const ShuffledTest&) const = default;
};
SOCIOMETER_RECORD(ShuffledTest) {
  visit("Contrast", self.contrast);
  visit("Scheme", self.scheme);
  visit("Shuffles", self.shuffles);
  visit("Arithmetic", self.arithmetic);
  visit("Kernels", self.kernels);
  visit("ClusterFormingThreshold", self.cluster_threshold);
  visit("SumOfStatistics", self.sum_of_statistics);
}

struct ShuffleConfiguration {
  std::string name, text;
  bool operator==(const ShuffleConfiguration&) const = default;
};
SOCIOMETER_RECORD(ShuffleConfiguration) {
  visit("Name", self.name);
  visit("Text", self.text);
}

/// The run that permutations belong to, as stored beside them.
struct ShuffleRun {
  static constexpr RecordKind kKind = RecordKind::shuffles;
  Json request;  ///< of the group, without fields that change no byte of a result
  std::vector<InputFile> inputs;
  std::vector<ShuffledTest> tests;
  std::vector<std::string> command;
  ShuffleConfiguration configuration;
  std::string folder;  ///< in which the process ran
  std::string output;  ///< absolute: where the part went
  bool operator==(const ShuffleRun&) const = default;
};
SOCIOMETER_RECORD(ShuffleRun) {
  visit("Request", self.request);
  visit("Inputs", self.inputs);
  visit("Tests", self.tests);
  visit("Command", self.command);
  visit("Configuration", self.configuration);
  visit("Folder", self.folder);
  visit("Output", self.output);
}

/// Identifies the run that permutations belong to: the program and the processor's arithmetic, the
/// result-relevant part of the request, the names and content of the input files, the tests; and,
/// not compared, where the files lay, and its provenance.
Json shuffle_run_json(const GroupRequest& request, const std::vector<InputFile>& input_files,
                      const std::vector<ShuffledTest>& tests, const Provenance& provenance);

/// Reads such a run. @param where  the file that has it, for messages. @throws Error{bad_input}
ShuffleRun shuffle_run_in(const Json& run, const std::string& where);

/// The request of a run, without fields that change no byte of a result.
/// @param where  the file it was read from, for messages.
GroupRequest request_of_run(const ShuffleRun& run, const std::string& where);

/// The request with files that are no longer where they were, but lie in the same place relative to
/// the part: folders that were moved or copied together.
/// @param part  the file that the run was read from.
GroupRequest with_moved_files(GroupRequest request, const ShuffleRun& run, const std::string& part);

/// The provenance of a run with another output folder.
Provenance provenance_of_run(const ShuffleRun& run, const std::string& output);

/// @param a, b  from shuffle_run_json. @param name_a, name_b  their sources.
/// @throws Error{bad_input} naming the first difference, with both values.
void require_same_run(const Json& a, const std::string& name_a, const Json& b,
                      const std::string& name_b);

/// Parts of one run, one per shard, in shard order.
struct ShardParts {  // NOLINT(bugprone-exception-escape)
  std::vector<std::string> paths;
  std::vector<ShufflePart> parts;
};

/// Reads the parts of all shards, given in any order.
/// @throws Error{bad_input} for a shard that is missing, duplicate, incomplete or of another run.
ShardParts read_shard_parts(const std::vector<std::string>& paths);

/// All permutations of each contrast, from parts checked by read_shard_parts.
std::vector<ShuffleResults> joined_shards(const ShardParts& shards);

}  // namespace sociometer::jobs
