#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/core/names.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/design_terms.hpp"
#include "engine/group/group_analysis.hpp"
#include "engine/group/group_choices.hpp"
#include "engine/group/permutation.hpp"
#include "engine/group/presence.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/group/spatial_statistics.hpp"
#include "engine/group/tail_approximation.hpp"
#include "engine/stats/bayes_factors.hpp"
#include "io/records/map_writer.hpp"

/// The request of a group analysis, for calls of the library.
namespace sociometer::jobs {

/// Selects the effect maps of a group.
struct EffectMapsRequest {
  std::vector<std::string> effects;  ///< files, globs, folders
  std::string first_level_contrast;
  std::vector<std::string> filters;      ///< task=social
  std::vector<std::string> allow_mixed;  ///< entities in which maps may differ
  bool allow_statistics = false;
  std::vector<std::string> variances;  ///< of the effects; empty: those in the folders
};
SOCIOMETER_FIELDS(EffectMapsRequest) {
  visit("effects", self.effects);
  visit("first_level_contrast", self.first_level_contrast);
  visit("filters", self.filters);
  visit("allow_mixed", self.allow_mixed);
  visit("allow_statistics", self.allow_statistics);
  visit("variances", self.variances);
}

/// The design from a participants table: its rows, and the columns that enter the model.
struct ParticipantsRequest {
  std::string table;
  std::vector<std::string> covariates, factors, interactions;
  MissingCovariates missing = MissingCovariates::refuse;
  std::vector<std::pair<std::string, MissingCovariates>> missing_in;  ///< for single columns
  CovariateCentering center = CovariateCentering::mean;
  FactorCoding coding = FactorCoding::treatment;
  bool in_order = false;  ///< rows are in the order of the maps
};
SOCIOMETER_FIELDS(ParticipantsRequest) {
  visit("table", self.table);
  visit("covariates", self.covariates);
  visit("factors", self.factors);
  visit("interactions", self.interactions);
  visit("missing", self.missing);
  visit("missing_in", self.missing_in);
  visit("center", self.center);
  visit("coding", self.coding);
  visit("in_order", self.in_order);
}

/// Sources of the group design.
struct GroupDesignRequest {
  std::string table;  ///< one row per map
  ParticipantsRequest participants;
  bool add_intercept = false, no_intercept = false;
  std::string within, difference;
};
SOCIOMETER_FIELDS(GroupDesignRequest) {
  visit("table", self.table);
  visit("participants", self.participants);
  visit("add_intercept", self.add_intercept);
  visit("no_intercept", self.no_intercept);
  visit("within", self.within);
  visit("difference", self.difference);
}

/// The model to fit.
struct GroupModelRequest {
  GroupMethod method = GroupModelPlan{}.method;
  BetweenVariance between = GroupModelPlan{}.between;
  bool knapp_hartung = GroupModelPlan{}.knapp_hartung;
  double huber_k = GroupModelPlan{}.huber_k;
  std::string variance_groups;  ///< table
};
SOCIOMETER_FIELDS(GroupModelRequest) {
  visit("method", self.method);
  visit("between_variance", self.between);
  visit("knapp_hartung", self.knapp_hartung);
  visit("huber_k", self.huber_k);
  visit("variance_groups", self.variance_groups);
}

/// Results beyond the statistics: corrections, clusters, effect sizes.
struct GroupInferenceRequest {
  double forming_p = ReportOptions{}.forming_p, alpha = ReportOptions{}.alpha,
         peak_distance_mm = ReportOptions{}.peak_distance_mm;
  int connectivity = ReportOptions{}.connectivity, min_cluster = int(ReportOptions{}.min_size);
  Sides sided = Sides::one;
  ClusterVolume rft_clusters = ClusterVolume::resels;
  SmoothnessEstimate smoothness = SmoothnessEstimate::local;
  std::vector<MapCorrection> corrections;
  std::vector<std::string> atlases, atlas_labels, conjunctions;
  bool effect_sizes = false, bayes_factors = false, no_tables = false;
  double interval = 0.95, bayes_scale = kMediumCauchyScale,
         bayes_slope_scale = kMediumCauchyScale / 2;
};
SOCIOMETER_FIELDS(GroupInferenceRequest) {
  visit("cluster_forming_p", self.forming_p);
  visit("alpha", self.alpha);
  visit("peak_distance_mm", self.peak_distance_mm);
  visit("connectivity", self.connectivity);
  visit("min_cluster_size", self.min_cluster);
  visit("sided", self.sided);
  visit("rft_clusters", self.rft_clusters);
  visit("smoothness", self.smoothness);
  visit("corrections", self.corrections);
  visit("atlases", self.atlases);
  visit("atlas_labels", self.atlas_labels);
  visit("conjunctions", self.conjunctions);
  visit("effect_sizes", self.effect_sizes);
  visit("bayes_factors", self.bayes_factors);
  visit("no_tables", self.no_tables);
  visit("interval", self.interval);
  visit("bayes_scale", self.bayes_scale);
  visit("bayes_slope_scale", self.bayes_slope_scale);
}

/// The permutation test; none when `permutations` is 0.
struct GroupPermutationRequest {
  int64_t permutations = 0;
  std::vector<ShuffledMap> statistics{ShuffledMap::voxel};
  std::optional<double> cluster_threshold;  ///< default: from GroupInferenceRequest::forming_p
  int tfce_connectivity = SpatialOptions{}.tfce_connectivity;
  double tfce_e = SpatialOptions{}.tfce_e, tfce_h = SpatialOptions{}.tfce_h;
  TfceSteps tfce_steps = SpatialOptions{}.tfce_steps;
  PermuteAs permute_as = PermuteAs::statistic;
  std::optional<ShuffleScheme> exchange;  ///< default: chosen for the contrast
  std::string blocks;                     ///< table
  BlockExchange block_exchange = PermutationOptions{}.exchange;
  uint64_t seed = PermutationOptions{}.seed;
  TailMethod tail = PermutationOptions{}.tail;
  double tail_p = PermutationOptions{}.tail_p;
  bool tfce_uncorrected = false, correct_contrasts = false;
  bool wants(ShuffledMap map) const;
};
SOCIOMETER_FIELDS(GroupPermutationRequest) {
  visit("permutations", self.permutations);
  visit("statistics", self.statistics);
  visit("cluster_forming_threshold", self.cluster_threshold);
  visit("tfce_connectivity", self.tfce_connectivity);
  visit("tfce_e", self.tfce_e);
  visit("tfce_h", self.tfce_h);
  visit("tfce_steps", self.tfce_steps);
  visit("permute_as", self.permute_as);
  visit("exchange", self.exchange);
  visit("blocks", self.blocks);
  visit("block_exchange", self.block_exchange);
  visit("seed", self.seed);
  visit("tail", self.tail);
  visit("tail_p", self.tail_p);
  visit("tfce_uncorrected", self.tfce_uncorrected);
  visit("correct_contrasts", self.correct_contrasts);
}

/// One part of the permutations.
struct Shard {
  uint64_t number = 1, of = 1;
};
SOCIOMETER_FIELDS(Shard) {
  visit("number", self.number);
  visit("of", self.of);
}

struct GroupRequest {
  EffectMapsRequest maps;
  GroupDesignRequest design;
  std::vector<std::string> contrasts, f_contrasts, contrast_files;
  std::string mask;
  Zeros zeros = Zeros::missing;
  int min_participants = 0;  ///< required per voxel; 0: all
  GroupModelRequest model;
  GroupInferenceRequest inference;
  GroupPermutationRequest permutation;
  std::string prefix;
  MapType map_type = MapType::float32;
  bool log_p = false;
  // Options that do not change any byte of a result:
  std::string output;
  std::optional<Shard> shard;  ///< do only its permutations, for `merge`
  std::string checkpoint;      ///< file that stores the completed permutations
  double checkpoint_every_s = 60;
  double memory_bytes = 0;  ///< 0: unlimited
  std::string scratch;      ///< folder of the scratch file; empty: beside the output

  bool shuffles() const { return permutation.permutations > 0; }
  /// Whether clusters or corrections are asked for.
  bool reports() const { return !inference.no_tables || !inference.corrections.empty(); }
};
SOCIOMETER_FIELDS(GroupRequest) {
  visit("maps", self.maps);
  visit("design", self.design);
  visit("contrasts", self.contrasts);
  visit("f_contrasts", self.f_contrasts);
  visit("contrast_files", self.contrast_files);
  visit("mask", self.mask);
  visit("zeros", self.zeros);
  visit("min_participants", self.min_participants);
  visit("model", self.model);
  visit("inference", self.inference);
  visit("permutation", self.permutation);
  visit("prefix", self.prefix);
  visit("map_type", self.map_type);
  visit("log_p", self.log_p);
  visit("output", self.output);
  visit("shard", self.shard);
  visit("checkpoint", self.checkpoint);
  visit("checkpoint_every_s", self.checkpoint_every_s);
  visit("memory_bytes", self.memory_bytes);
  visit("scratch", self.scratch);
}

/// Calls `visit` with the path of each file that the request names and that its results depend on.
/// @param request  GroupRequest, const or not.
template <class Request, class Visit>
void visit_files(Request& request, Visit&& visit) {
  for (auto* paths : {&request.maps.effects, &request.maps.variances, &request.contrast_files,
                      &request.inference.atlases, &request.inference.atlas_labels})
    for (auto& path : *paths)
      if (!path.empty()) visit(path);
  for (auto* path : {&request.design.table, &request.design.participants.table, &request.mask,
                     &request.permutation.blocks, &request.model.variance_groups})
    if (!path->empty()) visit(*path);
}

/// Rejects contradictory requests, before any file is read.
/// @throws Error{usage}.
void check(const GroupRequest& request);

}  // namespace sociometer::jobs
