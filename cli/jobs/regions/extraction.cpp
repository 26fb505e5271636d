#include "cli/jobs/regions/extraction.hpp"

#include <cmath>
#include <map>

#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/percent_signal.hpp"
#include "io/bids/bids_name.hpp"
#include "io/images/nifti.hpp"

namespace sociometer::jobs {

Unit identified(const std::string& path, bool needs_contrast) {
  const Unit unit = unit_of_path(path);
  if (unit.participant.empty())
    fail(ErrorCode::bad_input,
         "{} does not say whose it is: name it, or a folder above it, sub-LABEL", path);
  if (needs_contrast && unit.contrast.empty())
    fail(ErrorCode::bad_input,
         "{} does not say which contrast it holds: name it .._contrast-LABEL_..", path);
  return unit;
}

std::string common_statistic(const std::vector<std::string>& maps,
                             const std::vector<std::string>& masks, std::optional<Grid>& grid,
                             Journal& journal) {
  std::map<std::string, std::string> first_of;
  std::string statistic, said_by;
  for (const auto& path : maps) {
    require_same_entities(maps[0], path, {"space", "cohort", "den", "hemi"});
    const std::string& same = first_of.emplace(unit_of_path(path).contrast, path).first->second;
    require_same_entities(same, path, {"task", "acq", "dir", "rec", "echo"});
    std::string own;
    try {
      const NiftiHeader header = read_nifti_header(path);
      if (&path == &maps[0]) grid = header.grid;
      own = statistic_of(path, header.statistic);
    } catch (const Error&) {
      continue;  // a damaged map is its participant's failure, reported later
    }
    if (own.empty()) continue;
    if (said_by.empty()) {
      statistic = own;
      said_by = path;
    }
    if (own != statistic)
      fail(
          ErrorCode::bad_input,
          "{} holds {}, {} {}: values of one table must be of one kind; give maps of one statistic",
          said_by, statistic, path, own);
  }
  for (const auto& mask : masks) report_space(maps[0], mask, journal);
  return statistic;
}

void add_collinearity(std::vector<Extracted>& extracted, const std::vector<RunColumns>& runs) {
  if (runs.empty()) return;
  const Collinearity c = collinearity(runs);
  for (size_t i = 0; i < extracted.size(); ++i) {
    extracted[i].vif = c.contrasts[i].vif;
    extracted[i].efficiency = c.contrasts[i].efficiency;
    extracted[i].regressor_sd = c.contrasts[i].regressor_sd;
    if (const auto strongest = strongest_correlation(c, i)) {
      extracted[i].correlation = strongest->r;
      extracted[i].correlated_with = extracted[strongest->other].unit.contrast;
    }
  }
}

double height_for(const ExtractRequest& a, double tr_s) {
  if (a.event_height) return *a.event_height;
  if (!(tr_s > 0))
    fail(ErrorCode::usage,
         "--event-duration needs the TR, and the estimates have no scan times: "
         "give --tr");
  return event_height(a.hrf, *a.event_duration_s, tr_s);
}

}  // namespace sociometer::jobs
