#pragma once
#include <string>
#include <vector>

#include "engine/roi/region_series.hpp"
#include "io/bytes/json.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/provenance.hpp"
#include "io/records/region_records.hpp"

namespace sociometer {

/// Writes NAME_timeseries.tsv, a column per region and a row per scan, and its sidecar.
/// @param statistic  what stands for a region in a scan.
/// @param source     the series.
/// @param times      of its scans.
void write_region_series(const RegionSeries& series, const std::vector<std::string>& regions,
                         RegionStatistic statistic, const InputFile& source,
                         const Provenance& provenance, const std::string& name, OutputSet& outputs,
                         const ScanTimes& times = {});

/// What was written: NaN where a scan has no value.
struct StoredSeries {
  RegionSeriesRecord record;
  std::vector<std::string> regions;  ///< in the order of the columns
  Eigen::MatrixXd values;            ///< (n_scans, n_regions)
};
/// Reads NAME_timeseries.json and the table beside it. @throws Error{bad_input}
StoredSeries read_stored_series(const std::string& record_path);

}  // namespace sociometer
