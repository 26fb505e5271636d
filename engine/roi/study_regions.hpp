#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// How a fact is known: stated by its source, inferred by us, or unknown and a default of ours.
enum class Knowledge { stated, inferred, unknown };
std::string to_string(Knowledge knowledge);

/// Why a region is in the table.
enum class RegionRole {
  reward,     ///< expected to follow whether the person was accepted
  rejection,  ///< expected to follow how their relational value changed
  control,    ///< expected to follow neither
};
std::string to_string(RegionRole role);

/// A sphere in MNI space with the source of its coordinates.
struct StudyRegion {
  std::string name;  ///< alphanumeric, as BIDS labels are: "ventralStriatumL"
  Eigen::Vector3d centre_mm;
  double radius_mm;
  RegionRole role;
  std::string source;
  Knowledge centre_known, radius_known;
  std::string note;  ///< what a reader must know before using it; may be empty
};

/// The regions in which the two learning signals are looked for, by their published coordinates.
///
/// Which MNI template the sources mean is presumed, not stated. Where a source gives no radius the
/// default is marked so in radius_known and must be named as such wherever it is used. Against the
/// rejection regions stands Mwilambwe-Tshilobo & Spreng 2021: over 53 studies of exclusion no
/// reliable dACC.
/// @source Babür et al. 2024 (PNAS 121:e2400022121) for dACC and vACC; for the others see `source`.
const std::vector<StudyRegion>& study_regions();

/// @throws Error{usage} naming the regions that there are.
const StudyRegion& study_region(const std::string& name);

}  // namespace sociometer
