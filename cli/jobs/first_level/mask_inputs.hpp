#pragma once
#include <string>
#include <vector>

#include "engine/core/journal.hpp"
#include "engine/core/mask.hpp"
#include "engine/glm/mask_source.hpp"
#include "io/records/mask_record.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {

/// Where the voxels of an analysis come from.
struct MaskChoice {
  std::vector<std::string> files;  ///< their intersection; empty: computed from the data
  bool found = false;              ///< not named by the user: found beside the images
};

/// The mask that fMRIPrep writes beside an image: same name, ending in desc-brain_mask.
std::string brain_mask_beside(const std::string& bold);

/// The files that a mask source means for these images.
/// @throws Error{bad_input} when masks beside the images are asked for and there are none, or a
/// mask is of another participant or space than the images.
MaskChoice choose_masks(const MaskSource& asked, const std::vector<std::string>& bold,
                        Journal& journal);

/// The intersection of masks, and the files that held them.
struct ReadMasks {
  Mask mask;
  std::vector<InputFile> files;
};

/// @throws Error{bad_input} when the intersection is empty, Error{shape_mismatch} for different
/// grids.
ReadMasks read_masks(const std::vector<std::string>& files);

/// Source, checksum and voxel count of a mask, for records.
/// @param files  of the choice, as read.
MaskRecord mask_record(const MaskChoice& choice, const std::vector<InputFile>& files,
                       const Mask& mask);

}  // namespace sociometer::jobs
