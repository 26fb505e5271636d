#pragma once
#include <string>
#include <vector>

#include "cli/jobs/group/group_request.hpp"
#include "engine/core/grid.hpp"
#include "engine/core/journal.hpp"
#include "io/images/nifti.hpp"
#include "io/records/group_record.hpp"

namespace sociometer::jobs {

/// The effect files of a group, and what their names have in common.
struct GroupEffects {
  std::vector<std::string> paths;
  std::vector<NiftiHeader> headers;    ///< of the paths
  std::vector<std::string> variances;  ///< beside them, in the same order; only for folders
  std::string contrast, task, space;   ///< labels shared by all names; empty otherwise
  GroupEffectsRecord record;
};

/// Whether the variances come with the effects: one of `effects` is a folder.
bool has_folder(const std::vector<std::string>& effects);

/// Expands globs, finds the maps of a contrast below folders, and compares the names' entities.
/// @param within     entity that distinguishes the maps of one participant; may be empty.
/// @param variances  whether the variance maps in folders are needed too.
/// @throws Error{bad_input} naming the files: no map of the contrast, statistics instead of
/// effects, mixed contrasts, tasks or spaces, two maps of one participant.
GroupEffects find_group_effects(const EffectMapsRequest& request, const std::string& within,
                                bool variances, Journal& journal);

/// One map: a 3D file, or one volume of a 4D file.
struct EffectMap {
  std::string path;
  Eigen::Index volume = 0;
  std::string name;         ///< for messages
  std::string participant;  ///< "sub-01", empty where the path does not say
};

/// The maps in the files; checks grids and numbers of volumes.
/// @param grid  out: the common grid.
std::vector<EffectMap> list_effect_maps(const GroupEffects& effects, Grid& grid, Journal& journal);

/// Variance maps pair with effect maps by position; their names must not contradict that.
void check_variance_pairs(const std::vector<std::string>& effects,
                          const std::vector<std::string>& variances, bool allow_statistics);

/// Throws for two maps of one participant, naming the entity in which they differ.
[[noreturn]] void fail_for_two_maps(const std::string& participant, const std::string& first,
                                    const std::string& second);

}  // namespace sociometer::jobs
