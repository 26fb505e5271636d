#pragma once
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/group/permutation.hpp"
#include "tests/engine/group/group_goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {

inline Eigen::MatrixXd row(const std::vector<double>& v) {
  return Eigen::Map<const Eigen::RowVectorXd>(v.data(), Eigen::Index(v.size()));
}

struct Tested {
  PermutationP p;
  SpatialMaps maps;
  ShuffleResults results;
};

inline Tested test(const Eigen::MatrixXd& values, const Mask& mask, const GroupDesign& design,
                   const std::string& contrast, PermutationOptions options = {},
                   int n_threads = 1) {
  if (options.n == 0) options.n = 100000;
  const ContrastPermutation permutation({as_group_data(values),
                                         presence_patterns(values, values.rows()), mask, design,
                                         contrast_of(contrast, design), options});
  const auto results = permutation.run(0, permutation.shuffles().size(), n_threads);
  return {permutation.p_values(results, 1), permutation.observed(), results};
}

/// A mask for tables of single voxels.
inline Mask line(Eigen::Index n) {
  Mask mask;
  mask.grid.size = {n, 1, 1};
  for (uint32_t v = 0; v < uint32_t(n); ++v) mask.voxels.push_back(v);
  return mask;
}

inline ::testing::AssertionResult p_of_table(const std::vector<double>& p,
                                             const std::string& name) {
  return close_relative(row(p), group_csv("palm/group/" + name), 0.5001e-4, 1);
}
inline ::testing::AssertionResult p_of_image(const std::vector<double>& p, const std::string& name,
                                             bool one_minus = false) {
  const Eigen::MatrixXd image = group_map(name, peers_mask());
  const Eigen::MatrixXd expected = one_minus ? Eigen::MatrixXd(1 - image.array()) : image;
  return close_relative(row(p), expected, 1e-6, 1);
}

}  // namespace sociometer::testing
