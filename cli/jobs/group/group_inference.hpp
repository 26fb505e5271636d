#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_inputs.hpp"
#include "cli/jobs/group/group_tables.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/group_fit.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::cli {

/// What `group` tells beside the statistics: corrections, clusters, effect sizes.
struct GroupInferenceArguments {
  double forming_p = 0.001, alpha = 0.05, peak_distance_mm = 8, interval = 0.95,
         bayes_scale = 0.7071067811865476, bayes_slope_scale = 0.35355339059327376;
  int connectivity = 26, min_cluster = 1;
  std::string sided = "one", rft_clusters = "resels", smoothness = "local";
  std::vector<std::string> corrections, atlases, atlas_labels, conjunctions;
  bool effect_sizes = false, bayes_factors = false, no_tables = false;
};
void add_group_inference_options(CLI::App& command, GroupInferenceArguments& arguments);

/// Options that contradict each other or the method, before any image is read.
void check_group_inference_options(const GroupInferenceArguments& arguments,
                                   const std::string& method);

/// The places of the contrasts that a conjunction is of.
struct NamedConjunction {
  std::string name;
  std::vector<size_t> contrasts;
};

/// Writes tables and further maps of all contrasts and conjunctions.
class GroupInference {
 public:
  /// Estimates the smoothness of the residuals and reads the atlases.
  GroupInference(const GroupInferenceArguments& arguments, GroupInputs& inputs, int n_threads);
  /// @param more  per-voxel values that peaks are told with, such as p by permutation.
  void add_contrast(MapWriter& writer, OutputSet& outputs, const GroupContrast& contrast,
                    const GroupMaps& maps, const Json& model,
                    const std::vector<PeakColumn>& more = {});
  void add_conjunctions(MapWriter& writer, OutputSet& outputs, const std::vector<GroupMaps>& maps,
                        const Json& model);

  /// For the summary: contrast, and its clusters at which threshold.
  const std::vector<std::pair<std::string, std::string>>& findings() const { return findings_; }

 private:
  struct Named;
  bool wants_report() const { return !arguments_.no_tables || !arguments_.corrections.empty(); }
  void add_report(MapWriter& writer, OutputSet& outputs, const Named& tested, const Json& model,
                  const std::vector<PeakColumn>& more);
  void add_standardised(MapWriter& writer, const GroupContrast& contrast, const GroupMaps& maps,
                        const Json& model);

  const GroupInferenceArguments& arguments_;
  const GroupInputs& inputs_;
  int n_threads_;
  std::optional<Smoothness> smoothness_;
  std::vector<AtlasAtMask> atlases_;
  std::vector<PresencePattern> patterns_;
  std::vector<NamedConjunction> conjunctions_;
  std::vector<std::pair<std::string, std::string>> findings_;
};

}  // namespace sociometer::cli
