#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_index.hpp"

namespace sociometer {

/// Whether two names have the same entities with the same labels, apart from those ignored.
bool same_entities(const BidsName& a, const BidsName& b, const std::vector<std::string>& ignored);

/// The brain mask of a preprocessed image: desc-brain (label-brain in early drafts of BIDS
/// Derivatives) with all of the image's entities, space, res, cohort and den included, other than
/// desc, echo and part.
/// @return nullptr if there is none.
const BidsFile* brain_mask_of(const BidsPerson& person, const BidsName& image);

/// The confounds table of a preprocessed image: with all of its entities other than those of space,
/// desc, hemi, echo, part and recording, which confounds never have. By name, best first:
/// desc-confounds_timeseries, desc-confounds_regressors (fMRIPrep up to 20.1), _timeseries
/// (early drafts), _bold_confounds (fMRIPrep before 1.2).
/// @return nullptr if there is none.
const BidsFile* confounds_of(const BidsPerson& person, const BidsName& image);

/// Whether the name is one of the last two.
bool has_old_confounds_name(const BidsName& confounds);

/// Raw images from which an image was made, ordered by echo: one per echo, or one of them for an
/// image of a single echo.
std::vector<const BidsFile*> raw_images_of(const BidsPerson& person, const BidsName& image);

/// A name without entities that only derivatives have.
BidsName raw_name(const BidsName& image);

/// Whether a file is a NIfTI image of a time series; not CIFTI or GIFTI.
bool is_functional_image(const BidsFile& file);

}  // namespace sociometer
