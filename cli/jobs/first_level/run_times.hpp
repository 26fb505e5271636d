#pragma once
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {

/// "x.json" beside "x.nii.gz", "x.nii", "x.img" or "x.hdr".
std::string sidecar_path(const std::string& image);

/// TR and sampling time of a run: --tr before the JSON sidecar of the image before its header.
/// Ready designs do without a TR.
/// @param read  gets the sidecar when there is one.
void set_run_times(const DesignRequest& request, const NiftiHeader& header, RunInput& run,
                   std::vector<InputFile>& read, Journal& journal);

}  // namespace sociometer::jobs
