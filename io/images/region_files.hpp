#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/region.hpp"
#include "io/bytes/json.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/label_table.hpp"

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
/// @param lost  gets the names of labels that no voxel of the wanted grid has; they are left out
///              when all labels are taken.
/// @throws Error{bad_input} for a label that is not there, or wanted and beyond the grid, and for a
/// list of names that is longer than the atlas has labels.
std::vector<KnownRegion> read_atlas_regions(const std::string& path,
                                            const std::optional<LabelTable>& table,
                                            const std::vector<std::string>& wanted,
                                            const GridRule& rule, std::vector<std::string>& lost);

/// Refuses names that occur twice or cannot stand in a table, and regions without voxels.
void check_regions(const std::vector<KnownRegion>& regions, const std::string& grid_name);

/// A region's name as part of a file name: what file names and BIDS do not have is left out, and
/// the next letter is large ("Frontal Pole, left" is FrontalPoleLeft).
std::string file_label(const std::string& name);

/// Splits a list of names at `separator`, where names may hold it themselves ("Cingulate Gyrus,
/// anterior division"): the longest known names are taken; words that are part of none stay as they
/// are.
std::vector<std::string> split_names(const std::string& text, char separator,
                                     const std::vector<std::string>& known);

}  // namespace sociometer
