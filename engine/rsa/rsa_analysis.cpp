#include "engine/rsa/rsa_analysis.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

std::vector<ModelComparison> prepared(const ParticipantRsa& person, const RsaOptions& options) {
  const ModelRdms available = available_rdms(person, options.dissimilarity);
  std::vector<ModelComparison> models;
  for (Eigen::Index m = 0; m < available.models.cols(); ++m)
    models.emplace_back(available, m, options.comparison);
  return models;
}

}  // namespace

VoxelDissimilarities sums_over_voxels(const ParticipantRsa& person, Dissimilarity dissimilarity) {
  if (dissimilarity == Dissimilarity::crossnobis)
    return VoxelDissimilarities::crossnobis(person.run_items);
  return VoxelDissimilarities::euclidean(person.items.size());
}

ModelRdms available_rdms(const ParticipantRsa& person, Dissimilarity dissimilarity) {
  ModelRdms available = person.rdms;
  const VoxelDissimilarities sums = sums_over_voxels(person, dissimilarity);
  for (Eigen::Index p = 0; p < sums.n_pairs(); ++p)
    if (!sums.has(p)) available.used[size_t(p)] = 0;
  return available;
}

Eigen::MatrixXd item_patterns(const ParticipantRsa& person, Dissimilarity dissimilarity,
                              const Eigen::Ref<const Eigen::MatrixXd>& amplitudes) {
  return mean_patterns(dissimilarity == Dissimilarity::crossnobis ? person.run_items : person.items,
                       amplitudes);
}

Eigen::VectorXd rdm_of_patterns(const ParticipantRsa& person, Dissimilarity dissimilarity,
                                const Eigen::MatrixXd& patterns) {
  if (dissimilarity == Dissimilarity::correlation) return correlation_rdm(patterns);
  return sums_over_voxels(person, dissimilarity).mean_over(patterns);
}

RegionPatterns region_patterns(const ParticipantRsa& person, const RsaOptions& options,
                               const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                               const PatternNoise& noise) {
  require(options.dissimilarity != Dissimilarity::mahalanobis ||
              options.normalisation == NoiseNormalisation::multivariate,
          "Mahalanobis distances are those after multivariate normalisation");
  const NoiseWhitening whitening(options.normalisation, noise.residuals, noise.dof);
  return {whitening.apply(item_patterns(person, options.dissimilarity, amplitudes)),
          whitening.shrinkage()};
}

RegionRdm region_rdm(const ParticipantRsa& person, const RsaOptions& options,
                     const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                     const PatternNoise& noise) {
  const RegionPatterns made = region_patterns(person, options, amplitudes, noise);
  return {rdm_of_patterns(person, options.dissimilarity, made.patterns), amplitudes.cols(),
          made.shrinkage};
}

std::vector<RsaValue> model_values(const ParticipantRsa& person, const RsaOptions& options,
                                   const Eigen::VectorXd& rdm) {
  const ModelRdms available = available_rdms(person, options.dissimilarity);
  std::vector<RsaValue> out;
  for (Eigen::Index m = 0; m < available.models.cols(); ++m) {
    const ModelComparison comparison(available, m, options.comparison);
    const ItemPermutation permutation(available, m, person.items, options.comparison, options.seed);
    out.push_back(
        {comparison.value(rdm), permutation.p(rdm, options.permutations), comparison.pairs()});
  }
  return out;
}

double conditions_p(const std::vector<PersonRdm>& people, Eigen::Index model,
                    const RsaOptions& options) {
  std::vector<Eigen::Index> has;  // per pair: participants who have it
  for (const auto& [person, rdm] : people) {
    if (person->items.unit != PatternUnit::condition || rdm->size() == 0) return kNaN;
    has.resize(size_t(rdm->size()), 0);
    const ModelComparison own(available_rdms(*person, options.dissimilarity), model,
                              options.comparison);
    for (const Eigen::Index pair : own.pairs()) ++has[size_t(pair)];
  }
  std::vector<double> sums(options.permutations + 1, 0);
  for (const auto& [person, rdm] : people) {
    ModelRdms shared = person->rdms;
    for (size_t pair = 0; pair < has.size(); ++pair)
      shared.used[pair] = has[pair] == Eigen::Index(people.size());
    const auto values =
        ItemPermutation(shared, model, person->items, options.comparison, options.seed)
            .values(*rdm, options.permutations);
    if (values.size() != sums.size()) return kNaN;
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += values[k];
  }
  return permutation_p(sums, is_centred(options.comparison));
}

SearchlightMaps search_models(const ParticipantRsa& person, const RsaOptions& options,
                              const Searchlight& spheres,
                              const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                              const PatternNoise& noise, double table_bytes, int n_threads) {
  const std::vector<ModelComparison> models = prepared(person, options);
  if (options.dissimilarity != Dissimilarity::correlation &&
      options.normalisation != NoiseNormalisation::multivariate) {
    const NoiseWhitening whitening(options.normalisation, noise.residuals, noise.dof);
    return search_sums(spheres, sums_over_voxels(person, options.dissimilarity),
                       whitening.apply(item_patterns(person, options.dissimilarity, amplitudes)),
                       models, table_bytes, n_threads);
  }
  const auto sphere_rdm = [&](const std::vector<Eigen::Index>& voxels) -> Eigen::VectorXd {
    PatternNoise own{{}, noise.dof};
    if (noise.residuals.size() > 0) own.residuals = noise.residuals(Eigen::all, voxels);
    return region_rdm(person, options, amplitudes(Eigen::all, voxels), own).rdm;
  };
  return search(spheres, sphere_rdm, models, n_threads);
}

}  // namespace sociometer
