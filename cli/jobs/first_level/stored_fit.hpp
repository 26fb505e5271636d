#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/glm/contrast_statistics.hpp"
#include "io/records/sidecar.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {

/// What one or more estimates.h5 of a participant hold, ready for new contrasts.
struct StoredFit {
  Mask mask;
  std::vector<StoredRun> runs;
  std::vector<size_t> file_of;  ///< per run: position of the file that it is from
  std::vector<std::unique_ptr<RunDesign>> designs;
  std::vector<std::string> names;  ///< of the runs
  std::vector<InputFile> inputs;   ///< the files
  std::string doubt;  ///< a file that is of another participant by its runs; empty: none
};

/// Reads the stores of one participant and checks that they belong together: same grid, same mask,
/// same scaling.
StoredFit read_stored_fit(const std::vector<std::string>& paths);

/// The contrast's weights in every run.
ResolvedContrast resolve_in(const StoredFit& fit, const ContrastSpec& spec);

/// Its maps over the voxels of the fit.
ContrastMaps maps_of(const ResolvedContrast& contrast, const StoredFit& fit,
                     FixedEffects fixed_effects, int n_threads);

/// The same of runs in sets.
ContrastMaps maps_of(const ResolvedContrast& contrast, const StoredFit& fit, const RunSets& sets,
                     int n_threads);

/// Leaves only the voxels at these positions of the mask; their estimates keep their bits.
void keep_voxels(StoredFit& fit, const std::vector<Eigen::Index>& positions);

}  // namespace sociometer::jobs
