#include "cli/jobs/regions/individual_picture.hpp"

#include <fmt/format.h>

#include "io/report/scatter_picture.hpp"

namespace sociometer::jobs {
namespace {

ScatterPanel panel_of(const IndividualRecord& record, const ScoreSlope& s) {
  const IndividualData& data = record.data;
  const SlopeScatter scatter = scatter_of(data, record.options, s);
  ScatterPanel panel;
  panel.title = data.brain.signals[s.signal] + " in " + data.brain.regions[s.region];
  panel.caption = fmt::format("r = {:.2f} [{:.2f}, {:.2f}], n = {}", s.pearson.r, s.pearson.lower,
                              s.pearson.upper, s.slope.n);
  panel.x_name = data.scores[s.score];
  const bool adjusted =
      !data.covariates.empty() || (record.options.together && data.scores.size() > 1);
  panel.y_name = data.brain.signals[s.signal] + (adjusted ? ", adjusted" : "");
  panel.x = scatter.score, panel.y = scatter.value;
  panel.at = scatter.at, panel.line = scatter.line;
  panel.lower = scatter.lower, panel.upper = scatter.upper;
  return panel;
}

}  // namespace

void draw_individual(const IndividualRecord& record, const std::string& path) {
  const IndividualData& data = record.data;
  std::vector<ScatterPanel> panels;
  for (size_t signal = 0; signal < data.brain.signals.size(); ++signal)
    for (const auto& slope : record.result.slopes)
      if (slope.signal == signal) panels.push_back(panel_of(record, slope));
  draw_scatters(fmt::format("Individual differences, {} participants; lines with {:g} % bands",
                            data.brain.participants.size(), 100 * record.options.tests.level),
                panels, data.brain.regions.size() * data.scores.size(), path);
}

}  // namespace sociometer::jobs
