#include "engine/rsa/pattern_data.hpp"

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/rsa/model_rdm.hpp"

namespace sociometer {
namespace {

using Voxels = std::vector<Eigen::Index>;

/// Two trials in each of two runs.
std::vector<PatternTrial> four_trials() {
  return {{1, 1, "a", 0}, {2, 1, "b", 9}, {3, 2, "a", 0}, {4, 2, "b", 9}};
}

TEST(UsableVoxels, HaveFiniteAmplitudesThatAreNotAllZeroInARun) {
  Eigen::MatrixXd amplitudes(4, 5);
  amplitudes << 1, 0, 0, 1, 1,                               //
      2, 1, 0, 1, 2,                                         //
      3, 0, 1, std::numeric_limits<double>::quiet_NaN(), 0,  //
      4, 1, 1, 1, 0;
  // The first has all, the second a 0 in either run, the third nothing in run 1, the fourth a
  // missing trial, the fifth nothing in run 2.
  EXPECT_EQ(usable_voxels(amplitudes, four_trials(), {}), (Voxels{0, 1}));
}

TEST(UsableVoxels, HaveNoiseThatVaries) {
  const Eigen::MatrixXd amplitudes = Eigen::MatrixXd::Ones(4, 4);
  PatternNoise noise;
  noise.residuals.setOnes(3, 4);
  noise.residuals.col(1).setZero();
  noise.residuals(2, 2) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(usable_voxels(amplitudes, four_trials(), noise), (Voxels{0, 3}));
  noise.residuals.resize(3, 3);
  EXPECT_THROW(usable_voxels(amplitudes, four_trials(), noise), std::logic_error);
}

TEST(JoinedNoise, HasMeanZeroInEachRunAndTheDeviationsOfEach) {
  Eigen::MatrixXd first(2, 2), second(3, 2), expected(5, 2);
  first << 1, 10, 3, 14;
  second << 1, 0, 2, 0, 6, 3;
  expected << -1, -2, 1, 2, -2, -1, -1, -1, 3, 2;
  const PatternNoise noise = joined_noise({first, second}, 2, 7);
  EXPECT_TRUE(noise.residuals.isApprox(expected, 1e-15)) << noise.residuals;
  EXPECT_EQ(noise.dof, 7);
}

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> kThree{"a", "b", "c"};

TEST(RdmOfMatrix, TakesEitherHalf) {
  Eigen::Matrix3d whole, half;
  whole << 0, 1, 2, 1, 0, 3, 2, 3, 0;
  half << kAbsent, kAbsent, 2, 1, kAbsent, kAbsent, kAbsent, 3, kAbsent;
  const Eigen::Vector3d pairs(1, 2, 3);
  EXPECT_EQ(rdm_of_matrix(whole, kThree, "x.tsv"), pairs);
  EXPECT_EQ(rdm_of_matrix(half, kThree, "x.tsv"), pairs);
}

TEST(RdmOfMatrix, RefusesWhatIsNoDissimilarity) {
  Eigen::Matrix3d matrix;
  matrix << 0, 1, 2, 1, 0, 3, 2, 3, 0;
  Eigen::Matrix3d similar = matrix, skewed = matrix;
  similar(1, 1) = 1;
  skewed(2, 0) = 2.001;
  EXPECT_THROW(rdm_of_matrix(similar, kThree, "x.tsv"), Error);
  EXPECT_THROW(rdm_of_matrix(skewed, kThree, "x.tsv"), Error);
  EXPECT_THROW(rdm_of_matrix(-matrix, kThree, "x.tsv"), Error);
  matrix(0, 1) = matrix(1, 0) = -0.1;
  EXPECT_EQ(rdm_of_matrix(matrix, kThree, "x.tsv")[0], -0.1) << "an unbiased estimate";
}

TEST(RangeOfPairs, IsThatOfPairsUsedWithAValue) {
  const Eigen::Vector4d rdm(5, 1, kAbsent, 2);
  const ValueRange range = range_of_pairs(rdm, {0, 1, 1, 1});
  EXPECT_EQ(range.low, 1);
  EXPECT_EQ(range.high, 2);
  EXPECT_TRUE(range_of_pairs(rdm, {0, 0, 1, 0}).is_empty());
}

}  // namespace
}  // namespace sociometer
