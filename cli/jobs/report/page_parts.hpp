#pragma once
#include <string>
#include <vector>

#include "cli/jobs/report/found_results.hpp"
#include "cli/jobs/report/reported_maps.hpp"
#include "io/report/design_section.hpp"
#include "io/report/html.hpp"
#include "io/report/page.hpp"

namespace sociometer::jobs {

/// A card of the part "At a glance": a question, a verdict, and the figures that it follows from.
struct Glance {
  std::string question;
  Standing standing = Standing::none;
  std::string word;
  std::vector<std::string> figures;
  std::string link;  ///< id of the section with more; may be empty
};
Html glance_part(const std::vector<Glance>& glances);

/// Limits of the pages for a fit's data, which are conventions of this program.
inline constexpr double kMostFailed = 0.01;   ///< share of the voxels without statistics
inline constexpr double kMostCensored = 0.2;  ///< share of the scans of a run
/// What a fit's record says of its data.
struct DataFindings {
  long voxels = 0, failed = 0, scans = 0, censored = 0;
  double most_censored = 0;  ///< share of a run's scans
  bool is_sound() const {
    return double(failed) <= kMostFailed * double(voxels) && most_censored <= kMostCensored;
  }
};
DataFindings data_findings(const FitRecord& fit);

/// The paragraphs of a methods section, its references as text and BibTeX, and the items of
/// COBIDAS.
/// @param records  of the analysis.
/// @param faults   gets what could not be read.
ReportSection methods_section(const std::vector<FoundRecord>& records, Warnings& faults);

/// The records that a page rests on, with links to them, and those that could not be read.
/// @param folder  of the page: links are relative to it.
ReportSection records_section(const std::vector<FoundRecord>& records, const Warnings& faults,
                              const std::string& folder);

/// The page with its sections, the summary first, and what made it.
ReportPage complete(ReportPage page, ReportSection summary, std::vector<ReportSection> others);

/// One contrast's results: sentence and table.
/// @param volume  id of its map in the viewer; empty without viewer.
/// @param picture  of its map; may be empty.
Html contrast_part(const ContrastFindings& findings, const std::string& id,
                   const std::string& volume, const Html& picture);

/// Fields of a record as a list: those that are there.
Html facts_of_fit(const FoundFirstLevel& analysis);
Html runs_table(const FitRecord& fit, const std::string& id);

/// The contrasts of a group's design, with how they were permuted.
Html contrasts_of_group(const GroupRecord& group, const std::string& id);

/// A path relative to a folder, for links: with '/' and as an address.
std::string link_to(const std::string& path, const std::string& folder);

/// Where the methods text is.
Glance cite_glance();

}  // namespace sociometer::jobs
