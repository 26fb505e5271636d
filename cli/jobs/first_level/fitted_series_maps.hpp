#pragma once
#include <string>
#include <vector>

#include "engine/core/journal.hpp"
#include "engine/core/mask.hpp"
#include "engine/glm/fitted_series.hpp"
#include "io/images/nifti.hpp"
#include "io/records/first_level_records.hpp"
#include "io/records/map_writer.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {

/// Which of `--save`'s series and maps need the images a second time.
struct FittedSeriesWanted {
  bool residuals = false, predicted = false, tsnr = false;
  bool any() const { return residuals || predicted || tsnr; }
};

/// Reads a run again and queues or writes what is wanted of it: stat-errorts (residuals, as nilearn
/// names them), stat-predictedts and stat-tsnr.
/// @param name  put before "stat-", "run-1_" or empty.
void write_fitted_series(const FittedSeriesWanted& wanted, const NiftiHeader& header, double tr_s,
                         const StoredRun& run, const Mask& mask, const StreamOptions& options,
                         const std::string& name, const FitRecord& fit, MapWriter& writer,
                         OutputSet& outputs, Journal& journal);

}  // namespace sociometer::jobs
