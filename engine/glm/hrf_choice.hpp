#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/design/hrf_library.hpp"
#include "engine/glm/run_analysis.hpp"

/// Which response of the library explains each voxel's series best.
///
/// The model of shape k: y_r = Z_r g_r + X_rk b + e in every run r. Z_r is what is not of the task
/// (confounds, drift, constant); the coefficients b of the task's columns are the same in all runs.
/// With Q_rk the part of X_rk that Z_r does not explain, the residual sum of squares over all runs
/// is that of the Z_r alone less a'(sum Q'Q)^-1 a, a = sum Q'y. So one pass over each run, which
/// sums the products of all shapes' columns with the series, decides. White noise is assumed.
///
/// Exact: the choice is that of separate least-squares fits. Equal sums go to the lower number.
/// Runs in which a voxel cannot be fitted are left out for it; a voxel without any, or without
/// variance, gets no shape.
/// @source ON-OFF model of GLMsingle: Prince et al. 2022 eLife 11:e77599.
namespace sociometer {

enum class HrfChoice {
  all_events,  ///< one column for all events, as GLMsingle
  conditions,  ///< the design's columns: conditions and modulators
};
constexpr std::array<Name<HrfChoice>, 2> names_of(std::type_identity<HrfChoice>) {
  return {{{HrfChoice::all_events, "all-events"}, {HrfChoice::conditions, "conditions"}}};
}

/// One run, with what its design was made from.
struct ChoiceRun {
  std::string name;  ///< for messages
  Events events;
  DesignMatrix design;  ///< its task columns are made again for each shape
  DesignOptions options;
  double tr_s = 0;  ///< as for make_design
  std::vector<uint8_t> kept{};
};

struct ChosenHrf {
  std::vector<uint8_t> number;  ///< per voxel, 1 .. kHrfLibrarySize; 0: none
  /// Share of the variance that Z leaves which the model of the chosen shape explains, over all
  /// runs; NaN without a shape.
  Eigen::VectorXd r_squared;
  Eigen::VectorXd gain;  ///< that share less the one with SPM's canonical response
};

/// @param plan  smoothing, scaling, threads; the noise model is not used.
/// @throws as prepare_run and fit_first_level.
/// @cost  21 products per scan and voxel (conditions: as many times the number of columns).
ChosenHrf choose_hrf(const std::vector<ChoiceRun>& runs, HrfChoice model,
                     const FirstLevelPlan& plan, const OpenRun& open, const Mask& mask,
                     Journal* journal = nullptr);

}  // namespace sociometer
