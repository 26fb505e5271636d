#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Writes a run's values into those of all runs, voxel by voxel.
/// @param of_run  (n_trials, n_voxels).
/// @param first   column of its first trial in `all`, (n_voxels, n_trials of all runs).
void put_trials(const Eigen::MatrixXd& of_run, Eigen::Index first, int n_threads,
                Eigen::MatrixXd& all);

/// Means of amplitudes over groups of trials.
/// @param amplitude  (n_voxels, n_trials).
/// @param groups     trials of each; NaN in a voxel counts as missing.
/// @return (n_voxels, n_groups); NaN without a trial.
Eigen::MatrixXd mean_amplitudes(const Eigen::MatrixXd& amplitude,
                                const std::vector<std::vector<Eigen::Index>>& groups);

/// Voxels of a grid, ascending, with a weight each; no weights: all alike.
struct WeightedVoxels {
  std::span<const uint32_t> voxels;
  std::span<const double> weights{};
};

/// Weighted mean over a region's voxels: sum w v / sum w over those that have a value.
/// @param amplitude  (n_voxels, n_trials).
/// @param voxels     of its rows, ascending.
/// @return (n_trials); NaN where no voxel of the region has a value.
Eigen::VectorXd mean_in_region(const Eigen::MatrixXd& amplitude, std::span<const uint32_t> voxels,
                               const WeightedVoxels& region);

/// Number of a region's voxels that are among `voxels`.
Eigen::Index voxels_covered(std::span<const uint32_t> voxels, const WeightedVoxels& region);

}  // namespace sociometer
