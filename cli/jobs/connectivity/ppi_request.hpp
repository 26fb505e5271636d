#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "engine/connectivity/ppi.hpp"

namespace sociometer::jobs {

/// Designs with a seed and its interactions, one per run.
struct PpiRequest {
  DesignRequest design;             ///< events, confounds, response; without contrasts
  std::vector<std::string> series;  ///< tables with a column of the seed, one per run
  std::string seed;                 ///< that column
  bool deconvolve = PpiOptions{}.deconvolve;
  int bins = PpiOptions{}.bins;  ///< of a scan, for deconvolution
  std::string output, prefix;
};
SOCIOMETER_FIELDS(PpiRequest) {
  visit("design", self.design);
  visit("series", self.series);
  visit("seed", self.seed);
  visit("deconvolve", self.deconvolve);
  visit("bins", self.bins);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const PpiRequest& request);

}  // namespace sociometer::jobs
