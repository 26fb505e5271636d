#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_participants.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// From what the design of a group is made.
struct GroupDesignArguments {
  std::string design;
  ParticipantArguments participants;
  bool add_intercept = false, no_intercept = false;
  std::string within, difference;
};
void add_group_design_options(CLI::App& command, GroupDesignArguments& arguments);

/// @throws Error{usage} for options that contradict each other.
void check_group_design_options(const GroupDesignArguments& arguments);

/// The rows of the model and its design.
struct GroupRows {
  std::vector<Observation> observations;
  GroupDesign design;
  std::vector<int> blocks;  ///< a number per participant where they have several rows, else empty
  Json json;                ///< how the design was made, for the sidecars
};

/// Makes rows and design from the maps.
/// @param blocks_given  participants with several maps are allowed without person effects, for
///                      permutations.
/// @throws Error naming files and participants.
GroupRows group_rows(const GroupDesignArguments& arguments, const std::vector<EffectMap>& maps,
                     bool blocks_given);

}  // namespace sociometer::cli
