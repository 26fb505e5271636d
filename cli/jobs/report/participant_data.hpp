#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/report/found_results.hpp"
#include "cli/jobs/report/reported_maps.hpp"
#include "io/images/nifti.hpp"
#include "io/report/data_pictures.hpp"
#include "io/report/design_section.hpp"
#include "io/report/map_picture.hpp"

namespace sociometer::jobs {

/// Everything of one first-level analysis that a participant's page shows.
struct ParticipantAnalysis {
  const FoundFirstLevel* found = nullptr;
  std::string id;
  std::vector<ReportedDesign> designs;
  std::vector<ContrastFindings> contrasts;
  std::optional<NamedMask> mask;
  std::optional<Anatomy> anatomy;      ///< none without a mask
  std::map<std::string, Image> shown;  ///< images that the page shows more than once, by path
};

/// An image of the analysis, which is read when it is first asked for.
/// @throws Error{bad_input} as read_nifti.
const Image& shown_image(ParticipantAnalysis& analysis, const std::string& path);

/// Framewise displacement of each run whose design has the six motion parameters.
std::vector<MotionTrace> motion_traces(const ParticipantAnalysis& analysis);

/// The part of a page on an analysis's data: voxels by how they were fitted, measures of the data
/// as a table and as maps (tSNR, residual standard deviation, ..), motion. What `fit` did not save
/// is named with the option that saves it.
/// @param faults  gets what could not be read.
Html data_parts(ParticipantAnalysis& analysis, Warnings& faults);

}  // namespace sociometer::jobs
