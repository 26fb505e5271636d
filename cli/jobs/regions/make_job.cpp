#include "cli/jobs/regions/make_job.hpp"

#include <fmt/format.h>

#include "cli/jobs/regions/made_regions.hpp"
#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/jobs/summary.hpp"

namespace sociometer::jobs {

JobSummary make_rois(const MakeRequest& request, const Session& session) {
  check(request);
  const GridRule rule = grid_rule(request);
  std::vector<std::string> lost;
  std::vector<MadeRegion> made = make_regions(request, rule, lost, session.journal);
  keep_within(request, rule, made);
  std::vector<KnownRegion> known;
  for (const auto& m : made) known.push_back(m.known);
  check_regions(known, rule.name);
  check_file_names(made);
  warn_of_orientation(rule.grid, session.journal);
  if (!request.sets.empty() && rule.grid.space_code == 1)
    session.journal.warn(
        fmt::format("{} says that its world is that of the scanner; the built-in coordinates are "
                    "MNI's",
                    rule.name));
  OutputSet outputs(request.output, session.policy("roi-make", ""));
  write_region_masks(made, rule, lost, session.provenance, outputs, session.threads);
  session.provenance.write_configuration(outputs);
  outputs.commit();
  report_written(session.journal, request.output, "");
  for (const auto& m : made)
    if (m.share_in_grid < 1)
      session.journal.warn(fmt::format("region {}: only {:.0f} % of it lies in {}",
                                       m.known.region.name, 100 * m.share_in_grid,
                                       request.within.empty() ? rule.name : request.within));
  for (const auto& note : region_notes(known)) session.journal.info("note on " + note);
  return {};
}

}  // namespace sociometer::jobs
