#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/regions/roi_inputs.hpp"
#include "cli/jobs/regions/roi_table.hpp"
#include "engine/design/contrast.hpp"
#include "engine/roi/collinearity.hpp"
#include "engine/roi/region_values.hpp"

namespace sociometer::cli {

/// Options of `roi extract`.
struct ExtractArguments {
  RegionArguments regions;
  std::vector<std::string> maps, estimates, contrasts, series, statistics{"mean"}, masks, mean_maps;
  std::string output, prefix, fixed_effects = "precision", hrf = "spm";
  std::optional<double> event_height, event_duration_s, tr_s;
  double min_coverage = 0.8;
  bool include_zeros = false;
};

/// What the statistics asked for need beside the summaries.
struct Wanted {
  std::vector<std::string> statistics;
  bool eigenvariate = false, psc = false;
  SummaryParts parts;  ///< of the summaries
};

/// One participant's map of one contrast, made into numbers.
struct Extracted {
  Unit unit;
  std::string source;  ///< file, for messages
  std::vector<RegionSummary> summaries;
  std::vector<double> psc;     ///< one per region, when asked for
  std::vector<double> values;  ///< of the regions' voxels; kept for the eigenvariate only
  double vif = kUnknown, efficiency = kUnknown, correlation = kUnknown, regressor_sd = kUnknown;
  double height = kUnknown;  ///< of the event, for psc

  std::string correlated_with;

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// What one input became: its contrasts, or why it has none.
struct Outcome {
  std::vector<Extracted> extracted;
  std::string failure;
  Json input;
};

/// Whose numbers a file holds.
/// @throws Error{bad_input} when its name does not tell.
Unit identified(const std::string& path, bool needs_contrast);

/// What statistic maps that go into one table hold; empty where neither names nor headers say.
/// @throws Error{bad_input} for maps of different statistics, spaces, or tasks of one contrast, and
/// for masks that belong to another space.
std::string common_statistic(const std::vector<std::string>& maps,
                             const std::vector<std::string>& masks);

/// Mean of the signal over the voxels of each region where the effects are there.
std::vector<double> baselines(const RegionGather& gather, const std::vector<double>& effects,
                              std::vector<double> means);

/// Puts VIF, efficiency and the strongest correlation beside each contrast of a participant.
void add_collinearity(std::vector<Extracted>& extracted, const std::vector<RunColumns>& runs);

/// The event's height, for percent signal change: given, or from its duration.
/// @param tr_s  0 when the input does not tell.
double height_for(const ExtractArguments& arguments, double tr_s);

/// The contrasts of one participant from estimates.h5.
Outcome from_estimates(const ExtractArguments& arguments, const std::vector<std::string>& paths,
                       const Unit& unit, const std::vector<ContrastSpec>& specs,
                       const RegionGather& gather, const GridRule& rule, const Wanted& wanted);

/// The contrasts of one participant from maps.
Outcome from_maps(const ExtractArguments& arguments, const std::vector<std::string>& paths,
                  const RegionGather& gather, const GridRule& rule, const Wanted& wanted);

}  // namespace sociometer::cli
