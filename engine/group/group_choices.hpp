#pragma once
#include <array>
#include <type_traits>

#include "engine/core/names.hpp"

namespace sociometer {

/// How participants with a missing covariate or factor are handled.
enum class MissingCovariates { refuse, listwise, mean };
constexpr std::array<Name<MissingCovariates>, 3> names_of(std::type_identity<MissingCovariates>) {
  return {{{MissingCovariates::refuse, "refuse"},
           {MissingCovariates::listwise, "listwise"},
           {MissingCovariates::mean, "mean"}}};
}

/// Whether tables and tests are one-sided (positive effects) or two-sided.
enum class Sides { one, two };
constexpr std::array<Name<Sides>, 2> names_of(std::type_identity<Sides>) {
  return {{{Sides::one, "one"}, {Sides::two, "two"}}};
}

/// The search volume by which the size of clusters is judged.
enum class ClusterVolume { resels, volume };
constexpr std::array<Name<ClusterVolume>, 2> names_of(std::type_identity<ClusterVolume>) {
  return {{{ClusterVolume::resels, "resels"}, {ClusterVolume::volume, "volume"}}};
}

/// What is computed from the map of each permutation.
enum class ShuffledMap { voxel, tfce, extent, mass };
constexpr std::array<Name<ShuffledMap>, 4> names_of(std::type_identity<ShuffledMap>) {
  return {{{ShuffledMap::voxel, "voxel"},
           {ShuffledMap::tfce, "tfce"},
           {ShuffledMap::extent, "extent"},
           {ShuffledMap::mass, "mass"}}};
}

/// The values from which TFCE and clusters are computed.
enum class PermuteAs { statistic, z };
constexpr std::array<Name<PermuteAs>, 2> names_of(std::type_identity<PermuteAs>) {
  return {{{PermuteAs::statistic, "statistic"}, {PermuteAs::z, "z"}}};
}

}  // namespace sociometer
