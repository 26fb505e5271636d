#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/regions/region_request.hpp"

namespace sociometer::jobs {

/// Masks of regions on the grid of an image.
struct MakeRequest {
  std::string like;                 ///< image with the target grid; empty: the first input's
  std::vector<std::string> sets;    ///< from the built-in table: rejection, striatum, .., or names
  std::optional<double> radius_mm;  ///< of the regions of `sets`; none: the table's
  std::vector<std::string> spheres, boxes;  ///< NAME=x,y,z,radius; ..,dx,dy,dz
  AtlasRequest atlas;
  std::vector<std::string> thresholds;                          ///< NAME=IMAGE>NUMBER or <
  std::vector<std::string> weights, masks;                      ///< NAME=IMAGE
  std::vector<std::string> unions, intersections, differences;  ///< NAME=a,b,..
  std::string within;                                           ///< mask that restricts all regions
  bool resample = false;
  std::string output;
};
SOCIOMETER_FIELDS(MakeRequest) {
  visit("like", self.like);
  visit("sets", self.sets);
  visit("radius_mm", self.radius_mm);
  visit("spheres", self.spheres);
  visit("boxes", self.boxes);
  visit("atlas", self.atlas);
  visit("thresholds", self.thresholds);
  visit("weights", self.weights);
  visit("masks", self.masks);
  visit("unions", self.unions);
  visit("intersections", self.intersections);
  visit("differences", self.differences);
  visit("within", self.within);
  visit("resample", self.resample);
  visit("output", self.output);
}

/// @throws Error{usage}
void check(const MakeRequest& request);

}  // namespace sociometer::jobs
