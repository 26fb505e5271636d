#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/group/group_effects.hpp"
#include "engine/core/journal.hpp"
#include "engine/group/group_data.hpp"

namespace sociometer::jobs {

/// A row of the group's design: a map, or the difference of two maps of one participant.
struct Observation {
  std::string participant;  ///< "sub-01", empty when unknown
  std::string level;        ///< of the within-participant factor, empty without one
  std::string name;         ///< for messages
  std::string path;         ///< of the (first) map
  size_t map = 0;           ///< place among the maps that are read
  std::optional<size_t> minus;
};

/// What `--within NAME[:REFERENCE]` says.
struct WithinFactor {
  std::string name, key, reference;  ///< as given; of the entity in names
};
WithinFactor parse_within(const std::string& text);

std::vector<Observation> observations_of(const std::vector<EffectMap>& maps);

/// Sets the levels of a within-participant factor from the maps' names.
/// @return false when no map's name has the entity.
/// @throws Error{bad_input} when some have it, or a map has no participant.
bool set_levels(const WithinFactor& within, std::vector<Observation>& observations);

/// Participants with a single map are left out, with a warning; two maps of one level are refused.
std::vector<Observation> repeated_measures(const WithinFactor& within,
                                           std::vector<Observation> observations, Journal& journal);

/// One difference per participant, for "post-pre". Participants who lack a level are left out, with
/// a warning.
/// @param within  is found from the labels when its name is empty.
std::vector<Observation> difference_rows(const std::string& difference, WithinFactor& within,
                                         std::vector<Observation> observations, Journal& journal);

/// Leaves out the maps that no row needs, and numbers the others anew.
std::vector<EffectMap> maps_in_use(const std::vector<EffectMap>& maps,
                                   std::vector<Observation>& observations);

/// The maps of the rows, for paired_values.
std::vector<MapPair> pairs_of(const std::vector<Observation>& observations);

}  // namespace sociometer::jobs
