#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "engine/core/masked_series.hpp"
#include "engine/core/volume_source.hpp"
#include "engine/glm/lag_sums.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// How a series is read while it is fitted.
struct StreamOptions {
  Eigen::Vector3d smoothing_fwhm_mm = Eigen::Vector3d::Zero();  ///< per voxel axis; 0 0 0: none
  int n_threads = 1;
  size_t block_bytes = size_t{16} << 20;  ///< masked values per block; three blocks exist
  std::function<void(Eigen::Index done, Eigen::Index total)> progress;  ///< may be empty
};

/// Longer blocks save few passes over the sums and delay the start of the arithmetic.
inline constexpr Eigen::Index kMaxScansPerBlock = 64;

/// Reads a run once, from its first to its last volume, into its lag sums.
///
/// Reading (inflation) and masking run on separate threads, up to two blocks ahead of the
/// arithmetic.
/// @throws what the source throws; Error{shape_mismatch} when the numbers of volumes differ.
/// @cost  memory: the sums, three blocks and 4 MB of parts of volumes, independent of the number of
/// scans.
LagSums sum_run(VolumeSource& source, const RunDesign& design, const Space& space,
                const kernels::KernelSet& kernels, const StreamOptions& options);

/// Voxels of a run that have a design of their own.
struct SumTarget {
  const RunDesign* design;
  const Space* space;
};
/// The same for several groups of voxels, each with its design; the source is read once.
std::vector<LagSums> sum_run(VolumeSource& source, const std::vector<SumTarget>& targets,
                             const kernels::KernelSet& kernels, const StreamOptions& options);

/// Reads a whole run into memory, for noise models without finite sums.
/// @cost  memory: n_scans * voxels of the space, in the type of the file (float64 when smoothed).
MaskedSeries read_series(VolumeSource& source, Eigen::Index n_scans, const Space& space,
                         const StreamOptions& options);
/// The same for several groups of voxels; the source is read once.
std::vector<MaskedSeries> read_series(VolumeSource& source, Eigen::Index n_scans,
                                      const std::vector<const Space*>& spaces,
                                      const StreamOptions& options);

/// Mean of the first `n` kept volumes (fewer when there are not as many), after smoothing
/// if any.
/// @param kept  one flag per volume.
std::vector<double> mean_of_first_volumes(VolumeSource& source, const std::vector<uint8_t>& kept,
                                          Eigen::Index n, const StreamOptions& options);

}  // namespace sociometer
