#pragma once
#include <string>
#include <vector>

#include "cli/jobs/report/reported_maps.hpp"
#include "io/images/nifti.hpp"
#include "io/report/map_picture.hpp"
#include "io/report/page.hpp"
#include "io/report/viewer.hpp"

namespace sociometer::jobs {

/// What the maps of a page are drawn on: an image, or the outline of the mask alone.
/// @param background  null: none.
/// @param name        of the image, for captions.
Anatomy anatomy_of(const Mask& mask, const Image* background, const std::string& name);

/// A contrast's map with the voxels that pass after correction, which there must be.
MapLayer corrected_layer(const ContrastFindings& findings);
/// The same at the threshold that forms clusters, if there was one.
MapLayer forming_layer(const ContrastFindings& findings);

/// A contrast's map: with the voxels that pass after correction, if any do, and at the threshold
/// that forms clusters.
Html map_part(const ContrastFindings& findings, const Anatomy& anatomy, const std::string& id);

/// Several contrasts at the same slices, each at the threshold that forms its clusters. Nothing for
/// fewer than two, or for maps on different grids.
Html comparison_part(const std::vector<const ContrastFindings*>& findings, const Anatomy& anatomy,
                     const std::string& id);

/// The maps of a page in its viewer.
class ViewerPart {
 public:
  explicit ViewerPart(const Anatomy& anatomy);
  /// Adds a contrast with its clusters. @param id  that buttons of peaks name.
  void add(const ContrastFindings& findings, const std::string& id);
  /// Adds regions: an image of whole numbers with their names.
  void add_regions(const GridValues& labels, std::vector<std::pair<int, std::string>> names);
  /// Whether this program has a viewer; without it buttons of peaks would do nothing.
  static bool is_there();
  /// The section, and the script that the page needs for it.
  ReportSection section() const;
  static void give_script(ReportPage& page);

 private:
  ViewerContents contents_;
};

}  // namespace sociometer::jobs
