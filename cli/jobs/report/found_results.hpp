#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/records/cluster_table_record.hpp"
#include "io/records/design_records.hpp"
#include "io/records/first_level_records.hpp"
#include "io/records/group_record.hpp"
#include "io/records/record_reader.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// The maps and tables of one contrast.
struct FoundContrast {
  std::string name;                         ///< for readers: "outcome", "outcome: age"
  std::string key;                          ///< of file names: "contrast-outcome_desc-intercept"
  std::optional<ContrastRecord> contrast;   ///< as a map's record has it
  std::map<std::string, std::string> maps;  ///< path of the image by statistic
  std::map<std::string, FoundRecord> sidecars;  ///< of these maps
  std::map<std::string, std::string> sided;     ///< of maps of p, as their records have it
  std::string cluster_image;                    ///< numbers of the clusters; empty without
  std::string table;                            ///< _clusters.tsv; empty without
  std::optional<ClusterTableRecord> clusters;
};

/// A design and its table.
struct FoundDesign {
  std::string path;  ///< of design.json
  std::string run;   ///< "run-1"; empty if there is one design
  DesignRecord record;
};

/// What one call of `fit` or `contrast` left of a participant.
struct FoundFirstLevel {
  std::string stem;              ///< what all paths begin with
  std::string participant;       ///< "sub-01"; empty if no file name contains it
  std::string title;             ///< of several of a participant: "node-subject, task-social"
  std::optional<FitRecord> fit;  ///< of estimates.json
  /// Without it what the first map of a contrast says: its fit, or what `contrast` combined.
  std::optional<FitRecord> fit_of_map;
  std::optional<CombinedFits> combined;
  std::vector<FoundDesign> designs;
  std::vector<FoundContrast> contrasts;
  std::map<std::string, std::string> maps;  ///< not of a contrast: "mask", "run-1_stat-tsnr"
};

/// What one call of `group` or `merge` left.
struct FoundGroup {
  std::string stem, path;  ///< path of group.json
  std::string title;       ///< "outcome", the first-level contrast where all maps are of one
  GroupRecord record;
  std::vector<FoundContrast> contrasts;
  std::map<std::string, std::string> maps;
};

/// Results below a folder, ordered by participant and path.
struct FoundResults {
  std::vector<FoundRecord> records;  ///< all of them
  std::vector<FoundFirstLevel> first_levels;
  std::vector<FoundGroup> groups;
  std::vector<std::pair<std::string, ClusterTableRecord>> other_clusters;  ///< of `clusters`
  Warnings faults;  ///< records that could not be read, and why
  /// What failed in the last call of `run`, as "job: reason", by participant ("" for the group's
  /// jobs). Results of earlier calls may be there all the same.
  std::map<std::string, std::vector<std::string>> failures;
  /// "sub-01", .., each once, in natural order.
  std::vector<std::string> participants() const;
};

/// @throws Error{bad_input} if there is no such folder.
FoundResults find_results(const std::string& folder);

}  // namespace sociometer::jobs
