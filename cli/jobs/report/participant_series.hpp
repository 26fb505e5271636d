#pragma once
#include "cli/jobs/report/participant_data.hpp"

namespace sociometer::jobs {

/// What only the images of time series show: carpet plots, and the spectrum of residuals, whitened
/// by the coefficients of estimates.h5 for autoregressive noise models. One of each per run, of at
/// most 20,000 and about 500 voxels, spread evenly over the mask.
/// @param faults  gets the images that are not there any more, or have changed since the fit.
/// @cost  reads each image and estimates.h5 once; 20,000 values of 4 bytes per scan.
Html series_parts(const ParticipantAnalysis& analysis, Warnings& faults);

}  // namespace sociometer::jobs
