#pragma once
#include <string>
#include <vector>

#include "cli/jobs/report/found_results.hpp"
#include "io/report/design_section.hpp"
#include "io/report/page.hpp"

namespace sociometer::jobs {

/// What the pages of one report have in common.
struct PageContext {
  std::string folder;      ///< of the page
  std::string study;       ///< name of the results' folder
  std::string background;  ///< image under the maps; may be empty
  /// Records that could not be read, of the whole folder; the job has warned of them.
  Warnings faults;
  bool series = false;  ///< carpet plots and spectra, from the images that were fitted
};

/// A page, and what could not be read while it was made.
struct MadePage {
  ReportPage page;
  Warnings faults;
};

/// The page of a participant: all first-level analyses of this name.
/// @param home  address of the group's page; empty without one.
MadePage participant_page(const FoundResults& found, const std::string& participant,
                          const std::string& home, const PageContext& context);

/// Designs of an analysis with their tables and the weights of its contrasts.
std::vector<ReportedDesign> reported_designs(const FoundFirstLevel& analysis, Warnings& faults);

}  // namespace sociometer::jobs
