#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/contrast_record.hpp"
#include "io/records/map_ending.hpp"

namespace sociometer {

/// How clusters are formed and judged.
struct ClusterRule {
  double forming_p = 0;
  int connectivity = 0;
  long min_size = 0;
  double peak_distance_mm = 0, alpha = 0;
  bool operator==(const ClusterRule&) const = default;
};
SOCIOMETER_RECORD(ClusterRule) {
  visit("ClusterFormingP", self.forming_p);
  visit("Connectivity", self.connectivity);
  visit("MinClusterSize", self.min_size);
  visit("PeakDistanceMm", self.peak_distance_mm);
  visit("Alpha", self.alpha);
}

/// Threshold-free cluster enhancement.
struct TfceRecord {
  double e = 0, h = 0;
  int connectivity = 0;
  std::string integral;
  bool operator==(const TfceRecord&) const = default;
};
SOCIOMETER_RECORD(TfceRecord) {
  visit("E", self.e);
  visit("H", self.h);
  visit("Connectivity", self.connectivity);
  visit("Integral", self.integral);
}

/// A generalized Pareto distribution fitted to the largest values.
struct ParetoTailRecord {
  double threshold = 0, scale = 0, shape = 0;
  long shuffles_above = 0;
  bool operator==(const ParetoTailRecord&) const = default;
};
SOCIOMETER_RECORD(ParetoTailRecord) {
  visit("Threshold", self.threshold);
  visit("Scale", self.scale);
  visit("Shape", self.shape);
  visit("ShufflesAbove", self.shuffles_above);
}

/// A Pearson type III distribution fitted to all values.
struct PearsonTailRecord {
  double mean = 0, sd = 0, skewness = 0;
  bool operator==(const PearsonTailRecord&) const = default;
};
SOCIOMETER_RECORD(PearsonTailRecord) {
  visit("Mean", self.mean);
  visit("StandardDeviation", self.sd);
  visit("Skewness", self.skewness);
}

/// One of the two, or a text where neither could be fitted: p-values are those of the shuffles.
struct FittedTailRecord {
  std::optional<ParetoTailRecord> pareto = {};
  std::optional<PearsonTailRecord> pearson = {};
  static Json to_json(const FittedTailRecord& tail);
  static FittedTailRecord from_json(const Json& json, const RecordPlace& place);
  bool operator==(const FittedTailRecord&) const = default;
};

/// Tails fitted to each voxel's own values.
struct VoxelTailsRecord {
  size_t voxels = 0, without_fit = 0;
  bool operator==(const VoxelTailsRecord&) const = default;
};
SOCIOMETER_RECORD(VoxelTailsRecord) {
  visit("Voxels", self.voxels);
  visit("VoxelsWithoutFit", self.without_fit);
}

/// Distributions fitted to the tails of null distributions.
struct TailRecord {
  std::string method;
  std::optional<double> replaced_below;  ///< p-values of the shuffles
  std::string voxel_statistic_as;
  ByName<FittedTailRecord> family_wise;  ///< by statistic
  std::optional<VoxelTailsRecord> uncorrected;
  bool operator==(const TailRecord&) const = default;
};
SOCIOMETER_RECORD(TailRecord) {
  visit("Method", self.method);
  visit("ReplacedBelow", self.replaced_below);
  visit("VoxelStatisticAs", self.voxel_statistic_as);
  visit("FamilyWise", self.family_wise);
  visit("Uncorrected", self.uncorrected);
}

/// What sidecars of maps by permutation say in addition.
struct ShuffledMapsRecord {
  std::string p;  ///< how it is counted
  std::optional<int> cluster_connectivity;
  std::optional<std::string> mass;
  std::optional<TfceRecord> tfce;
  std::optional<TailRecord> tail;
  bool operator==(const ShuffledMapsRecord&) const = default;
};
SOCIOMETER_RECORD(ShuffledMapsRecord) {
  visit("P", self.p);
  visit("ClusterConnectivity", self.cluster_connectivity);
  visit("Mass", self.mass);
  visit("TFCE", self.tfce);
  visit("Tail", self.tail);
}

/// How a contrast was permuted.
struct PermutationRecord {
  std::string scheme, nuisance, blocks;
  uint64_t shuffles = 0;
  bool exhaustive = false;
  double log_of_all = 0;         ///< log of the number of all shuffles
  std::optional<uint64_t> seed;  ///< of those that are drawn
  std::string arithmetic, sided, compared;
  std::optional<double> cluster_threshold;  ///< of the statistic, where clusters are permuted
  std::optional<ShuffledMapsRecord> maps;   ///< in the sidecars of these
  bool operator==(const PermutationRecord&) const = default;
};
SOCIOMETER_RECORD(PermutationRecord) {
  visit("Scheme", self.scheme);
  visit("Nuisance", self.nuisance);
  visit("Blocks", self.blocks);
  visit("Shuffles", self.shuffles);
  visit("Exhaustive", self.exhaustive);
  visit("LogOfAllShuffles", self.log_of_all);
  visit("Seed", self.seed);
  visit("Arithmetic", self.arithmetic);
  visit("Sided", self.sided);
  visit("Compared", self.compared);
  visit("ClusterFormingThreshold", self.cluster_threshold);
  visit_part(self.maps, visit);
}

struct GroupContrastRecord {
  ContrastRecord contrast;
  std::optional<PermutationRecord> permutation;
  bool operator==(const GroupContrastRecord&) const = default;
};
SOCIOMETER_RECORD(GroupContrastRecord) {
  visit_record(self.contrast, visit);
  visit("Permutation", self.permutation);
}

/// The model of a group analysis, as all its records state it.
struct GroupModelRecord {
  std::string method;
  long participants = 0;
  std::optional<long> maps;  ///< if participants have several
  std::vector<std::string> design_columns;
  long min_participants = 0;  ///< of a voxel
  bool operator==(const GroupModelRecord&) const = default;
};
SOCIOMETER_RECORD(GroupModelRecord) {
  visit("Method", self.method);
  visit("Participants", self.participants);
  visit("Maps", self.maps);
  visit("DesignColumns", self.design_columns);
  visit("MinParticipants", self.min_participants);
}

/// What a method of group analysis adds to the records.
struct GroupMethodRecord {
  std::optional<std::string> variance_groups;        ///< ols
  std::optional<double> huber_k;                     ///< robust
  std::optional<std::string> scale;                  ///< robust
  std::optional<std::string> first_level_variances;  ///< fixed and mixed
  std::optional<std::string> dof;                    ///< fixed
  std::optional<std::string> between_variance;       ///< mixed
  std::optional<bool> knapp_hartung;                 ///< mixed
  bool operator==(const GroupMethodRecord&) const = default;
};
SOCIOMETER_RECORD(GroupMethodRecord) {
  visit("VarianceGroups", self.variance_groups);
  visit("HuberK", self.huber_k);
  visit("Scale", self.scale);
  visit("FirstLevelVariances", self.first_level_variances);
  visit("DegreesOfFreedom", self.dof);
  visit("BetweenVariance", self.between_variance);
  visit("KnappHartung", self.knapp_hartung);
}

/// What is known of the maps that went in.
struct GroupEffectsRecord {
  std::optional<std::vector<std::string>> statistics;  ///< that were taken for effects
  std::optional<std::string> first_level_contrast;     ///< the same of all maps
  std::optional<std::vector<std::string>> filters;
  bool operator==(const GroupEffectsRecord&) const = default;
};
SOCIOMETER_RECORD(GroupEffectsRecord) {
  visit("StatisticsTakenForEffects", self.statistics);
  visit("FirstLevelContrast", self.first_level_contrast);
  visit("Filter", self.filters);
}

struct GroupFactorRecord {
  std::string name;
  std::vector<std::string> levels;
  std::string reference, coding;
  bool operator==(const GroupFactorRecord&) const = default;
};
SOCIOMETER_RECORD(GroupFactorRecord) {
  visit("Name", self.name);
  visit("Levels", self.levels);
  visit("Reference", self.reference);
  visit("Coding", self.coding);
}

struct GroupCovariateRecord {
  std::string name;
  double mean = 0;
  bool centered = false;
  std::optional<long> missing_set_to_mean;  ///< participants
  bool operator==(const GroupCovariateRecord&) const = default;
};
SOCIOMETER_RECORD(GroupCovariateRecord) {
  visit("Name", self.name);
  visit("Mean", self.mean);
  visit("Centered", self.centered);
  visit("MissingSetToMean", self.missing_set_to_mean);
}

/// The field Design: how the columns were made; absent if there is nothing to say.
struct GroupDesignRecord {
  std::optional<std::string> within;      ///< entity that distinguishes a participant's maps
  std::optional<std::string> difference;  ///< of two levels of it
  std::optional<std::string> participants_table;
  std::optional<size_t> rows_without_maps;
  std::optional<std::vector<std::string>> left_out;  ///< for missing values
  std::optional<std::vector<GroupFactorRecord>> factors;
  std::optional<std::vector<GroupCovariateRecord>> covariates;
  std::optional<std::vector<std::string>> interactions;
  std::optional<std::string> intercept;  ///< added or none, where the table has no constant
  std::optional<size_t> person_effects;  ///< number of columns
  bool operator==(const GroupDesignRecord&) const = default;
  /// Whether the first factor is that of the maps of one participant.
  bool repeats() const { return within && !difference; }
};
SOCIOMETER_RECORD(GroupDesignRecord) {
  visit("Within", self.within);
  visit("Difference", self.difference);
  visit("ParticipantsTable", self.participants_table);
  visit("RowsWithoutMaps", self.rows_without_maps);
  visit("LeftOutForMissingValues", self.left_out);
  if (self.repeats()) visit("Factors", self.factors);  // in the order of the columns
  visit("Covariates", self.covariates);
  if (!self.repeats()) visit("Factors", self.factors);
  visit("Interactions", self.interactions);
  visit("Intercept", self.intercept);
  visit("PersonEffects", self.person_effects);
}

/// What all records of a group analysis say beside its model.
struct GroupDetails {
  GroupMethodRecord method;
  GroupEffectsRecord effects;
  std::optional<GroupDesignRecord> design;
  std::string zeros;
  std::vector<InputFile> inputs;
  bool operator==(const GroupDetails&) const = default;
};
SOCIOMETER_RECORD(GroupDetails) {
  visit_record(self.method, visit);
  visit_record(self.effects, visit);
  visit("Design", self.design);
  visit("Zeros", self.zeros);
  visit("Inputs", self.inputs);
}

struct GroupFacts {
  GroupModelRecord model;
  GroupDetails details;
  bool operator==(const GroupFacts&) const = default;
};
SOCIOMETER_RECORD(GroupFacts) {
  visit_record(self.model, visit);
  visit_record(self.details, visit);
}

/// How the clusters of a tested map were formed.
struct GroupSearch {
  std::string tested_statistic, sided;
  ClusterRule rule;
  OrNull<double> threshold;  ///< in units of the statistic; null: nothing passes
  bool operator==(const GroupSearch&) const = default;
};
SOCIOMETER_RECORD(GroupSearch) {
  visit("TestedStatistic", self.tested_statistic);
  visit("Sided", self.sided);
  visit_record(self.rule, visit);
  visit("ClusterFormingThreshold", self.threshold);
}

/// The prior of a Bayes factor.
struct BayesPrior {
  double cauchy_scale = 0;
  std::string of;
  bool operator==(const BayesPrior&) const = default;
};
SOCIOMETER_RECORD(BayesPrior) {
  visit("CauchyScale", self.cauchy_scale);
  visit("Of", self.of);
}

/// The sidecar of a map of `group` or `merge`; maps of several contrasts have none.
struct GroupMapRecord {
  static constexpr RecordKind kKind = RecordKind::group_map;
  std::string description;
  std::optional<ContrastRecord> contrast = {};
  std::optional<GroupSearch> search = {};  ///< of clusters
  std::optional<std::string> sided = {};   ///< of p-values without clusters
  std::optional<PermutationRecord> permutation = {};
  std::optional<BayesPrior> prior = {};       ///< of Bayes factors
  std::optional<double> interval_level = {};  ///< of effect sizes
  GroupFacts facts = {};
  MapEnding ending = {};
  bool operator==(const GroupMapRecord&) const = default;
  /// A map of the analysis.
  static GroupMapRecord of(const std::string& description, const GroupFacts& facts) {
    GroupMapRecord record{description};
    record.facts = facts;
    return record;
  }
  /// A map of a contrast.
  static GroupMapRecord of(const std::string& description, const ContrastRecord& contrast,
                           const GroupFacts& facts) {
    GroupMapRecord record = of(description, facts);
    record.contrast = contrast;
    return record;
  }
};
SOCIOMETER_RECORD(GroupMapRecord) {
  visit("Description", self.description);
  visit("Contrast", self.contrast);
  visit_part({"TestedStatistic", "ClusterFormingP", "ClusterFormingThreshold"}, self.search, visit);
  if (!self.search) visit("Sided", self.sided);
  visit("Permutation", self.permutation);
  visit("Prior", self.prior);
  visit("IntervalLevel", self.interval_level);
  visit_record(self.facts, visit);
  visit_record(self.ending, visit);
}

/// group.json: a group analysis.
struct GroupRecord {
  static constexpr RecordKind kKind = RecordKind::group;
  GroupModelRecord model;
  std::vector<GroupContrastRecord> contrasts;
  ClusterRule clusters;
  GroupDetails details = {};
  bool operator==(const GroupRecord&) const = default;
};
SOCIOMETER_RECORD(GroupRecord) {
  visit_record(self.model, visit);
  visit("Contrasts", self.contrasts);
  visit("Clusters", self.clusters);
  visit_record(self.details, visit);
}

}  // namespace sociometer
