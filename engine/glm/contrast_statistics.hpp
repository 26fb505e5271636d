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
};
constexpr std::array<Name<FixedEffects>, 3> names_of(std::type_identity<FixedEffects>) {
  return {{{FixedEffects::precision, "precision"},
           {FixedEffects::equal, "equal"},
           {FixedEffects::nilearn, "nilearn"}}};
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
};

/// Combines the runs that are usable for the contrast.
/// @param values  per run; ignored for unusable runs.
/// @param tables  lookup tables to use and extend; null: one for this contrast alone.
/// @cost  per voxel: runs * rows^3, and about 20 ns for z and p (TailTable).
ContrastMaps combine_runs(const ResolvedContrast& contrast,
                          const std::vector<const ContrastValues*>& values,
                          const std::vector<double>& dof, FixedEffects fixed_effects, int n_threads,
                          TailTables* tables = nullptr);

}  // namespace sociometer
