#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/shuffle_checkpoint.hpp"
#include "cli/jobs/group/shuffle_runs.hpp"
#include "cli/jobs/session.hpp"
#include "engine/group/group_fit.hpp"
#include "engine/group/permutation.hpp"
#include "io/records/cluster_tables.hpp"
#include "io/records/group_record.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// Results of completed contrasts.
std::vector<ShuffleResults> results_of(std::vector<ContrastPart> contrasts);

/// The permutation tests of all contrasts, and their maps. Empty without --permutations.
class GroupPermutation {
 public:
  /// Prepares the tests. All arguments must outlive this object.
  /// @param maps  of the model, in the order of inputs.contrasts.
  /// @throws Error for data that cannot be exchanged or compared.
  GroupPermutation(const GroupRequest& request, const GroupInputs& inputs,
                   const std::vector<GroupMaps>& maps, const Session& session);
  /// What is permuted and compared, and a checksum of the statistics that shows whether another
  /// machine gets the same bits.
  std::vector<ShuffledTest> tests_of_run() const;
  /// Does the permutations of a shard that the checkpoint does not have yet.
  std::vector<ContrastPart> shuffle(uint64_t shard, uint64_t n_shards,
                                    ShuffleCheckpoint& checkpoint) const;
  /// Takes the results of all permutations, one contrast after another, and computes p-values.
  void take(std::vector<ShuffleResults> results);
  /// Corrected p-values that the cluster table reports at peaks.
  std::vector<PeakColumn> peak_columns(size_t contrast) const;
  /// The smallest attainable p of a contrast; 0 without permutations, and with fitted tails.
  double least_p(size_t contrast) const;
  /// How a contrast is permuted; none without --permutations.
  std::optional<PermutationRecord> record(size_t contrast) const;
  /// Queues the maps, and writes the null distributions.
  void add_maps(MapWriter& writer, OutputSet& outputs, const GroupFacts& facts) const;

 private:
  PermutationOptions options_for(const GroupContrast& contrast) const;
  PermutationRecord record_of(const ContrastPermutation& test,
                              const PermutationOptions& options) const;
  PermutationRecord record_of_maps(const ContrastPermutation& test,
                                   const PermutationOptions& options) const;
  void add_contrast(size_t contrast, MapWriter& writer, OutputSet& outputs,
                    const GroupFacts& facts) const;

  const GroupRequest& request_;
  const Session& session_;
  const GroupInputs& inputs_;
  const std::vector<GroupMaps>& maps_;
  std::vector<PermutationOptions> options_;
  std::vector<std::unique_ptr<ContrastPermutation>> tests_;
  std::vector<ShuffleResults> results_;
  std::vector<PermutationP> p_;
};

}  // namespace sociometer::jobs
