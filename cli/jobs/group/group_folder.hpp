#pragma once
#include <string>
#include <vector>

#include "engine/core/journal.hpp"

namespace sociometer::jobs {

/// Any within-participant entity: the levels of a difference determine which.
inline constexpr const char* kAnyEntity = "*";

/// One condition of --filter: an entity, and the labels of which it must have one.
struct LabelFilter {
  std::string key;
  std::vector<std::string> labels;
};

/// @param texts  each KEY=LABEL, or several separated by commas; labels may be alternatives, A|B.
/// @throws Error{usage} for one that is not KEY=LABEL.
std::vector<LabelFilter> parse_filters(const std::vector<std::string>& texts);

/// The effect maps of a first-level contrast, one per participant, below folders: files
/// `sub-.._contrast-<name>_stat-effect_statmap.nii[.gz]`, in the order of the participants.
/// @param contrast  empty: the only one present.
/// @param filters   KEY=LABEL of entities.
/// @param within    entity in which a participant may have several maps, or kAnyEntity; may be
/// empty.
/// A folder that adds none is reported.
/// @throws Error{bad_input}: no such map, listing the contrasts found; two maps of one
/// participant; a folder with the name of an image.
std::vector<std::string> maps_in_folders(const std::vector<std::string>& paths,
                                         const std::string& contrast,
                                         const std::vector<std::string>& filters,
                                         const std::string& within, Journal& journal);

/// The paths whose names match the filters.
/// @throws Error{usage} for a filter that is not KEY=LABEL, Error{bad_input} when nothing matches.
std::vector<std::string> matching_maps(const std::vector<std::string>& paths,
                                       const std::vector<std::string>& filters, Journal& journal);

/// The map of the variance of an effect: the same name with stat-variance.
/// @throws Error{bad_input} when there is none.
std::string variance_beside(const std::string& effect);

}  // namespace sociometer::jobs
