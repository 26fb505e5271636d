#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/clusters/tested_image.hpp"
#include "engine/group/smoothness.hpp"
#include "io/records/cluster_tables.hpp"

namespace sociometer::jobs {

/// The smoothness of the noise, and where it comes from in words.
struct KnownSmoothness {
  std::optional<Smoothness> value;
  std::string source;
};

/// Of residuals it is estimated over the mask of the map, whatever part of it is searched.
/// @throws Error naming the option or file.
KnownSmoothness smoothness_for(const ClustersRequest& request, TestedImage& image);

/// Where clusters are looked for: the mask, or the part of it in a small volume.
struct Search {
  std::string name;  ///< of the small volume; empty: all of the mask
  Mask mask;
  TestedMap map;
  std::vector<AtlasAtMask> atlases;
};

/// The whole mask, then each small volume.
/// @throws Error naming the file.
std::vector<Search> searches_of(const ClustersRequest& request, TestedImage& image,
                                const Session& session);

}  // namespace sociometer::jobs
