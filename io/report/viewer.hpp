#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/grid.hpp"
#include "engine/core/names.hpp"
#include "io/report/html.hpp"

namespace sociometer {

/// What a volume of the viewer is.
enum class ViewerRole { background, statistic, regions, clusters };
constexpr std::array<Name<ViewerRole>, 4> names_of(std::type_identity<ViewerRole>) {
  return {{{ViewerRole::background, "background"},
           {ViewerRole::statistic, "statistic"},
           {ViewerRole::regions, "regions"},
           {ViewerRole::clusters, "clusters"}}};
}

/// A volume of the viewer. Grids may differ; places are those of the world.
struct ViewerVolume {
  std::string id;    ///< unique among the volumes; buttons of the page name it in data-volume
  std::string name;  ///< for the reader: the contrast, say
  ViewerRole role = ViewerRole::statistic;
  std::vector<uint8_t> packed;  ///< from viewer_volume_bytes()
  /// Of a background the values that are black and white; of a statistic `maximum` is the end of
  /// the colour bar.
  double minimum = 0, maximum = 0;
  /// Of a statistic (its magnitude): where the slider starts; infinite: at its end.
  double threshold = 0;
  bool tested = true;      ///< of a statistic: the threshold is that of a test
  bool two_sided = false;  ///< of a statistic: values below 0 are also shown
  std::string unit;        ///< of a statistic, for the colour bar: "t"
  /// Of regions and clusters: the name of each label.
  std::vector<std::pair<int, std::string>> labels;
  std::string statistic;  ///< of clusters: the id of the statistic whose clusters they are
};

/// One background and at least one statistic; regions and clusters as there are.
struct ViewerContents {
  std::vector<ViewerVolume> volumes;
};

/// The bytes of a small NIfTI-1 image for the viewer, cut to the box that holds all nonzero values
/// and one voxel more: int16 in steps of 0.01 for statistics, of which the viewer shows two
/// decimals (1/4095 of the largest magnitude if that is more, 1/255 of it if that is less); 255
/// grey levels between `minimum` and `maximum` for backgrounds, whose `minimum` and `maximum` in
/// ViewerVolume are then 0 and 255; uint8 or int16 for labels.
///
/// Deflated with zlib's header. Voxels of int16 are before that written as 2 n, or -2 n - 1 for
/// negative n, first the low bytes of all and then the high ones: 70 % of the size of a .nii.gz.
///
/// @param values   one per voxel of the grid, x fastest; what is not finite becomes 0.
/// @param minimum, maximum  of backgrounds only.
/// A background of more than 1.5 million voxels in its box is averaged over 2 x 2 x 2 voxels (and
/// again), so that a template of 1 mm takes half a megabyte.
std::vector<uint8_t> viewer_volume_bytes(const Grid& grid, std::span<const float> values,
                                         ViewerRole role, double minimum = 0, double maximum = 0);

/// The viewer with its data, for one place of a page; the page needs viewer_script() once, after
/// it. A click on an element with data-mm="x,y,z" (mm), and data-volume="id" if the contrast is to
/// change, takes the crosshair there. Without script the viewer says that the still pictures show
/// the same.
///
/// The page's Content-Security-Policy must allow inline scripts, inline styles, and images and
/// connections to data: and blob:.
///
/// @return nothing if this build has no viewer: viewer_script() is empty.
/// @cost  4/3 of the volumes' bytes.
Html html_viewer(const ViewerContents& contents);

/// The same whether this build has a viewer or not.
Html viewer_markup(const ViewerContents& contents);

/// The script of the viewer (about 0.9 MB); it holds no "</script". Pages have it packed, a third
/// of that (PackedScript of page.hpp).
/// Empty if the program was built without it (scripts/build_viewer.sh).
std::string_view viewer_script();

}  // namespace sociometer
