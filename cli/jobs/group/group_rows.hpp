#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_participants.hpp"

namespace sociometer::jobs {

/// The rows of the model and its design.
struct GroupRows {
  std::vector<Observation> observations;
  GroupDesign design;
  std::vector<int> blocks;  ///< a number per participant where they have several rows, else empty
  GroupDesignRecord record;
  std::vector<InputFile> inputs;  ///< the tables that were read
};

/// Builds rows and design from the maps.
/// @param blocks_given  allows several maps per participant without participant effects, for
///                      permutations.
/// @throws Error naming files and participants.
GroupRows group_rows(const GroupDesignRequest& request, const std::vector<EffectMap>& maps,
                     bool blocks_given, Journal& journal);

}  // namespace sociometer::jobs
