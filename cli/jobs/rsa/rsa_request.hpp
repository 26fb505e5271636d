#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/regions/region_request.hpp"
#include "cli/jobs/regions/value_fields.hpp"
#include "engine/rsa/rsa_analysis.hpp"
#include "engine/rsa/voxel_importance.hpp"

namespace sociometer::jobs {

/// A published analysis as one request.
enum class RsaPreset {
  babur2024,  ///< rsa_preset.hpp
};
constexpr std::array<Name<RsaPreset>, 1> names_of(std::type_identity<RsaPreset>) {
  return {{{RsaPreset::babur2024, "babur2024"}}};
}

/// Voxels that matter for the models, and whether they are the same for two of them.
struct ImportanceRequest {
  bool overlap = false;  ///< of the importances of every two models
  bool maps = false;     ///< of importances, per participant, region and model
  std::optional<ImportanceMethod> method;
  double top = 0.1;             ///< share of the voxels that Dice's coefficient is of
  uint64_t permutations = 200;  ///< of both models together: the overlap expected of noise
  std::string score;            ///< column to which the overlap is related
  std::vector<std::string> participants;  ///< tables that have it
  bool wanted() const { return overlap || maps; }
};
SOCIOMETER_FIELDS(ImportanceRequest) {
  visit("overlap", self.overlap);
  visit("maps", self.maps);
  visit("method", self.method);
  visit("top", self.top);
  visit("permutations", self.permutations);
  visit("score", self.score);
  visit("participants", self.participants);
}

/// Representational similarity analysis of participants' trials.
struct RsaRequest {
  std::vector<std::string> trials;       ///< tables written by `trials`; images are beside them
  std::vector<std::string> trial_types;  ///< whose trials are taken; none: all
  std::string conditions;                ///< column whose values are conditions; empty: trials
  bool by_run = false;                   ///< a pattern per condition and run
  std::vector<std::string> models;       ///< columns of the table of trials or of `values`
  std::vector<std::pair<std::string, std::string>> model_rdms;  ///< name, file of an RDM
  std::string values;                 ///< table of values of conditions, per participant or for all
  std::vector<std::string> nuisance;  ///< run, time, trials, or columns
  std::vector<std::string> residuals;  ///< images from which noise is estimated; none: the trials
  RegionRequest regions;
  std::vector<std::string> sets;         ///< built-in sets, each joined to one region
  std::optional<double> searchlight_mm;  ///< radius; none: no maps
  uint64_t searchlight_least = 10;       ///< voxels of a sphere, below which it has no value
  std::optional<Dissimilarity> dissimilarity;
  std::optional<NoiseNormalisation> normalisation;
  RdmComparison comparison = RdmComparison::spearman;
  std::optional<PairChoice> pairs;
  uint64_t item_permutations = 0;
  uint64_t bootstraps = 0;  ///< of conditions, for tests over participants and conditions
  ImportanceRequest importance;
  std::optional<RsaPreset> preset;
  RegionTestOptions tests;  ///< over participants
  std::string output, prefix;

  bool wants_regions() const {
    return !regions.rois.empty() || regions.atlas.given() || !sets.empty();
  }
  /// Trials unless conditions are named; crossnobis has its runs within.
  PatternUnit unit() const {
    if (conditions.empty()) return PatternUnit::trial;
    return by_run ? PatternUnit::condition_run : PatternUnit::condition;
  }
  /// crossnobis of conditions over runs, which noise does not make larger; else correlation.
  Dissimilarity chosen_dissimilarity() const;
  /// mahalanobis: multivariate; crossnobis: multivariate in regions, univariate in maps; else none.
  NoiseNormalisation chosen_normalisation(bool in_maps = false) const;
  /// Items of one run share its noise: their pairs are left out unless asked for.
  PairChoice chosen_pair_choice() const;
  RsaOptions options(bool in_maps = false) const;
  /// contribution where the comparison is linear in the RDM; else jackknife.
  ImportanceMethod chosen_importance() const {
    return importance.method.value_or(has_contributions(comparison) ? ImportanceMethod::contribution
                                                                    : ImportanceMethod::jackknife);
  }
};
SOCIOMETER_FIELDS(RsaRequest) {
  visit("trials", self.trials);
  visit("trial_types", self.trial_types);
  visit("conditions", self.conditions);
  visit("by_run", self.by_run);
  visit("models", self.models);
  visit("model_rdms", self.model_rdms);
  visit("values", self.values);
  visit("nuisance", self.nuisance);
  visit("residuals", self.residuals);
  visit("regions", self.regions);
  visit("sets", self.sets);
  visit("searchlight_mm", self.searchlight_mm);
  visit("searchlight_least", self.searchlight_least);
  visit("dissimilarity", self.dissimilarity);
  visit("normalisation", self.normalisation);
  visit("comparison", self.comparison);
  visit("pairs", self.pairs);
  visit("item_permutations", self.item_permutations);
  visit("bootstraps", self.bootstraps);
  visit("importance", self.importance);
  visit("preset", self.preset);
  visit("tests", self.tests);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const RsaRequest& request);

}  // namespace sociometer::jobs
