#include "cli/jobs/group/group_naming.hpp"

#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {

std::string GroupNaming::contrast(const std::string& of_group) const {
  return first_level.empty() ? entities + "contrast-" + of_group : model() + "desc-" + of_group;
}

std::string GroupNaming::model() const {
  return first_level.empty() || in_prefix ? entities : entities + "contrast-" + first_level + "_";
}

GroupNaming naming_of(const GroupEffects& effects) {
  GroupNaming out;
  if (!effects.task.empty()) out.entities += "task-" + effects.task + "_";
  if (!effects.space.empty()) out.entities += "space-" + effects.space + "_";
  out.first_level = effects.contrast;
  return out;
}

GroupNaming naming_after(GroupNaming naming, const std::string& prefix) {
  const BidsName given = bids_name(prefix);
  std::string left;
  for (const auto& [key, label] : bids_name(naming.entities).entities)
    if (given.label(key).empty()) left += key + "-" + label + "_";
  naming.entities = left;
  naming.in_prefix = !naming.first_level.empty() && given.label("contrast") == naming.first_level;
  return naming;
}

}  // namespace sociometer::jobs
