#pragma once
#include <string>

#include "cli/jobs/group/group_effects.hpp"

namespace sociometer::jobs {

/// Names of the files of a group's results.
///
/// `[task-<t>_][space-<s>_]contrast-<first level>_desc-<contrast of the group>` where the names of
/// all effect maps agree on the first-level contrast; otherwise `contrast-<contrast of the
/// group>`.
struct GroupNaming {
  std::string entities;     ///< "task-social_space-MNI_", from the maps' names
  std::string first_level;  ///< contrast of the first level, may be empty
  bool in_prefix = false;   ///< the files' prefix names that contrast already
  /// Without "_stat-..".
  std::string contrast(const std::string& of_group) const;
  /// For maps that do not belong to a contrast of the group.
  std::string model() const;
};

GroupNaming naming_of(const GroupEffects& effects);

/// Drops what a prefix already names: entities, the contrast of the first level.
GroupNaming naming_after(GroupNaming naming, const std::string& prefix);

}  // namespace sociometer::jobs
