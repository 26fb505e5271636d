#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/rsa/dissimilarity.hpp"
#include "engine/rsa/item_permutation.hpp"
#include "engine/rsa/model_rdm.hpp"
#include "engine/rsa/noise_normalisation.hpp"
#include "engine/rsa/rdm_comparison.hpp"
#include "engine/rsa/searchlight.hpp"

namespace sociometer {

/// Representational similarity analysis of one participant: patterns to an RDM, the RDM against
/// models. What follows over participants is test_one_sample of the models' values.
///
///     ParticipantRsa person{make_items(trials, PatternUnit::condition),
///                           make_items(trials, PatternUnit::condition_run), {}};
///     person.rdms.models = difference_rdm(mean_values(person.items, beliefs));
///     person.rdms.used = chosen_pairs(person.items, PairChoice::all);
///     const RsaOptions options{Dissimilarity::crossnobis, NoiseNormalisation::multivariate};
///     const RegionRdm region = region_rdm(person, options, amplitudes, noise);
///     const auto values = model_values(person, options, region.rdm);
///
/// @source Kriegeskorte, Mur & Bandettini 2008, Frontiers in Systems Neuroscience 2:4.
struct RsaOptions {
  Dissimilarity dissimilarity = Dissimilarity::correlation;
  NoiseNormalisation normalisation = NoiseNormalisation::none;
  RdmComparison comparison = RdmComparison::spearman;
  uint64_t permutations = 0;  ///< of items, per participant, region and model
  uint64_t seed = 1;
};

/// All but the voxels.
struct ParticipantRsa {
  PatternItems items;      ///< rows and columns of RDMs; for crossnobis of unit condition
  PatternItems run_items;  ///< of unit condition_run: for crossnobis
  ModelRdms rdms;
};

/// Residuals from which noise is estimated.
struct PatternNoise {
  Eigen::MatrixXd residuals;  ///< (n, n_voxels), mean 0
  double dof = 0;
};

struct RegionRdm {
  Eigen::VectorXd rdm;  ///< (n_pairs)
  Eigen::Index n_voxels = 0;
  double shrinkage = 0;  ///< of the noise covariance; NaN unless multivariate
};

/// The dissimilarities that are sums over voxels: crossnobis, else squared distances.
VoxelDissimilarities sums_over_voxels(const ParticipantRsa& person, Dissimilarity dissimilarity);

/// The model RDMs without pairs that the design does not give, as crossnobis does of conditions
/// that share no two runs. A pair that the data lack, of a constant pattern, stays, and leaves no
/// value.
ModelRdms available_rdms(const ParticipantRsa& person, Dissimilarity dissimilarity);

/// The patterns that enter dissimilarities: of run_items for crossnobis, else of items.
Eigen::MatrixXd item_patterns(const ParticipantRsa& person, Dissimilarity dissimilarity,
                              const Eigen::Ref<const Eigen::MatrixXd>& amplitudes);

/// The RDM of patterns that are normalised already.
Eigen::VectorXd rdm_of_patterns(const ParticipantRsa& person, Dissimilarity dissimilarity,
                                const Eigen::MatrixXd& patterns);

/// A region's patterns after normalisation.
struct RegionPatterns {
  Eigen::MatrixXd patterns;  ///< (n_patterns, n_voxels)
  double shrinkage = 0;      ///< of the noise covariance; NaN unless multivariate
};
/// @param amplitudes, noise  as in region_rdm.
RegionPatterns region_patterns(const ParticipantRsa& person, const RsaOptions& options,
                               const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                               const PatternNoise& noise);

/// The RDM of a region.
/// @param amplitudes  (n_trials, n_voxels of the region), finite.
/// @param noise  of the same voxels; empty for NoiseNormalisation::none.
RegionRdm region_rdm(const ParticipantRsa& person, const RsaOptions& options,
                     const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                     const PatternNoise& noise);

struct RsaValue {
  double value = 0;                 ///< NaN: not testable
  double p = 0;                     ///< by permutation of items; NaN without one
  std::vector<Eigen::Index> pairs;  ///< compared
  Eigen::Index n_pairs() const { return Eigen::Index(pairs.size()); }
};

struct PersonRdm {
  const ParticipantRsa* person;
  const Eigen::VectorXd* rdm;
};

/// p of a model over participants, by exchanging the conditions: the same order in all of them, the
/// mean over participants as statistic, two-sided as permutation_p.
///
/// It asks whether the model fits these people's mean geometry better than the same model with
/// other labels, so conditions are what could have been others; people could not, whom a t test
/// over participants is for.
/// Pairs that all participants have are compared: a condition that one lacks is left out of all.
/// @param people  with the same conditions. @param model  column of their models.
/// @return NaN without permutations, for other units than the condition, and without such a test.
/// @cost  options.permutations passes over the pairs of each participant.
double conditions_p(const std::vector<PersonRdm>& people, Eigen::Index model,
                    const RsaOptions& options);

/// One per model; NaN if the RDM lacks a pair that is compared, as in searchlights.
std::vector<RsaValue> model_values(const ParticipantRsa& person, const RsaOptions& options,
                                   const Eigen::VectorXd& rdm);

/// The values of models around every voxel of a mask, without permutations.
///
/// Noise covariances (multivariate) are those of each sphere, and correlations need each sphere's
/// means: there each RDM is made anew; all else is summed (search_sums).
/// @param amplitudes  (n_trials, n_voxels of the mask), finite. @param noise  as in region_rdm.
/// @param table_bytes  memory for voxels' own dissimilarities; changes nothing else.
SearchlightMaps search_models(const ParticipantRsa& person, const RsaOptions& options,
                              const Searchlight& spheres,
                              const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                              const PatternNoise& noise, double table_bytes, int n_threads);

}  // namespace sociometer
