#pragma once
#include <optional>
#include <string>

#include "io/bytes/json.hpp"
#include "io/images/nifti.hpp"

namespace sociometer {

/// The statistic of a map, as its files state it.
struct MapStatistic {
  std::string word;           ///< "t", "f", "z", "p", "effect", .. in lower case; empty: not stated
  std::string source;         ///< what states it: "sidecar", "intent code", "description", "name"
  std::optional<double> dof;  ///< of t, the denominator's of F; may be infinite
  std::optional<double> numerator_dof;  ///< of F
  /// The least and most degrees of freedom, where they differ between voxels; then `dof` is unset.
  std::optional<std::array<double, 2>> dof_range;
  std::string contradiction;  ///< "its sidecar says .., its header ..": files that do not belong
};

/// The JSON file beside an image, of the same name; null if there is none.
Json sidecar_of_image(const std::string& path);

/// The first source that states it: the sidecar (Statistic, and DegreesOfFreedom of Contrast, as
/// this program writes them), the intent code with its parameters, SPM's description
/// ("SPM{T_[11.0]} - .."), the name (stat-z, zstat1, z_score). The degrees of freedom are taken
/// from the first of them that has some for that statistic.
MapStatistic statistic_of_map(const NiftiHeader& header, const Json& sidecar);

}  // namespace sociometer
