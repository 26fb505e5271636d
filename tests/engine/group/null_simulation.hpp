#pragma once
#include <array>
#include <string>
#include <vector>

#include "engine/group/permutation.hpp"

namespace sociometer::testing {

/// A way to shuffle, and null data that it is made for.
struct NullScheme {
  std::string name;
  GroupDesign design;
  std::string contrast;
  PermutationOptions options;
  std::vector<double> sd;  ///< of each participant
  int lacks_every = 0;     ///< every so many voxels lack one participant or another; 0: none does
  double shared_in_block = 0;  ///< standard deviation of what the participants of a block share
};
/// One-sample flips; two samples with a nuisance covariate that differs between them (permutations,
/// Freedman-Lane); blocks within; whole blocks; flips and permutations with variance groups; two
/// samples of which voxels lack participants.
std::vector<NullScheme> null_schemes();

/// Studies of smooth noise in which p <= .05 was found somewhere in the map.
struct FamilyWiseErrors {
  int voxel = 0, tfce = 0, extent = 0, mass = 0;
};
FamilyWiseErrors family_wise_errors(const NullScheme& scheme, int n_studies, int n_threads);

/// Checks that they are .05 of the studies within the binomial interval of probability .999. Extent
/// has ties, which make its test conservative: it is held to the upper limit, and to a third of
/// .05.
void expect_level(const NullScheme& scheme, int n_studies);

}  // namespace sociometer::testing
