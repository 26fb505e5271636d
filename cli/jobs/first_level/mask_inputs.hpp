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
  bool found = false;              ///< nobody named them: they lie beside the images
};

/// The mask that fMRIPrep writes beside an image: its name with desc-brain_mask for the last part.
std::string brain_mask_beside(const std::string& bold);

/// @param asked  files; or "auto": those beside the images; or "computed". Nothing: those beside
///               the images when every image has one, else computed.
/// @throws Error{usage} when words and files are mixed, Error{bad_input} when "auto" finds none or
/// a mask is of another participant or space than the images.
MaskChoice choose_masks(const std::vector<std::string>& asked, const std::vector<std::string>& bold,
                        Journal& journal);

/// The voxels that all masks have.
/// @throws Error{bad_input} when there is none, Error{shape_mismatch} for different grids.
Mask read_masks(const std::vector<std::string>& files);

/// Source, checksum and voxels of a mask that was read, for sidecars.
Json mask_files_json(const MaskChoice& choice, const Mask& mask);

}  // namespace sociometer::jobs
