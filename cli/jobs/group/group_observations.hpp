#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_effects.hpp"
#include "engine/core/journal.hpp"
#include "engine/group/group_data.hpp"

namespace sociometer::jobs {

/// A row of the group's design: one map, or the difference of two maps of one participant.
struct Observation {
  std::string participant;  ///< "sub-01", empty when unknown
  std::string level;        ///< of the within-participant factor, empty without one
  std::string name;         ///< for messages
  std::string path;         ///< of the (first) map
  size_t map = 0;           ///< index among the maps that are read
  std::optional<size_t> minus;
};

/// The parts of `--within NAME[:REFERENCE]`.
struct WithinFactor {
  std::string name, key, reference;  ///< as given; of the entity in names
};
WithinFactor parse_within(const std::string& text);

std::vector<Observation> observations_of(const std::vector<EffectMap>& maps);

/// Sets the levels of a within-participant factor from the maps' names.
/// @return false when no map name has the entity.
/// @throws Error{bad_input} when only some have it, or a map has no participant.
bool set_levels(const WithinFactor& within, std::vector<Observation>& observations);

/// Drops participants with a single map, with a warning; refuses two maps of one level.
std::vector<Observation> repeated_measures(const WithinFactor& within,
                                           std::vector<Observation> observations, Journal& journal);

/// One difference per participant, for "post-pre". Participants with a missing level are dropped,
/// with a warning.
/// @param within  determined from the labels when its name is empty.
std::vector<Observation> difference_rows(const std::string& difference, WithinFactor& within,
                                         std::vector<Observation> observations, Journal& journal);

/// Drops the maps that no row uses, and renumbers the others.
std::vector<EffectMap> maps_in_use(const std::vector<EffectMap>& maps,
                                   std::vector<Observation>& observations);

/// The maps of the rows, for paired_values.
std::vector<MapPair> pairs_of(const std::vector<Observation>& observations);

}  // namespace sociometer::jobs
