#include "engine/group/group_analysis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/group/robust.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Sets effects of a block to NaN unless their variance is a positive number.
void drop_unusable(const GroupBlock& variances, Eigen::Ref<Eigen::MatrixXd> effects) {
  for (Index v = 0; v < effects.cols(); ++v)
    for (Index i = 0; i < effects.rows(); ++i)
      if (!(std::isfinite(variances(i, v)) && variances(i, v) > 0))
        effects(i, v) = std::numeric_limits<double>::quiet_NaN();
}

class UsableEffects : public GroupData {
 public:
  UsableEffects(std::shared_ptr<const GroupData> effects,
                std::shared_ptr<const GroupData> variances)
      : effects_(std::move(effects)), variances_(std::move(variances)) {}
  Index n_participants() const override { return effects_->n_participants(); }
  Index n_voxels() const override { return effects_->n_voxels(); }
  GroupBlock block(Index first, Index n, Eigen::MatrixXd& space) const override {
    Eigen::MatrixXd own, of_variances;
    const GroupBlock variances = variances_->block(first, n, of_variances);
    space = effects_->block(first, n, own);
    drop_unusable(variances, space);
    return {space.data(), space.rows(), n, Eigen::OuterStride<>(space.rows())};
  }

 private:
  std::shared_ptr<const GroupData> effects_, variances_;
};

/// Fits one group: the code shared by the methods.
class GroupFitter {
 public:
  GroupFitter(const GroupData& effects, const GroupDesign& design,
              const std::vector<GroupContrast>& contrasts, const GroupModelPlan& plan)
      : effects_(effects), design_(design), contrasts_(contrasts), plan_(plan) {
    for (const auto& contrast : contrasts) rows_.push_back(contrast.rows);
  }

  GroupFit least_squares() const {
    GroupFit fit;
    fit.contrasts.resize(contrasts_.size());
    const double thread = 8.0 * 3 * double(kGroupBlock * effects_.n_participants());
    const int threads = plan_.memory.threads(thread, plan_.n_threads);
    Eigen::MatrixXd space;
    for_blocks(1, threads * thread, [&](Index first, Index n) {
      const GroupBlock values = effects_.block(first, n, space);
      const auto patterns = presence_patterns(values, plan_.min_participants);
      for (size_t c = 0; c < contrasts_.size(); ++c) {
        const GroupMaps maps = plan_.variance_groups.empty()
                                   ? fit_ols(values, patterns, design_, contrasts_[c], threads)
                                   : fit_variance_groups(values, patterns, design_, contrasts_[c],
                                                         plan_.variance_groups, threads);
        put_block(fit.contrasts[c], maps, first, effects_.n_voxels());
      }
    });
    return fit;
  }

  GroupFit known_variances(const GroupData& variances) const {
    MixedOptions options;
    options.between = plan_.method == GroupMethod::fixed ? BetweenVariance::none : plan_.between;
    options.knapp_hartung = plan_.knapp_hartung;
    options.variance_groups = plan_.variance_groups;
    options.min_participants = plan_.min_participants;
    options.n_threads = plan_.n_threads;
    options.finish = false;
    const Index n_voxels = effects_.n_voxels();
    MixedEffectsMaps maps(0, 0, 0, {});
    GroupFit fit;
    Eigen::MatrixXd space_effects, space_variances, usable;
    for_blocks(5, 0, [&](Index first, Index n) {
      const GroupBlock all = effects_.block(first, n, space_effects),
                       weights = variances.block(first, n, space_variances);
      usable = all;
      drop_unusable(weights, usable);
      count_unusable(all, usable, fit);
      const MixedEffectsMaps part =
          fit_mixed_effects(usable, weights, design_.values, rows_, options);
      maps.put(part, first, n_voxels);
      put_voxels(maps.tau2, part.tau2, first, n_voxels);
      put_voxels(maps.q, part.q, first, n_voxels);
      put_voxels(maps.i2, part.i2, first, n_voxels);
    });
    maps.finish();
    fit.contrasts = std::move(maps.contrasts);
    fit.q = std::move(maps.q);
    if (plan_.method == GroupMethod::fixed) return fit;
    fit.tau2 = std::move(maps.tau2);
    fit.i2 = std::move(maps.i2);
    return fit;
  }

  GroupFit huber() const {
    RobustOptions options;
    options.tuning = plan_.huber_k;
    options.min_participants = plan_.min_participants;
    options.n_threads = plan_.n_threads;
    options.finish = false;
    const Index n_voxels = effects_.n_voxels();
    RobustMaps maps;
    Eigen::MatrixXd space;
    for_blocks(1, 0, [&](Index first, Index n) {
      const RobustMaps part =
          fit_robust(effects_.block(first, n, space), design_.values, rows_, options);
      maps.put(part, first, n_voxels);
      put_voxels(maps.scale, part.scale, first, n_voxels);
      put_voxels(maps.least_weight, part.least_weight, first, n_voxels);
    });
    maps.finish();
    GroupFit fit;
    fit.contrasts = std::move(maps.contrasts);
    fit.scale = std::move(maps.scale);
    fit.least_weight = std::move(maps.least_weight);
    return fit;
  }

 private:
  /// Calls fit(first voxel, number of voxels) for all voxels, block by block.
  /// @param copies  number of copies of a block in memory at the same time.
  /// @param fixed   further bytes, independent of the block.
  template <typename Fit>
  void for_blocks(double copies, double fixed, const Fit& fit) const {
    const double column = 8 * double(effects_.n_participants());
    const Index block = plan_.memory.block_size(copies * column, fixed, "a block of voxels takes"),
                n = effects_.n_voxels();
    for (Index first = 0; first < n; first += block) fit(first, std::min(block, n - first));
  }

  static void count_unusable(const GroupBlock& all, const Eigen::MatrixXd& usable, GroupFit& fit) {
    for (Index v = 0; v < all.cols(); ++v) {
      const Index here =
          all.col(v).array().isFinite().count() - usable.col(v).array().isFinite().count();
      fit.n_unusable_effects += here;
      fit.n_unusable_voxels += here > 0;
    }
  }

  const GroupData& effects_;
  const GroupDesign& design_;
  const std::vector<GroupContrast>& contrasts_;
  const GroupModelPlan& plan_;
  std::vector<Eigen::MatrixXd> rows_;
};

}  // namespace

std::shared_ptr<const GroupData> usable_effects(std::shared_ptr<const GroupData> effects,
                                                std::shared_ptr<const GroupData> variances) {
  return std::make_shared<UsableEffects>(std::move(effects), std::move(variances));
}

GroupFit fit_group(const GroupData& effects, const GroupData* variances, const GroupDesign& design,
                   const std::vector<GroupContrast>& contrasts, const GroupModelPlan& plan) {
  require(takes_variances(plan.method) == (variances != nullptr),
          "variances for the methods that take them");
  require(plan.method != GroupMethod::robust || plan.variance_groups.empty(),
          "no variance groups in a robust fit");
  const GroupFitter fitter(effects, design, contrasts, plan);
  if (plan.method == GroupMethod::ols) return fitter.least_squares();
  if (plan.method == GroupMethod::robust) return fitter.huber();
  return fitter.known_variances(*variances);
}

}  // namespace sociometer
