#pragma once
#include <vector>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// The runs of a first level, read and fitted.
struct FittedRuns {
  std::vector<InputFile> images;  ///< of each run, with its checksum
  FirstLevelFit fit;
};

/// Opens the runs' images; each one's file is known once all of it has been read.
/// @param images   one per run; must outlive what is returned, as must the journal.
/// @param journal  gets warnings of volumes that hold zeros only.
OpenRun open_images(const FitInputs& runs, std::vector<InputFile>& images, Journal& journal);

/// @throws Error{bad_input} for an image that is given twice.
void require_different_runs(const FittedRuns& fitted);

/// @throws Error{bad_input} for an image that cannot be read, or that is given twice.
FittedRuns read_and_fit(const FitInputs& runs, const Mask& mask, Journal& journal);

/// Adds the mask of the analysis to the maps.
void add_mask_map(const Mask& mask, const MaskRecord& record, MapWriter& writer);

}  // namespace sociometer::jobs
