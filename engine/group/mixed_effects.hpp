#pragma once
#include <array>
#include <limits>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/group/group_model.hpp"

namespace sociometer {

/// Estimator of the between-participant variance.
enum class BetweenVariance {
  none,              ///< fixed effects: inference about these participants only
  reml,              ///< restricted maximum likelihood, by Fisher scoring
  dersimonian_laird  ///< method of moments from Cochran's Q
};

/// `none` is a separate method in names.
constexpr std::array<Name<BetweenVariance>, 2> names_of(std::type_identity<BetweenVariance>) {
  return {
      {{BetweenVariance::reml, "reml"}, {BetweenVariance::dersimonian_laird, "dersimonian-laird"}}};
}

struct MixedOptions {
  BetweenVariance between = BetweenVariance::reml;
  /// Multiplies variances by r'W r / dof (Knapp & Hartung 2003), as 3dMEMA does by default; FLAME
  /// does not.
  bool knapp_hartung = false;
  /// Group index of each participant, from 0, when groups have separate between variances (REML
  /// only); empty: one.
  std::vector<int> variance_groups;
  Eigen::Index min_participants = 0;  ///< rank + 1 are always required
  /// Degrees of freedom of fixed effects; infinite when first-level variances are taken as known.
  double fixed_dof = std::numeric_limits<double>::infinity();
  int n_threads = 1;
  bool finish = true;  ///< if false, z and p are left to GroupModelMaps::finish()
};

struct MixedEffectsMaps : GroupModelMaps {
  MixedEffectsMaps(Eigen::Index n_voxels, Eigen::Index n_columns, Eigen::Index n_groups,
                   const std::vector<Eigen::MatrixXd>& contrasts);
  Eigen::MatrixXd tau2;  ///< (n_variance_groups, n_voxels), between-participant variance
  Eigen::VectorXd q;     ///< Cochran's Q: weighted residual squares of the fixed-effects fit
  Eigen::VectorXd i2;    ///< share of tau2 in the total: tau2 / (tau2 + dof / tr P), P at tau2 = 0
};

/// Group model with known first-level variances: y = X b + e, var(e_i) = v_i + tau2.
///
/// tau2 maximises (the best of the maxima from two starts, and 0) the restricted likelihood -1/2
/// (ln|V| + ln|X'V^-1 X| + r'V^-1 r) over tau2 >= 0 in each voxel; b is generalised least squares;
/// t and F have n - rank degrees of freedom (FSL FLAME1's model). A participant whose effect is not
/// finite, or whose variance is not finite and positive, is absent from that voxel.
///
/// @param effects, variances  (n_participants, n_voxels), one voxel contiguous.
/// @param design  (n_participants, n_columns) of full column rank.
/// @param contrasts  (rows, n_columns) each; one row is t, more are F.
/// @throws Error{shape_mismatch} for inconsistent sizes, Error{bad_input} for a design without
/// full rank or without residual degrees of freedom.
/// @cost  about 10 passes over a voxel's values, 8 voxels at a time.
/// @source Woolrich et al. 2004 NeuroImage 21; Chen et al. 2012 NeuroImage 60; Viechtbauer 2010 J.
/// Stat. Software 36 (I2).
MixedEffectsMaps fit_mixed_effects(const Eigen::Ref<const Eigen::MatrixXd>& effects,
                                   const Eigen::Ref<const Eigen::MatrixXd>& variances,
                                   const Eigen::Ref<const Eigen::MatrixXd>& design,
                                   const std::vector<Eigen::MatrixXd>& contrasts,
                                   const MixedOptions& options = {});

}  // namespace sociometer
