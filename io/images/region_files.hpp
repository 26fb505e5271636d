#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/region.hpp"
#include "io/bytes/json.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/label_table.hpp"

namespace sociometer {

/// A region and its provenance.
struct KnownRegion {
  Region region;
  std::string kind;                   ///< sphere, box, label, threshold, weights, mask, union, ..
  std::string role;                   ///< reward, rejection, control, or empty
  std::string source;                 ///< where the region comes from
  std::string note;                   ///< caveats and assumptions
  std::vector<InputFile> files = {};  ///< that it was read from: image, table, labels
  std::string doubt = {};             ///< what a table says of it and its image does not; or empty
};

/// The files that regions were read from, each once.
std::vector<InputFile> files_of(const std::vector<KnownRegion>& regions);

/// The grid that regions must have.
struct GridRule {
  Grid grid;
  std::string name;       ///< of the image with that grid, for messages
  bool resample = false;  ///< whether an image on another grid may be resampled
};

/// The values of a 3D image on the required grid.
/// @param interpolation  used if the image is on another grid and may be resampled.
/// @throws Error{bad_input} for an image with several volumes; Error{shape_mismatch} naming both
/// grids if they differ and resampling was not requested.
std::vector<double> read_values_on(const std::string& path, const GridRule& rule,
                                   Interpolation interpolation);

/// The same of an image that was read before.
std::vector<double> values_on(const Image& image, const GridRule& rule,
                              Interpolation interpolation);

/// A mask image: a binary mask if all its nonzero values are equal, else weights.
/// @param known_weights  treat the values as weights in any case.
/// @throws Error{bad_input} if it is empty, or contains several whole numbers as an atlas does.
KnownRegion read_mask_region(const std::string& name, const std::string& path, const GridRule& rule,
                             bool known_weights = false);

/// Whether a path is that of a table of regions, rather than an image.
bool is_region_table(const std::string& path);
/// The images that a table of regions names, as read_region_table looks for them.
/// @throws Error{bad_input}
std::vector<std::string> files_in_region_table(const std::string& path);

/// Reads the table written by `roi make`: columns name and file, optionally role, source and note.
/// @throws Error{bad_input} for a duplicate name.
std::vector<KnownRegion> read_region_table(const std::string& path, const GridRule& rule);

/// Labels of an atlas as regions.
/// @param wanted  each "5", a name, a glob, or NAME=a+b to combine several; empty: every label.
/// @param lost  receives the names of labels without a voxel on the required grid; they are omitted
///              when all labels are taken.
/// @throws Error{bad_input} for an unknown label, for a requested label without a voxel on the
/// grid, and if the label table has more entries than the atlas has labels.
std::vector<KnownRegion> read_atlas_regions(const std::string& path,
                                            const std::optional<LabelTable>& table,
                                            const std::vector<std::string>& wanted,
                                            const GridRule& rule, std::vector<std::string>& lost);

/// Rejects names that are duplicate or unusable in a table, and regions without voxels.
void check_regions(const std::vector<KnownRegion>& regions, const std::string& grid_name);

/// A region's name as part of a file name: ASCII characters other than letters, digits and _-+
/// are removed and the next letter is capitalised ("Frontal Pole, left" becomes FrontalPoleLeft).
std::string file_label(const std::string& name);

/// Splits a list of names at `separator` where names may contain it themselves ("Cingulate Gyrus,
/// anterior division"): the longest known names are taken; words that belong to
/// none are returned unchanged.
std::vector<std::string> split_names(const std::string& text, char separator,
                                     const std::vector<std::string>& known);

}  // namespace sociometer
