#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/regions/extract_request.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/missing.hpp"
#include "engine/design/contrast.hpp"
#include "engine/roi/collinearity.hpp"
#include "io/records/region_values.hpp"

namespace sociometer::jobs {

/// Where values are extracted, and what from: the same for all participants.
struct Extraction {
  const ExtractRequest& request;
  GridRule rule;
  std::vector<KnownRegion> regions;
  std::vector<std::string> lost;  ///< labels without a voxel on the grid
  RegionGather gather;
  std::vector<ContrastSpec> contrasts;  ///< with estimates
  /// Inputs that the summaries need for the requested statistics.
  SummaryParts parts() const {
    return {request.wants(RegionStatistic::median), request.wants(RegionStatistic::sd)};
  }
};

/// One participant's map of one contrast, reduced to numbers.
struct Extracted {
  Unit unit;
  std::string source;  ///< file, for messages
  std::vector<RegionSummary> summaries;
  std::vector<double> psc;     ///< one per region, if requested
  std::vector<double> values;  ///< of the regions' voxels; stored for the eigenvariate only
  double vif = kNaN, efficiency = kNaN, correlation = kNaN, regressor_sd = kNaN;
  double height = kNaN;  ///< of the event, for psc
  std::string correlated_with;
};

/// The outcome of one input: its contrasts, or the reason why it has none.
struct Outcome {
  std::vector<Extracted> extracted;
  std::string failure;
  std::vector<InputFile> inputs;
  std::string warning;  ///< empty: none
};

/// The participant and session of a file.
/// @throws Error{bad_input} when its name does not contain them.
Unit identified(const std::string& path, bool needs_contrast);

/// The statistic in maps that go into one table; empty where neither names nor headers say.
/// @throws Error{bad_input} for maps of different statistics, spaces, or tasks of one contrast, and
/// for masks in another space.
/// @param grid  gets that of the first map, unless its header cannot be read.
std::string common_statistic(const std::vector<std::string>& maps,
                             const std::vector<std::string>& masks, std::optional<Grid>& grid,
                             Journal& journal);

/// Adds VIF, efficiency and the strongest correlation to each contrast of a participant.
void add_collinearity(std::vector<Extracted>& extracted, const std::vector<RunColumns>& runs);

/// The event's height, for percent signal change: given, or derived from its duration.
/// @param tr_s  0 when the input does not give it.
double height_for(const ExtractRequest& request, double tr_s);

/// The contrasts of one participant from estimates.h5.
Outcome from_estimates(const Extraction& extraction, const std::vector<std::string>& paths,
                       const Unit& unit);

/// The contrasts of one participant from maps.
Outcome from_maps(const Extraction& extraction, const std::vector<std::string>& paths);

}  // namespace sociometer::jobs
