#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sociometer {

/// What a file name of BIDS says: `sub-01_ses-2_task-social_run-1_bold.nii.gz`.
///
/// The one place that knows how such names are put together. Names that are not of that kind are no
/// error: they say nothing.
struct BidsName {
  std::vector<std::pair<std::string, std::string>> entities;  ///< key and label, as in the name
  std::string suffix;                                         ///< "bold", empty without one
  std::string extension;                                      ///< ".nii.gz", with its dot
  /// The label of an entity ("01" of sub-01), empty without it.
  std::string label(std::string_view key) const;
};

/// Takes a path apart. `sub` and `ses` that the file's own name lacks come from its folders, the
/// nearest first.
BidsName bids_name(const std::string& path);

/// "sub-01" of a path, empty without a participant.
std::string participant_in(const std::string& path);

/// An entity of which two names have different labels.
struct EntityConflict {
  std::string key, first, second;
};

/// The first of `keys` that both names have with different labels. Numbers of runs and echoes are
/// compared as numbers: run-1 is run-01.
std::optional<EntityConflict> conflicting_entity(const BidsName& first, const BidsName& second,
                                                 const std::vector<std::string>& keys);

/// Refuses files that belong together but whose names say otherwise.
/// @param keys  entities that must agree where both names have them.
/// @throws Error{bad_input} naming both files and labels.
void require_same_entities(const std::string& first, const std::string& second,
                           const std::vector<std::string>& keys);

/// Folders and first entities of files derived from these: those of sub, ses, task, acq, ce, rec,
/// dir, run, echo, part, hemi, space, cohort, res and den that all their names have in common, as
/// in "sub-01/ses-2/sub-01_ses-2_task-social_space-MNI". Empty when their names do not say whose
/// they are.
std::string derived_prefix(const std::vector<std::string>& paths);

/// Refuses files whose voxels lie in other places by their names: space (TemplateFlow's tpl is the
/// same), cohort, den and hemi.
/// @return a line to tell when both are versions of the MNI152 template; else empty.
/// @throws Error{bad_input} naming both files and labels.
std::string require_same_space(const std::string& first, const std::string& second);

/// The key of an entity that may be given by its long name: ses of session, acq of acquisition.
std::string entity_key(const std::string& name);

/// What statistic a map holds by its name, in small letters: the stat entity (BIDS), or what the
/// names of FSL, SPM and nilearn say (zstat1, sub-01_varcope1, spmT_0001, .._z_score). Empty: not
/// said.
std::string statistic_in(const std::string& path);

/// The same with what the image's header says (NiftiHeader::statistic) where the name leaves doubt:
/// a word like con or beta may be of a group or a tool.
std::string statistic_of(const std::string& path, const std::string& by_header);

/// "cope2" of sub-01_cope2.nii.gz, "con_0003" of con_0003.nii: the contrast by its number, as FSL
/// and SPM name maps; statistics and variances count as their cope. Empty: not said.
std::string numbered_contrast_in(const std::string& path);

/// Whether statistic_in is no effect: z, t, F, p, a variance, or made from those.
bool is_no_effect(const std::string& statistic);

/// Order of labels in which 2 comes before 10.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace sociometer
