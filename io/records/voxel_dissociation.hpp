#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/voxel_places.hpp"
#include "io/records/map_writer.hpp"

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
};

/// Queues the maps of effects, t, conjunction and places, and those beside a reference.
void add_voxel_dissociation(const VoxelDissociationRecord& record, const Provenance& provenance,
                            MapWriter& writer);

}  // namespace sociometer
