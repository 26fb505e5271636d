#pragma once
#include <optional>
#include <string>

#include "io/records/record_fields.hpp"

namespace sociometer {

/// The last fields of a map's sidecar, which MapWriter adds.
struct MapEnding {
  std::optional<std::string> statistic;     ///< the `stat` entity of the name; none for labels
  std::optional<std::string> orientation;   ///< assumed, for an image that states none
  std::optional<std::string> outside_mask;  ///< what stands there, if it is not 0
  bool operator==(const MapEnding&) const = default;
};
SOCIOMETER_RECORD(MapEnding) {
  visit("Statistic", self.statistic);
  visit("Orientation", self.orientation);
  visit("OutsideMask", self.outside_mask);
}

}  // namespace sociometer
