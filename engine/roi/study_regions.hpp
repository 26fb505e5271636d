#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// Source of a fact: stated in the publication, inferred by us, or unknown and set to a default.
enum class Knowledge { stated, inferred, unknown };
std::string to_string(Knowledge knowledge);

/// Expected role of a region.
enum class RegionRole {
  reward,     ///< expected to track whether the participant was accepted
  rejection,  ///< expected to track changes in the participant's relational value
  control,    ///< expected to track neither
};
std::string to_string(RegionRole role);

/// A sphere in MNI space with the source of its coordinates.
struct StudyRegion {
  std::string name;  ///< alphanumeric, as in BIDS labels: "ventralStriatumL"
  Eigen::Vector3d centre_mm;
  double radius_mm;
  RegionRole role;
  std::string source;
  Knowledge centre_known, radius_known;
  std::string note;  ///< caveats for its use; may be empty
};

/// The regions in which the two learning signals are examined, with their published coordinates.
///
/// The sources do not state their MNI template; it is presumed. Where a source gives no radius, a
/// default is used and marked in radius_known, which must be stated wherever the region is used.
/// Evidence against the rejection regions: Mwilambwe-Tshilobo & Spreng 2021 found no reliable dACC
/// activation in 53 studies of exclusion.
/// @source Babür et al. 2024 (PNAS 121:e2400022121) for dACC and vACC; for the others see `source`.
const std::vector<StudyRegion>& study_regions();

/// @throws Error{usage} listing the available regions.
const StudyRegion& study_region(const std::string& name);

}  // namespace sociometer
