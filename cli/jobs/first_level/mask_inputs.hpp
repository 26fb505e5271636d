#pragma once
#include <string>
#include <vector>

#include "engine/core/journal.hpp"
#include "engine/core/mask.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::jobs {

/// Where the voxels of an analysis come from.
struct MaskChoice {
  std::vector<std::string> files;  ///< their intersection; empty: computed from the data
  bool found = false;              ///< not named by the user: found beside the images
};

/// The mask that fMRIPrep writes beside an image: same name, ending in desc-brain_mask.
std::string brain_mask_beside(const std::string& bold);

/// @param asked  files; "auto": those beside the images; "computed"; or empty: those beside
///               the images when every image has one, else computed.
/// @throws Error{usage} when words and files are mixed, Error{bad_input} when "auto" finds none or
/// a mask is of another participant or space than the images.
MaskChoice choose_masks(const std::vector<std::string>& asked, const std::vector<std::string>& bold,
                        Journal& journal);

/// The intersection of all masks.
/// @throws Error{bad_input} when it is empty, Error{shape_mismatch} for different grids.
Mask read_masks(const std::vector<std::string>& files);

/// Source, checksum and voxel count of a mask, for sidecars.
Json mask_files_json(const MaskChoice& choice, const Mask& mask);

}  // namespace sociometer::jobs
