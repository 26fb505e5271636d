#pragma once
#include <string>
#include <vector>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/options/region_options.hpp"

/// For `roi fit`, until it is a job: the same without a session.
namespace sociometer::cli {

using RegionArguments = RegionRequest;

inline std::vector<KnownRegion> load_regions(const RegionRequest& request, const GridRule& rule,
                                             std::vector<std::string>& lost) {
  return jobs::load_regions(request, rule, lost, process_session().journal);
}

}  // namespace sociometer::cli
