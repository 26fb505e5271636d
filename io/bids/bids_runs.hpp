#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_filters.hpp"
#include "io/bids/bids_index.hpp"

namespace sociometer {

/// Files of one run. Paths that are empty were not found.
struct RunFiles {
  std::string dataset;  ///< root of the derivatives that the image is in
  std::string bold;
  BidsName name;  ///< of `bold`
  std::string mask;
  std::string confounds;
  std::vector<std::string> sidecars;         ///< JSON of `bold`, most general first
  std::vector<std::string> raw_bold;         ///< raw images it was made from: one, or one per echo
  std::vector<std::string> raw_sidecars;     ///< JSON of the first of them, most general first
  std::string events;                        ///< may be shared by runs: it is inherited
  std::vector<std::string> events_sidecars;  ///< most general first
  /// Those of the above that are links to content that is not on this machine.
  std::vector<std::string> missing_content;

  const std::string& label(std::string_view key) const { return name.label(key); }
  /// "sub-01_ses-2_task-x_acq-a_run-1": the entities that tell runs apart, as in the image's name.
  std::string run_label() const;
};

/// Runs in the order of participant, session, task, then the other entities; labels in natural
/// order.
struct RunSelection {
  std::vector<RunFiles> runs;
  BidsFindings findings;
};

/// Chooses one image per run, and what belongs to it.
///
/// Images are looked for in the derivatives; in the raw dataset if there are none. Unless the
/// filter mentions them: desc is preproc, echo is absent, part is absent or mag, the extension is
/// .nii.gz or .nii. CIFTI and GIFTI files are not images.
///
/// - mask: `desc-brain_mask` with exactly the image's entities, space, res, cohort and den
/// included.
/// - confounds: `desc-confounds_timeseries.tsv` (`_regressors` up to fMRIPrep 20.1) with the
/// image's
///   entities other than space, cohort, res, den, desc, hemi, echo, part and recording.
/// - events: of the raw dataset, inherited; else of the derivatives.
///
/// A run is told from another by all entities but space, cohort, res, den, desc, echo, rec, part:
/// two images that differ in these only are the same scans twice.
/// @throws Error{bad_input} if no image is left, naming what there is instead; if a run has several
/// images, naming them and the option that chooses; if two events tables apply equally.
RunSelection find_runs(const BidsStudy& study, const BidsFilter& filter);

/// Checks that what a run needs is on this machine, including unlocked git-annex files, which hold
/// only the address of their content.
/// @throws Error{bad_input} with the `datalad get` that fetches it.
void require_content(const RunFiles& run);

}  // namespace sociometer
