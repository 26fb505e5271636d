#pragma once
#include <array>
#include <type_traits>

#include "engine/core/names.hpp"

namespace sociometer {

/// Maps and series of a first level that are written only on request.
enum class SavedMap {
  residual_variance,
  r_squared,
  ar,  ///< former name of `noise`
  noise,
  ljung_box,
  mean,
  betas,
  status,
  residuals,
  predicted,
  tsnr
};
constexpr std::array<Name<SavedMap>, 11> names_of(std::type_identity<SavedMap>) {
  return {{{SavedMap::residual_variance, "residual-variance"},
           {SavedMap::r_squared, "r-squared"},
           {SavedMap::ar, "ar"},
           {SavedMap::noise, "noise"},
           {SavedMap::ljung_box, "ljung-box"},
           {SavedMap::mean, "mean"},
           {SavedMap::betas, "betas"},
           {SavedMap::status, "status"},
           {SavedMap::residuals, "residuals"},
           {SavedMap::predicted, "predicted"},
           {SavedMap::tsnr, "tsnr"}}};
}

/// Where the amplitudes of single trials of all voxels go.
enum class TrialImages { nifti, hdf5, both, none };
constexpr std::array<Name<TrialImages>, 4> names_of(std::type_identity<TrialImages>) {
  return {{{TrialImages::nifti, "nifti"},
           {TrialImages::hdf5, "hdf5"},
           {TrialImages::both, "both"},
           {TrialImages::none, "none"}}};
}

}  // namespace sociometer
