#pragma once
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/roi/voxel_places.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer {

/// The voxelwise dissociation of two signals.
struct VoxelDissociationRecord {
  std::string x, y;       ///< the signals
  bool negative = false;  ///< effects below 0: the maps were turned over
  long min_participants = 2;
  std::string reference;  ///< mask of the reference region; empty without
  std::vector<std::string> participants;
  EvidenceRule rule;
  VoxelCorrection correction = VoxelCorrection::none;
  double threshold_p = 0;
  VoxelDissociation dissociation;
  VoxelPlaces places;
  std::optional<VoxelCrossovers> crossovers;  ///< with a reference
  std::vector<InputFile> inputs;              ///< maps, mask, reference
};

/// How many voxels pass, and the largest p among them (null: none passes).
struct PassingCount {
  long voxels = 0;
  double largest_p = 0;
  bool operator==(const PassingCount&) const = default;
};
SOCIOMETER_RECORD(PassingCount) {
  visit("Voxels", self.voxels);
  visit("LargestPThatPasses", self.largest_p);
}

struct VoxelThreshold {
  double p = 0;
  std::string correction;
  bool operator==(const VoxelThreshold&) const = default;
};
SOCIOMETER_RECORD(VoxelThreshold) {
  visit("p", self.p);
  visit("Correction", self.correction);
}

/// When a voxel counts as without an effect.
struct ZeroRule {
  double evidence = 0, cauchy_scale = 0;
  OrNull<double> equivalence_bound;  ///< none asked for
  double alpha = 0;
  bool operator==(const ZeroRule&) const = default;
};
SOCIOMETER_RECORD(ZeroRule) {
  visit("BayesFactorNeeded", self.evidence);
  visit("CauchyScale", self.cauchy_scale);
  visit("EquivalenceBound", self.equivalence_bound);
  visit("Alpha", self.alpha);
}

/// The sidecar of a map of `roi dissociate --maps`; labels have levels, threshold and counts.
struct DissociationMapRecord {
  static constexpr RecordKind kKind = RecordKind::dissociation_map;
  std::string description;
  std::optional<ByName<std::string>> levels;
  std::optional<VoxelThreshold> threshold;
  std::optional<ZeroRule> evidence_of_no_effect;
  std::optional<ByName<PassingCount>> counts;
  std::array<std::string, 2> signals;
  std::string direction;
  long min_participants = 0;
  std::optional<std::string> reference;  ///< mask of the region beside which voxels are judged
  std::vector<std::string> participants;
  std::vector<InputFile> inputs;
  bool operator==(const DissociationMapRecord&) const = default;
};
SOCIOMETER_RECORD(DissociationMapRecord) {
  visit("Description", self.description);
  visit("Levels", self.levels);
  visit("Threshold", self.threshold);
  visit("EvidenceOfNoEffect", self.evidence_of_no_effect);
  visit("Counts", self.counts);
  visit("Signals", self.signals);
  visit("Direction", self.direction);
  visit("MinimumParticipants", self.min_participants);
  visit("Reference", self.reference);
  visit("Participants", self.participants);
  visit("Inputs", self.inputs);
}

/// Queues the maps of effects, t, conjunction and places, and those beside a reference.
/// @param one_of_several  pairs of signals in the same folder, of the same people and voxels: what
/// is of a pair has both in its name, and maps of one signal are queued once.
/// @param queued  names of maps of single signals.
void add_voxel_dissociation(const VoxelDissociationRecord& record, bool one_of_several,
                            MapWriter& writer, std::set<std::string>& queued);

}  // namespace sociometer
