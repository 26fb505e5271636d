#pragma once
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "io/bytes/output_set.hpp"
#include "io/images/region_files.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// The entities of a BIDS file name that say whose numbers a file holds.
struct Unit {
  std::string participant, session;  ///< with sub- and ses-; the session may be empty
  std::string contrast;              ///< may be empty
};

/// Finds sub-, ses- and contrast- in a file's name, else in its folders.
Unit unit_of_path(const std::string& path);

/// One row of the tidy table of region values.
struct RegionValue {
  Unit unit;
  std::string roi, statistic;
  double value = std::numeric_limits<double>::quiet_NaN();
  Eigen::Index n_voxels = 0;
  double coverage = 0;
  double vif = std::numeric_limits<double>::quiet_NaN();
  double efficiency = std::numeric_limits<double>::quiet_NaN();
  double regressor_sd = std::numeric_limits<double>::quiet_NaN();  ///< over trials
  double correlation = std::numeric_limits<double>::quiet_NaN();
  std::string correlated_with;  ///< the contrast of the same participant with the largest |r|
};

/// Writes PREFIXroi_values.tsv, .json (a dictionary of columns with `facts` added) and .h5.
void write_region_values(const std::vector<RegionValue>& values,
                         const std::vector<KnownRegion>& regions, const Json& facts,
                         const std::string& prefix, OutputSet& outputs);

/// Reads such a table back; only participant_id (or participant), roi, contrast, statistic and
/// value are needed.
/// @throws Error{bad_input} for a missing column or a participant, ROI and contrast that occur
/// twice.
std::vector<RegionValue> read_region_values(const std::string& path);

/// What the maps of a table held, by the dictionary beside it (MapStatistic); empty where it does
/// not say.
std::string map_statistic_of(const std::string& table_path);

/// What the dictionary beside a table says of a region.
struct RegionFacts {
  std::string role, note;
};
std::map<std::string, RegionFacts> region_facts_of(const std::string& table_path);

}  // namespace sociometer::cli
