#pragma once
#include <array>
#include <string>
#include <vector>

#include "engine/group/permutation.hpp"

namespace sociometer::testing {

/// A permutation scheme, and null data for which it is valid.
struct NullScheme {
  std::string name;
  GroupDesign design;
  std::string contrast;
  PermutationOptions options;
  std::vector<double> sd;      ///< per participant
  int lacks_every = 0;         ///< every so many voxels some participant is missing; 0: none
  double shared_in_block = 0;  ///< standard deviation of a component shared within blocks
};
/// One-sample sign flips; two samples with a nuisance covariate that differs between them
/// (permutations, Freedman-Lane); permutation within blocks; whole blocks; flips and permutations
/// with variance groups; two samples with participants missing in some voxels.
std::vector<NullScheme> null_schemes();

/// Number of studies of smooth noise with p <= .05 somewhere in the map.
struct FamilyWiseErrors {
  int voxel = 0, tfce = 0, extent = 0, mass = 0;
};
FamilyWiseErrors family_wise_errors(const NullScheme& scheme, int n_studies, int n_threads);

/// Checks that their proportion is .05 within the binomial interval of probability .999. Extent has
/// ties, which make its test conservative: only the upper limit applies, and a
/// third of .05 as the lower one.
void expect_level(const NullScheme& scheme, int n_studies);

}  // namespace sociometer::testing
