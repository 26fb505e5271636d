#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"

namespace sociometer::jobs {

/// Atlas labels used as regions.
struct AtlasRequest {
  std::string image;                ///< with integer labels
  std::string label_table;          ///< their names: TSV with index and name, or one name per line
  std::vector<std::string> labels;  ///< by number, name or glob; NAME=a+b joins several; none: all
  bool given() const { return !image.empty() || !label_table.empty() || !labels.empty(); }
};
SOCIOMETER_FIELDS(AtlasRequest) {
  visit("image", self.image);
  visit("label_table", self.label_table);
  visit("labels", self.labels);
}

/// The regions of an analysis.
struct RegionRequest {
  std::vector<std::string> rois;  ///< tables of `roi make`, or masks, each [NAME=]IMAGE
  AtlasRequest atlas;
  bool resample = false;  ///< accept regions on another grid than the data
};
SOCIOMETER_FIELDS(RegionRequest) {
  visit("rois", self.rois);
  visit("atlas", self.atlas);
  visit("resample", self.resample);
}

/// @throws Error{usage}
void check(const RegionRequest& request);

}  // namespace sociometer::jobs
