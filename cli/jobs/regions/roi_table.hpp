#pragma once
#include "cli/jobs/bridge.hpp"
#include "io/records/region_values.hpp"

/// For `roi fit`, until it is a job: the same without a session.
namespace sociometer::cli {

inline void write_region_values(const std::vector<RegionValue>& values,
                                const std::vector<KnownRegion>& regions, const Json& facts,
                                const std::string& prefix, OutputSet& outputs) {
  sociometer::write_region_values(values, regions, facts, process_session().provenance, prefix,
                                  outputs);
}

}  // namespace sociometer::cli
