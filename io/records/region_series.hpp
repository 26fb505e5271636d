#pragma once
#include <string>
#include <vector>

#include "engine/roi/region_series.hpp"
#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"

namespace sociometer {

/// Writes NAME_timeseries.tsv, a column per region and a row per scan, and its sidecar.
/// @param statistic  what stands for a region in a scan.
/// @param source     the series.
void write_region_series(const RegionSeries& series, const std::vector<std::string>& regions,
                         const std::string& statistic, const InputFile& source,
                         const Provenance& provenance, const std::string& name, OutputSet& outputs);

}  // namespace sociometer
