#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_fields.hpp"

namespace sociometer {

/// A file of a mask, as the field Mask lists it.
struct MaskFile {
  std::string path, checksum;
  bool operator==(const MaskFile&) const = default;
};
SOCIOMETER_RECORD(MaskFile) {
  visit("Source", self.path);
  visit("XXH3", self.checksum);
}

/// The field Mask: where the voxels of an analysis come from.
struct MaskRecord {
  std::string source;                   ///< a file, intersection, or the rule of a computed one
  std::optional<std::string> checksum;  ///< of the only file
  std::optional<std::vector<MaskFile>> files;  ///< of an intersection
  std::optional<std::string> found;            ///< where it was looked for, if it was not named
  long voxels = 0;
  bool operator==(const MaskRecord&) const = default;
};
SOCIOMETER_RECORD(MaskRecord) {
  visit("Source", self.source);
  visit("XXH3", self.checksum);
  visit("Files", self.files);
  visit("Found", self.found);
  visit("Voxels", self.voxels);
}

}  // namespace sociometer
