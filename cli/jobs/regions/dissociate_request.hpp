#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/regions/value_fields.hpp"
#include "engine/roi/signal_units.hpp"
#include "engine/roi/voxel_places.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

/// The voxelwise dissociation, from effect maps instead of a table.
struct VoxelwiseRequest {
  std::vector<std::string> maps;  ///< named sub-LABEL_.._contrast-LABEL_..
  std::string mask;               ///< voxels to analyse; empty: those that are finite and not zero
  std::string reference;          ///< mask of a region, for double dissociations with it
  VoxelCorrection correction = VoxelCorrection::none;
  double threshold_p = 0.001;  ///< of the map of places
  long min_participants = 2;   ///< voxels with fewer are left out
  bool negative = false;       ///< test for effects below 0
  MapType map_type = MapType::float32;
};
SOCIOMETER_FIELDS(VoxelwiseRequest) {
  visit("maps", self.maps);
  visit("mask", self.mask);
  visit("reference", self.reference);
  visit("correction", self.correction);
  visit("threshold_p", self.threshold_p);
  visit("min_participants", self.min_participants);
  visit("negative", self.negative);
  visit("map_type", self.map_type);
}

/// Determines which region follows which signal.
struct DissociateRequest {
  std::string table;  ///< region values; empty: voxelwise
  ValueChoice choice;
  std::vector<std::string> regions;
  std::vector<std::vector<std::string>> signal_sets;  ///< each set is an analysis of its contrasts
  std::optional<SignalUnits> units;                   ///< none: depends on the table
  DissociationOptions options;
  VoxelwiseRequest voxelwise;
  std::string output, prefix;
};
SOCIOMETER_FIELDS(DissociateRequest) {
  visit("table", self.table);
  visit("choice", self.choice);
  visit("regions", self.regions);
  visit("signal_sets", self.signal_sets);
  visit("units", self.units);
  visit("options", self.options);
  visit("voxelwise", self.voxelwise);
  visit("output", self.output);
  visit("prefix", self.prefix);
}

/// @throws Error{usage}
void check(const DissociateRequest& request);

}  // namespace sociometer::jobs
