#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/design/contrast.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {

/// How effects of several runs are combined.
enum class FixedEffects {
  precision,  ///< weighted by inverse (co)variance: the best linear unbiased estimate
  equal,      ///< mean of effects, sum of variances / n^2
  nilearn,  ///< like equal; F from the mean of each run's whitened effects, as nilearn computes it
  meier,    ///< weights of precision, but the variance allows for their being estimates
  pooled,   ///< one weight per run for all voxels, from the runs' precision in all of them
};
constexpr std::array<Name<FixedEffects>, 5> names_of(std::type_identity<FixedEffects>) {
  return {{{FixedEffects::precision, "precision"},
           {FixedEffects::equal, "equal"},
           {FixedEffects::nilearn, "nilearn"},
           {FixedEffects::meier, "meier"},
           {FixedEffects::pooled, "pooled"}}};
}
FixedEffects parse_fixed_effects(const std::string& text);
std::string to_string(FixedEffects f);

/// One contrast resolved for the designs of all runs.
struct ResolvedContrast {
  ContrastSpec spec;
  std::vector<Eigen::MatrixXd>
      rows;  ///< per run: (n_rows, n_columns), independent rows; empty when not usable
  std::vector<std::string> why_not;  ///< per run: empty when usable
  bool usable() const;               ///< in at least one run
  bool usable_in(size_t run) const { return rows[run].size() > 0; }
};

/// Turns a contrast into weights for each run. A run without one of its columns, or in which the
/// contrast is not estimable, is left out and `why_not` says so.
/// @param columns  names per run.
/// @throws Error for syntax errors and for names that no run has.
ResolvedContrast resolve_contrast(const ContrastSpec& spec,
                                  const std::vector<std::vector<std::string>>& columns,
                                  const std::vector<EstimableSpace>& spaces);

/// Final maps of one contrast, one column per voxel; NaN for voxels that some run could not fit.
struct ContrastMaps {
  Eigen::MatrixXd effect, variance;  ///< (n_rows, n_voxels); variance is that of each row
  Eigen::VectorXd statistic, z, p;   ///< t or F; p one-sided (upper tail)
  double dof = 0;                    ///< of t, or the denominator of F: summed over the runs used
  double numerator_dof = 0;          ///< of F, else 0
  Eigen::VectorXd own_dof;           ///< of each voxel, where voxels differ; else empty
};

/// Combines the runs that are usable for the contrast.
///
/// With weights w_r = 1 / v_r, p_r = w_r / sum w and nu_r degrees of freedom of v_r, `meier` has
/// the variance (1 + 4 sum p_r (1 - p_r) / nu_r) / sum w on 1 / sum(p_r^2 / nu_r) degrees of
/// freedom: 1 / sum w alone is too small, because runs whose v_r came out small get the most
/// weight. Of several rows P_r = C W_r, C = (sum W_r)^-1, take the place of p_r, which gives C + 4
/// sum P_r (I - P_r) C / nu_r by the same expansion to first order in 1 / nu_r.
///
/// `pooled` has the variance sum p_r^2 v_r with the same p_r in all voxels, proportional to
/// 1 / exp(m_r), m_r the median over voxels of log v_r less its mean over runs (of q rows: log
/// det(V_r) / q), on 1 / sum(p_r^2 / nu_r) degrees of freedom. Many voxels leave the weights no
/// noise of their own, and what the runs differ in as wholes (scans, motion, efficiency) is in
/// them; that one run is better in some places only is not. Of few voxels it is `precision`,
/// without the noise of whose weights the variance is too small.
/// @source Meier 1953, Variance of a weighted mean, Biometrics 9(1); `pooled` is ours.
/// @param values  per run; ignored for unusable runs.
/// @param tables  lookup tables to use and extend; null: one for this contrast alone.
/// @cost  per voxel: runs * rows^3, and about 20 ns for z and p (TailTable); where voxels have
/// degrees of freedom of their own, tails are computed for each.
ContrastMaps combine_runs(const ResolvedContrast& contrast,
                          const std::vector<const ContrastValues*>& values,
                          const std::vector<double>& dof, FixedEffects fixed_effects, int n_threads,
                          TailTables* tables = nullptr);

/// Runs in sets, as the sessions of a person: runs are combined within their set, then sets.
struct RunSets {
  std::vector<size_t> set_of;  ///< per run: 0, 1, ..
  FixedEffects within = FixedEffects::precision, between = FixedEffects::precision;
  /// Per set, of a difference and the like: sum of weight * effect, sum of weight^2 * variance.
  /// Empty: the mean of sets, by `between`.
  std::vector<double> weights;
};

/// A t contrast over sets of runs. Sets with weight 0 do not take part.
/// @throws Error{bad_input} if no run of a weighted set can have the contrast.
ContrastMaps combine_sets(const ResolvedContrast& contrast,
                          const std::vector<const ContrastValues*>& values,
                          const std::vector<double>& dof, const RunSets& sets, int n_threads);

}  // namespace sociometer
