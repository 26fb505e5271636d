#pragma once
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {

/// "x.json" beside "x.nii.gz", "x.nii", "x.img" or "x.hdr".
std::string sidecar_path(const std::string& image);

/// TR and sampling time of a run, from --tr, else the image's JSON sidecar, else the header.
/// Onsets of volumes from the request, else the sidecar's VolumeTiming unless --tr is given.
/// Ready-made designs need no TR.
/// @param r     index of the run.
/// @param read  receives the sidecar if there is one.
void set_run_times(const DesignRequest& request, size_t r, const NiftiHeader& header, RunInput& run,
                   std::vector<InputFile>& read, Journal& journal);

/// VolumeTiming of a run's record: how many volumes and gaps, and the shortest distance; nothing if
/// the distances are equal.
std::optional<VolumeTimingRecord> volume_timing_record(const RunInput& run);

}  // namespace sociometer::jobs
