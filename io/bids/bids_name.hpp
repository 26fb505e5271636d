#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sociometer {

/// A parsed BIDS file name: `sub-01_ses-2_task-social_run-1_bold.nii.gz`.
///
/// The only place that knows how such names are composed. Other names are not an
/// error: they just have no entities.
struct BidsName {
  std::vector<std::pair<std::string, std::string>> entities;  ///< key and label, as in the name
  std::string suffix;                                         ///< "bold"; empty if there is none
  std::string extension;                                      ///< ".nii.gz", with its dot
  /// The label of an entity ("01" of sub-01); empty if it is absent.
  const std::string& label(std::string_view key) const&;
  std::string label(std::string_view key) && { return std::as_const(*this).label(key); }
  /// Replaces the label of an entity, or adds it.
  void set(const std::string& key, const std::string& label);
};

/// Keys of entities in the order in which names have them.
const std::vector<std::string>& entity_order();

/// Whether two labels of an entity are the same: those of run and echo are numbers (run-1 is
/// run-01), all others text.
bool same_label(std::string_view key, const std::string& a, const std::string& b);

/// Parses a path. `sub` and `ses` missing from the file name are taken from its folders, innermost
/// first.
BidsName bids_name(const std::string& path);

/// "sub-01" from a path; empty without a participant.
std::string participant_in(const std::string& path);

/// An entity for which two names have different labels.
struct EntityConflict {
  std::string key, first, second;
};

/// The first of `keys` for which both names have a label and these differ. Run and echo labels are
/// compared as numbers: run-1 equals run-01.
std::optional<EntityConflict> conflicting_entity(const BidsName& first, const BidsName& second,
                                                 const std::vector<std::string>& keys);

/// Checks that files used together agree in their names.
/// @param keys  entities that must agree where both names have them.
/// @throws Error{bad_input} naming both files and labels.
void require_same_entities(const std::string& first, const std::string& second,
                           const std::vector<std::string>& keys);

/// Folders and leading entities for files derived from these: those of sub, ses, task, acq, ce,
/// rec, dir, run, echo, part, hemi, space, cohort, res and den that all names share, as in
/// "sub-01/ses-2/sub-01_ses-2_task-social_space-MNI". Empty if names
/// do not identify a participant.
std::string derived_prefix(const std::vector<std::string>& paths);

/// Checks that two files' names do not place their voxels in different spaces: space (equivalent to
/// TemplateFlow's tpl), cohort, den and hemi.
/// @return a message to report if both are versions of the MNI152 template; else empty.
/// @throws Error{bad_input} naming both files and labels.
std::string require_same_space(const std::string& first, const std::string& second);

/// The key of an entity, which may be given by its long name: ses for session, acq for acquisition.
std::string entity_key(const std::string& name);

/// A participant's label without "sub-": "01" of "sub-01" and of "01".
std::string bare_participant(const std::string& label);

/// The statistic a map contains according to its name, in lower case: the stat entity (BIDS), or
/// the conventions of FSL, SPM and nilearn (zstat1, sub-01_varcope1, spmT_0001,
/// .._z_score). Empty if unknown.
std::string statistic_in(const std::string& path);

/// The same, using the image header (NiftiHeader::statistic) where the name is ambiguous: a word
/// such as con or beta may denote a group or a tool.
std::string statistic_of(const std::string& path, const std::string& by_header);

/// "cope2" from sub-01_cope2.nii.gz, "con_0003" from con_0003.nii: the contrast number as in FSL's
/// and SPM's file names; statistics and variances map to their cope. Empty if there is none.
std::string numbered_contrast_in(const std::string& path);

/// Whether statistic_in is not an effect: z, t, F, p, a variance, or derived from those.
bool is_no_effect(const std::string& statistic);

/// Ordering of labels in which 2 comes before 10, and a2 before a10; labels that are numbers come
/// first.
bool natural_less(const std::string& a, const std::string& b);
/// The same, with 01 before 1 rather than equal to it.
bool label_less(const std::string& a, const std::string& b);

}  // namespace sociometer
