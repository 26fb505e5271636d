#pragma once
#include <string>

#include "cli/jobs/group/group_effects.hpp"

namespace sociometer::jobs {

/// How the files of a group's results are called.
///
/// `[task-<t>_][space-<s>_]contrast-<first level>_desc-<contrast of the group>` where the names of
/// all effect maps agree on the contrast of the first level; `contrast-<contrast of the group>`
/// where they do not say it.
struct GroupNaming {
  std::string entities;     ///< "task-social_space-MNI_", from the maps' names
  std::string first_level;  ///< contrast of the first level, may be empty
  /// Without "_stat-..".
  std::string contrast(const std::string& of_group) const;
  /// Of maps that are of no contrast of the group.
  std::string model() const;
};

GroupNaming naming_of(const GroupEffects& effects);

/// Leaves out the entities that a prefix has already.
GroupNaming naming_after(GroupNaming naming, const std::string& prefix);

}  // namespace sociometer::jobs
