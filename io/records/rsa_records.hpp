#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/map_ending.hpp"
#include "io/records/record_of.hpp"

/// Records of `rsa`: what its tables and maps say of themselves.
namespace sociometer {

/// To whom or what the p of a column generalises, by column.
struct GeneralisationRecord {
  std::string p;
  std::optional<std::string> p_conditions, p_both;
  bool operator==(const GeneralisationRecord&) const = default;
};
SOCIOMETER_RECORD(GeneralisationRecord) {
  visit("p", self.p);
  visit("p_conditions", self.p_conditions);
  visit("p_both", self.p_both);
}

struct PatternRegionRecord {
  std::string kind, source;
  std::optional<std::string> inferred;  ///< what the source does not say
  bool operator==(const PatternRegionRecord&) const = default;
};
SOCIOMETER_RECORD(PatternRegionRecord) {
  visit("Kind", self.kind);
  visit("Source", self.source);
  visit("Inferred", self.inferred);
}

/// What all tables of patterns in regions say.
struct RsaRecord {
  std::string patterns;                   ///< trial, condition or condition-run
  std::optional<std::string> conditions;  ///< column
  std::optional<std::vector<std::string>> trial_types;
  std::string dissimilarity, normalisation;
  std::optional<std::string> noise_from;
  std::string comparison, pairs;
  GeneralisationRecord generalises_to;
  ByName<std::string> models;  ///< how their RDMs were made
  std::optional<ByName<std::string>> nuisance;
  std::optional<uint64_t> permutations, bootstraps;
  std::optional<uint64_t> seed;  ///< of both
  std::vector<std::string> participants;
  std::vector<InputFile> inputs;
  std::optional<std::vector<std::string>> left_out;  ///< participants, with the reason
  ByName<PatternRegionRecord> regions;
  bool operator==(const RsaRecord&) const = default;
};
SOCIOMETER_RECORD(RsaRecord) {
  visit("Patterns", self.patterns);
  visit("Conditions", self.conditions);
  visit("TrialTypes", self.trial_types);
  visit("Dissimilarity", self.dissimilarity);
  visit("NoiseNormalisation", self.normalisation);
  visit("NoiseFrom", self.noise_from);
  visit("Comparison", self.comparison);
  visit("Pairs", self.pairs);
  visit("GeneralisesTo", self.generalises_to);
  visit("Models", self.models);
  visit("Nuisance", self.nuisance);
  visit("PatternPermutations", self.permutations);
  if (self.permutations) visit("Seed", self.seed);
  visit("Bootstraps", self.bootstraps);
  if (self.bootstraps) visit("Seed", self.seed);
  visit("Participants", self.participants);
  visit("Inputs", self.inputs);
  visit("LeftOut", self.left_out);
  visit("Regions", self.regions);
}
using RsaRdmsRecord = RecordOf<RecordKind::rsa_rdms, RsaRecord>;
using RsaValuesRecord = RecordOf<RecordKind::rsa_values, RsaRecord>;
using RsaGroupRecord = RecordOf<RecordKind::rsa_group, RsaRecord>;

/// What the importance of a voxel is.
struct ImportanceRecord {
  std::string method, meaning, inferred;
  std::optional<double> top;             ///< share of voxels that Dice's coefficient is of
  std::optional<uint64_t> permutations;  ///< of both models, for the overlap expected
  std::optional<std::string> expected;   ///< what that is
  std::optional<uint64_t> seed;
  std::optional<std::string> score;  ///< column that the overlap is related to
  bool operator==(const ImportanceRecord&) const = default;
};
SOCIOMETER_RECORD(ImportanceRecord) {
  visit("Importance", self.method);
  visit("ImportanceOf", self.meaning);
  visit("ImportanceInferred", self.inferred);
  visit("ImportanceTop", self.top);
  visit("OverlapPermutations", self.permutations);
  visit("OverlapExpected", self.expected);
  if (self.permutations) visit("Seed", self.seed);
  visit("OverlapWith", self.score);
}

/// Overlaps of participants; those over participants say who is not in the relation to the score.
struct ImportanceOverlapRecord {
  RsaRecord rsa;
  ImportanceRecord importance;
  std::optional<std::vector<std::string>> left_out_of_relation;
  bool operator==(const ImportanceOverlapRecord&) const = default;
};
SOCIOMETER_RECORD(ImportanceOverlapRecord) {
  visit_record(self.rsa, visit);
  visit_record(self.importance, visit);
  visit("LeftOutOfRelation", self.left_out_of_relation);
}
using RsaOverlapRecord = RecordOf<RecordKind::rsa_overlap, ImportanceOverlapRecord>;
using RsaOverlapGroupRecord = RecordOf<RecordKind::rsa_overlap_group, ImportanceOverlapRecord>;

/// The sidecar of a map of a searchlight: of a model, or of the sizes of spheres.
struct RsaMapRecord {
  static constexpr RecordKind kKind = RecordKind::rsa_map;
  std::string description;
  std::optional<std::string> model, model_rdm;  ///< the model, and how its RDM was made
  double radius_mm = 0;
  std::string patterns, dissimilarity, normalisation, comparison, pairs;
  std::optional<std::string> conditions;
  std::optional<ByName<std::string>> nuisance;
  std::optional<std::string> noise_from;
  std::string participant;
  std::vector<InputFile> inputs;
  long full_sphere = 0, least_sphere = 0;  ///< voxels
  long spheres_below_least = 0;
  std::optional<long> voxels_without_value;  ///< of the model
  MapEnding ending;
  bool operator==(const RsaMapRecord&) const = default;
};
SOCIOMETER_RECORD(RsaMapRecord) {
  visit("Description", self.description);
  visit("Model", self.model);
  visit("ModelRdm", self.model_rdm);
  visit("SearchlightRadius", self.radius_mm);
  visit("Patterns", self.patterns);
  visit("Dissimilarity", self.dissimilarity);
  visit("NoiseNormalisation", self.normalisation);
  visit("Comparison", self.comparison);
  visit("Pairs", self.pairs);
  visit("Conditions", self.conditions);
  visit("Nuisance", self.nuisance);
  visit("NoiseFrom", self.noise_from);
  visit("Participant", self.participant);
  visit("Inputs", self.inputs);
  visit("FullSphereVoxels", self.full_sphere);
  visit("LeastSphereVoxels", self.least_sphere);
  visit("SpheresBelowLeast", self.spheres_below_least);
  visit("VoxelsWithoutValue", self.voxels_without_value);
  visit_record(self.ending, visit);
}

/// The sidecar of a map of importances in a region.
struct ImportanceMapRecord {
  static constexpr RecordKind kKind = RecordKind::rsa_importance;
  std::string description, model, model_rdm, region, participant;
  ImportanceRecord importance;
  std::string dissimilarity, normalisation, comparison;
  std::vector<InputFile> inputs;
  MapEnding ending;
  bool operator==(const ImportanceMapRecord&) const = default;
};
SOCIOMETER_RECORD(ImportanceMapRecord) {
  visit("Description", self.description);
  visit("Model", self.model);
  visit("ModelRdm", self.model_rdm);
  visit("Region", self.region);
  visit("Participant", self.participant);
  visit_record(self.importance, visit);
  visit("Dissimilarity", self.dissimilarity);
  visit("NoiseNormalisation", self.normalisation);
  visit("Comparison", self.comparison);
  visit("Inputs", self.inputs);
  visit_record(self.ending, visit);
}

/// The record of a preset's tests beside the figures of the paper.
struct RsaReportedRecord {
  static constexpr RecordKind kKind = RecordKind::rsa_reported;
  std::string preset, reported_by;
  std::vector<std::string> stated, inferred;  ///< what the paper says, and what it does not
  ByName<Json> requests;                      ///< of the parts, as their job takes them
  ByName<RsaRecord> facts;                    ///< of the parts
  bool operator==(const RsaReportedRecord&) const = default;
};
SOCIOMETER_RECORD(RsaReportedRecord) {
  visit("Preset", self.preset);
  visit("ReportedBy", self.reported_by);
  visit("Stated", self.stated);
  visit("Inferred", self.inferred);
  visit("Requests", self.requests);
  visit("Facts", self.facts);
}

}  // namespace sociometer
