#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/region.hpp"
#include "io/label_table.hpp"
#include "io/nifti.hpp"
#include "io/sidecar.hpp"

namespace sociometer {

/// A region with what a reader should know of it.
struct KnownRegion {
  Region region;
  std::string kind;    ///< sphere, box, label, threshold, weights, mask, union, ..
  std::string role;    ///< reward, rejection, control, or empty
  std::string source;  ///< where it comes from
  std::string note;    ///< what speaks against it, or is only presumed
};

/// The grid that regions must be on.
struct GridRule {
  Grid grid;
  std::string name;       ///< of the image that has it, for messages
  bool resample = false;  ///< whether an image on another grid may be resampled onto it
};

/// The values of a 3D image on the wanted grid.
/// @param interpolation  used when the image is on another grid and may be resampled.
/// @throws Error{bad_input} for an image with several volumes; Error{shape_mismatch} naming both
/// grids when they differ and resampling was not asked for.
std::vector<double> read_values_on(const std::string& path, const GridRule& rule,
                                   Interpolation interpolation);

/// A mask image: a plain mask when its nonzero values are all the same, else weights.
/// @param known_weights  its values are weights, whatever they look like.
/// @throws Error{bad_input} when it is empty, or holds several whole numbers as an atlas does.
KnownRegion read_mask_region(const std::string& name, const std::string& path, const GridRule& rule,
                             bool known_weights = false);

/// The table that `roi make` writes: columns name and file, beside it role, source and note.
/// @throws Error{bad_input} for a name that occurs twice.
std::vector<KnownRegion> read_region_table(const std::string& path, const GridRule& rule);

/// Labels of an atlas as regions.
/// @param wanted  each "5", a name, a glob, or NAME=a+b to join several; none: every label.
/// @throws Error{bad_input} for a label that is not there.
std::vector<KnownRegion> read_atlas_regions(const std::string& path,
                                            const std::optional<LabelTable>& table,
                                            const std::vector<std::string>& wanted,
                                            const GridRule& rule);

/// Refuses names that occur twice or cannot be part of a file name, and regions without voxels.
void check_regions(const std::vector<KnownRegion>& regions, const std::string& grid_name);

}  // namespace sociometer
