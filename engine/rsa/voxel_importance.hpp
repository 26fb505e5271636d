#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/rsa/rdm_parts.hpp"

/// How much each voxel of a region matters for the agreement of its RDM with a model, and whether
/// the same voxels matter for two models.
///
/// The definitions are ours: Babür et al. 2024 report an overlap of voxel importance and do not
/// define it where we could read.
///
///     const RdmParts parts(person, options.dissimilarity, patterns);
///     const ImportanceModels models(person, options, 200);
///     const VoxelImportances found = voxel_importances(parts, models, {});
///     found.overlaps[0].above();  // of models 0 and 1, less what noise and correlated models give
namespace sociometer {

enum class ImportanceMethod {
  /// The voxel's share of the value: of a correlation or coefficient whose numerator is linear in
  /// the RDM. Shares add up to the value. Not for ranks.
  contribution,
  /// What the value loses without the voxel.
  jackknife,
};
constexpr std::array<Name<ImportanceMethod>, 2> names_of(std::type_identity<ImportanceMethod>) {
  return {{{ImportanceMethod::contribution, "contribution"},
           {ImportanceMethod::jackknife, "jackknife"}}};
}

/// Whether there are importances: tau-a is neither linear in the RDM nor cheap without each voxel.
constexpr bool has_importance(RdmComparison c) { return c != RdmComparison::kendall; }
/// Whether the comparison's numerator is linear in the RDM.
constexpr bool has_contributions(RdmComparison c) {
  return has_importance(c) && c != RdmComparison::spearman;
}

struct VoxelImportanceOptions {
  ImportanceMethod method = ImportanceMethod::contribution;
  double top = 0.1;  ///< share of the voxels whose overlap Dice's coefficient measures
};

/// A participant's models prepared for importances: as they are, and with their items permuted.
///
/// All models and nuisance RDMs are permuted together, as if the patterns were: their relations to
/// each other stay, and what overlap is left is that of noise which both importances share, and of
/// models that go with each other. Weights stay with their pairs. Orders are those of ItemOrders;
/// with runs of autocorrelated noise they are an approximation, as trials are not exchangeable.
class ImportanceModels {
 public:
  /// @param options  comparison, seed. @param permutations  0: none.
  /// @cost  permutations * models passes over the pairs.
  ImportanceModels(const ParticipantRsa& person, const RsaOptions& options, uint64_t permutations);

  Eigen::Index n_models() const { return Eigen::Index(models_.size()); }
  /// Versions of each model: 1 without permutations, or where they are not possible, as an order
  /// would put a pair that is used in the place of one that is not.
  Eigen::Index n_versions() const { return n_versions_; }
  /// Pearson's r of two model RDMs over the pairs that both are compared at.
  double correlation(Eigen::Index a, Eigen::Index b) const { return correlations_(a, b); }
  /// Importances of each model's versions, (n_voxels, n_versions).
  std::vector<Eigen::MatrixXd> in_region(const RdmParts& parts, ImportanceMethod method) const;

 private:
  friend class RegionImportance;  ///< voxel_importance.cpp
  struct Model {
    ModelComparison comparison;
    Eigen::MatrixXd left;  ///< (n_pairs used, n_versions): nuisance taken out; the model first
    std::vector<Eigen::MatrixXd> nuisance;  ///< per version; of correlations with nuisance only
  };
  bool add_version(const std::vector<Eigen::Index>& order);
  std::vector<Model> models_;
  Eigen::MatrixXd correlations_;
  Eigen::Index n_versions_ = 1;
};

/// Overlap of the importances of two models in one participant and region.
struct ImportanceOverlap {
  Eigen::Index first = 0, second = 0;  ///< models
  double overlap = 0;                  ///< Pearson's r over voxels; NaN without spread
  double expected = 0;                 ///< mean over permuted models; NaN without any
  double p = 0;                        ///< two-sided about the mean of all; NaN without any
  double dice = 0, dice_expected = 0;  ///< of the voxels of largest importance, and permuted
  double model_correlation = 0;        ///< Pearson's r of both model RDMs over the pairs of both
  double above() const { return overlap - expected; }
};

struct VoxelImportances {
  Eigen::MatrixXd values;                   ///< (n_voxels, n_models); NaN: the model has no value
  std::vector<ImportanceOverlap> overlaps;  ///< of models (0, 1), (0, 2), .., (1, 2), ..
};

/// @cost  a pass over pairs and voxels per version and model; jackknife with ranks: also a sort of
///        the pairs per voxel and model.
VoxelImportances voxel_importances(const RdmParts& parts, const ImportanceModels& models,
                                   const VoxelImportanceOptions& options);

}  // namespace sociometer
