#pragma once
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {

/// "x.json" beside "x.nii.gz", "x.nii", "x.img" or "x.hdr".
std::string sidecar_path(const std::string& image);

/// TR and sampling time of a run, from --tr, else the image's JSON sidecar, else the header.
/// Ready-made designs need no TR.
/// @param read  receives the sidecar if there is one.
void set_run_times(const DesignRequest& request, const NiftiHeader& header, RunInput& run,
                   std::vector<InputFile>& read, Journal& journal);

}  // namespace sociometer::jobs
