#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/roi/value_table.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/region_files.hpp"
#include "io/records/provenance.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

/// Finds sub-, ses- and contrast- in a file's name, else in its folders.
Unit unit_of_path(const std::string& path);

/// Writes PREFIXroi_values.tsv, .json (a dictionary of columns with `facts` added) and .h5.
/// @param prefix  as name_prefix makes it.
void write_region_values(const std::vector<RegionValue>& values,
                         const std::vector<KnownRegion>& regions, const Json& facts,
                         const Provenance& provenance, const std::string& prefix,
                         OutputSet& outputs);

/// What the dictionary beside a table says of a region.
struct RegionFacts {
  std::string role, note;
};

/// A table of region values, and what the dictionary beside it says.
struct StoredRegionValues {
  InputFile file;
  std::vector<RegionValue> values;
  std::string map_statistic;  ///< what the maps held that the values are of; empty: not said
  std::map<std::string, RegionFacts> regions;
};

/// Reads such a table back; only participant_id (or participant), roi, contrast, statistic and
/// value are needed.
/// @throws Error{bad_input} for a missing column or a participant, ROI and contrast that occur
/// twice.
StoredRegionValues read_region_values(const std::string& path);

/// Refuses values of maps of z, t, p ..: units of regressors mean nothing to them.
/// @throws Error{bad_input}
void require_effects(const StoredRegionValues& values);

}  // namespace sociometer
