#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/cluster_tables.hpp"
#include "io/records/group_record.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// The indices of the contrasts in a conjunction.
struct NamedConjunction {
  std::string name;
  std::vector<size_t> contrasts;
};

ClusterRule cluster_rule(const GroupInferenceRequest& request);

/// Writes tables and further maps of all contrasts and conjunctions.
class GroupInference {
 public:
  /// Estimates the smoothness of the residuals and reads the atlases.
  GroupInference(const GroupInferenceRequest& request, GroupInputs& inputs, const Session& session);
  /// @param more  per-voxel values reported at peaks, such as p by permutation.
  void add_contrast(MapWriter& writer, OutputSet& outputs, const GroupContrast& contrast,
                    const GroupMaps& maps, const GroupFacts& facts,
                    const std::vector<PeakColumn>& more = {});
  void add_conjunctions(MapWriter& writer, OutputSet& outputs, const std::vector<GroupMaps>& maps,
                        const GroupFacts& facts);

  /// For the summary: each contrast, with its clusters and their threshold.
  const std::vector<std::pair<std::string, std::string>>& findings() const { return findings_; }

 private:
  struct Named;
  bool wants_report() const { return !request_.no_tables || !request_.corrections.empty(); }
  bool wants_standardised() const { return request_.effect_sizes || request_.bayes_factors; }
  void add_report(MapWriter& writer, OutputSet& outputs, const Named& tested,
                  const GroupFacts& facts, const std::vector<PeakColumn>& more);
  void add_standardised(MapWriter& writer, const GroupContrast& contrast, const GroupMaps& maps,
                        const GroupFacts& facts);

  const GroupInferenceRequest& request_;
  const GroupInputs& inputs_;
  int n_threads_;
  std::optional<Smoothness> smoothness_;
  std::vector<AtlasAtMask> atlases_;
  std::vector<PresencePattern> patterns_;
  std::vector<NamedConjunction> conjunctions_;
  std::vector<std::pair<std::string, std::string>> findings_;
};

}  // namespace sociometer::jobs
