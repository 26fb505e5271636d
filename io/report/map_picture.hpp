#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "io/report/glass_brain.hpp"
#include "io/report/html.hpp"
#include "io/report/raster.hpp"

namespace sociometer {

/// What maps are drawn on.
struct Anatomy {
  Mask mask;  ///< of the analysis: its outline, the box that is shown, what slices spread over
  std::optional<GridValues> background;  ///< mean image or template, on any grid; none: outline
  std::string background_name;           ///< "mean image of 24 participants"; may be empty
  /// Made once for several maps by share_glass(); else each makes its own.
  std::shared_ptr<const GlassBrain> glass = {};
};

/// Makes the glass brain that maps of the default size on this anatomy share.
void share_glass(Anatomy& anatomy);

/// The values that a test asks about.
enum class TestedSign { positive, negative, both };

/// Whether the p-values behind a threshold are corrected for the number of voxels.
enum class Correction { none_stated, uncorrected, corrected };

/// A statistical map with the threshold of its test.
///
/// Voxels that pass are opaque within a contour. Those that do not are faded, not gone: their
/// opacity falls with the square of |value| / threshold, as in
/// Taylor et al. 2023, NeuroImage 274 ("Highlight results, don't hide them").
struct MapLayer {
  std::string title;           ///< of the contrast
  GridValues statistic;        ///< NaN: transparent
  std::string statistic_name;  ///< with unit or degrees of freedom, for the colour bar: "t(23)"
  TestedSign sign = TestedSign::both;
  /// Of the statistic (its magnitude); none, or infinite: nothing passes, or nothing was tested.
  std::optional<double> threshold;
  /// Nonzero at the voxels that passed the test, where that is more than the threshold (clusters).
  std::optional<GridValues> passed;
  std::string threshold_words;  ///< how the threshold came about: "voxelwise p < 0.001"
  Correction correction = Correction::none_stated;
  /// The magnitude at which what did not pass is faded least; else the threshold, or without one
  /// the end of the colour bar.
  std::optional<double> fading_from;
  std::optional<double> limit;  ///< end of the colour bar; else the largest magnitude in the map
};

struct MapPictureOptions {
  int n_axial = 8, n_coronal = 8, n_sagittal = 7;
  bool glass_brain = true;
  bool radiological = false;  ///< left of the picture is the person's right
  double pixel_mm = 2;        ///< of slices
  SliceInterpolation interpolation = SliceInterpolation::linear;  ///< of the statistic
};

struct MapPicture {
  MapLayer map;
  /// Where slices are to go through, in mm, the most important first; empty: the map's own peaks.
  std::vector<Eigen::Vector3d> peaks_mm;
  MapPictureOptions options;
};

/// Slices and a glass brain, for a page.
///
/// @param id  of the picture, unique in the page; letters, digits and '-'.
/// @cost  about 0.1 s and 200 KB for a map of 3 mm with the default options.
Html draw_map(const MapPicture& picture, const Anatomy& anatomy, std::string_view id);

/// Several maps at the same slices, one below the other: two signals, their conjunction and their
/// difference, say.
struct MapComparison {
  std::string title;
  std::vector<MapLayer> maps;
  /// As in MapPicture; empty: the peaks of all maps.
  std::vector<Eigen::Vector3d> peaks_mm;
  MapPictureOptions options{.n_axial = 4, .n_coronal = 2, .n_sagittal = 2};
};
Html draw_comparison(const MapComparison& picture, const Anatomy& anatomy, std::string_view id);

/// Positions of `n` slices along an axis: evenly over the middle 80 % of the mask, then each of the
/// peaks, in their order, takes the place of the slice nearest to it, while there are slices left
/// and unless an earlier peak's slice is within 5 mm.
/// @return ascending, in mm.
std::vector<double> choose_slices(const Mask& mask, Plane plane, int n,
                                  const std::vector<Eigen::Vector3d>& peaks_mm);

}  // namespace sociometer
