// Permutation tests compared with exhaustive ones of FSL, MRtrix3 and nilearn (tests/golden), and
// properties that any must have.
#include "engine/group/permutation.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"
#include "io/images/nifti.hpp"
#include "tests/engine/group/permutation_cases.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"

namespace sociometer::testing {
namespace {

TEST(Permutation, OneSampleClustersAsRandomise) {
  PermutationOptions options;
  options.spatial.extent = options.spatial.mass = true;
  options.spatial.cluster_threshold = 2.365;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(tested.p.voxel_fwe, "fsl/group/os8_vox_corrp_tstat1.nii.gz", true));
  EXPECT_TRUE(p_of_image(tested.p.uncorrected, "fsl/group/os8_vox_p_tstat1.nii.gz", true));
  EXPECT_TRUE(p_of_image(tested.p.extent_fwe, "fsl/group/os8_clustere_corrp_tstat1.nii.gz", true));
  EXPECT_TRUE(p_of_image(tested.p.mass_fwe, "fsl/group/os8_clusterm_corrp_tstat1.nii.gz", true));
}

/// The tail fitted to 500 permutations predicts how rare the largest of another 20,000 values are.
TEST(Permutation, TailsOfFewShufflesReachBeyondThem) {
  PermutationOptions options;
  options.spatial.tfce = options.spatial.extent = options.spatial.mass = true;
  options.spatial.cluster_threshold = 2;
  Eigen::MatrixXd values = peers_effects(from_to(1, 16));
  values.rowwise() -= values.colwise().mean().eval();
  options.n = 500;
  options.seed = 1;
  const auto few = test(values, peers_mask(), one_sample_design(16), "[1]", options, 2).results;
  options.n = 20000;
  options.seed = 2;
  const auto many = test(values, peers_mask(), one_sample_design(16), "[1]", options, 2).results;
  for (const auto part : {&ShuffleResults::voxel, &ShuffleResults::tfce, &ShuffleResults::extent,
                          &ShuffleResults::mass}) {
    std::vector<double> null = few.*part, truth = many.*part;
    std::sort(null.begin(), null.end());
    std::sort(truth.begin(), truth.end());
    for (const TailMethod method : {TailMethod::gpd, TailMethod::gamma})
      for (const double p : {0.02, 0.005}) {
        const double x = truth[size_t(double(truth.size()) * (1 - p))];
        EXPECT_NEAR(std::log10(NullTail(method, null, 0.1).p(x, 0)), std::log10(p), 0.4)
            << int(method) << " " << x;
      }
  }
}

/// Tails of each voxel's own statistic equal those of the values from all flips in sequence,
/// whatever the number of threads and of voxels processed at a time.
TEST(Permutation, TailsOfUncorrectedPAreThoseOfEachVoxel) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(300);
  for (Eigen::Index v = 200; v < 300; ++v) values(7, v) = std::numeric_limits<double>::quiet_NaN();
  const GroupDesign design = one_sample_design(8);
  PermutationOptions options;
  options.n = 1000;
  options.two_sided = true;
  for (const TailMethod method : {TailMethod::gpd, TailMethod::gamma}) {
    options.tail = method;
    options.memory_bytes = 0;
    const ContrastPermutation permutation({as_group_data(values), presence_patterns(values, 7),
                                           line(300), design, contrast_of("[1]", design), options});
    const auto results = permutation.run(0, 256, 1);
    const auto found = permutation.p_values(results, 1);
    options.memory_bytes = 1;
    const ContrastPermutation other({as_group_data(values), presence_patterns(values, 7), line(300),
                                     design, contrast_of("[1]", design), options});
    EXPECT_EQ(found.uncorrected, other.p_values(results, 3).uncorrected);
    size_t wanted = 0, unfitted = 0;
    for (Eigen::Index v = 0; v < 300; ++v) {
      const Eigen::Index n = v < 200 ? 8 : 7;
      std::vector<double> null;
      double observed = 0;
      for (int flips = 0; flips < 256; ++flips) {
        Eigen::VectorXd y = values.col(v).head(n);
        for (int i = 0; i < n; ++i)
          if (flips >> i & 1) y[i] *= -1;
        const double sd = std::sqrt((y.array() - y.mean()).square().sum() / double(n - 1)),
                     t = y.mean() / sd * std::sqrt(double(n));
        null.push_back(std::abs(z_from_t(t, double(n - 1))));
        if (flips == 0) observed = null[0];
      }
      std::sort(null.begin(), null.end());
      const double shuffled =
          double(std::count_if(null.begin(), null.end(),
                               [&](double x) { return x >= observed * (1 - 1e-9); })) /
          256;
      const NullTail tail(method, null, options.tail_p);
      EXPECT_TRUE(close_number(found.uncorrected[size_t(v)], tail.p(observed, shuffled), 1e-6))
          << v;
      const bool read = method == TailMethod::gamma || shuffled < options.tail_p;
      wanted += read;
      unfitted += read && !tail.fitted();
    }
    EXPECT_EQ(found.n_tails, wanted);
    EXPECT_EQ(found.n_tails_unfitted, unfitted);
    EXPECT_GE(wanted, 20u);
    EXPECT_LT(unfitted, wanted / 2);
  }
}

/// Counting uncorrected TFCE changes nothing else, and the counts equal those from maps.
TEST(Permutation, UncorrectedPOfEnhancementCountsMaps) {
  PermutationOptions options;
  options.spatial.tfce = options.two_sided = true;
  const Eigen::MatrixXd values = peers_effects(from_to(1, 6));
  const auto plain = test(values, peers_mask(), one_sample_design(6), "[1]", options);
  options.tfce_uncorrected = true;
  const auto counted = test(values, peers_mask(), one_sample_design(6), "[1]", options, 3);
  EXPECT_EQ(plain.p.tfce_fwe, counted.p.tfce_fwe);
  EXPECT_EQ(plain.p.uncorrected, counted.p.uncorrected);
  EXPECT_TRUE(plain.p.tfce_uncorrected.empty());
  const SpatialStatistics spatial(peers_mask(), options.spatial);
  auto work = spatial.workspace();
  std::vector<int> reached(counted.p.tfce_uncorrected.size(), 0);
  for (int flips = 0; flips < 64; ++flips) {
    Eigen::MatrixXd y = values;
    for (int i = 0; i < 6; ++i)
      if (flips >> i & 1) y.row(i) *= -1;
    const Eigen::RowVectorXd mean = y.colwise().mean(),
                             sd = ((y.rowwise() - mean).colwise().squaredNorm() / 5).cwiseSqrt();
    std::vector<float> t;
    for (Eigen::Index v = 0; v < y.cols(); ++v)
      t.push_back(float(mean[v] / sd[v] * std::sqrt(6.0)));
    const auto up = spatial.maps(t, 1, work).tfce, down = spatial.maps(t, -1, work).tfce;
    for (size_t v = 0; v < reached.size(); ++v)
      reached[v] += up[v] + down[v] >= std::abs(counted.maps.tfce[v]) * (1 - 1e-6);
  }
  for (size_t v = 0; v < reached.size(); ++v)
    EXPECT_EQ(counted.p.tfce_uncorrected[v], reached[v] / 64.0);
}

/// randomise excludes the outermost voxels of the image from clusters.
std::vector<Eigen::Index> inner(const Mask& mask) {
  std::vector<Eigen::Index> out;
  const auto& size = mask.grid.size;
  for (Eigen::Index v = 0; v < mask.n_voxels(); ++v) {
    const Eigen::Index i = mask.voxels[size_t(v)], x = i % size[0], y = i / size[0] % size[1],
                       z = i / size[0] / size[1];
    if (x > 0 && y > 0 && z > 0 && x + 1 < size[0] && y + 1 < size[1] && z + 1 < size[2])
      out.push_back(v);
  }
  return out;
}

TEST(Permutation, EnhancementInStepsAsRandomise) {
  PermutationOptions options;
  options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::randomise;
  const auto keep = inner(peers_mask());
  Mask mask = peers_mask();
  mask.voxels.clear();
  for (const Eigen::Index v : keep) mask.voxels.push_back(peers_mask().voxels[size_t(v)]);
  ASSERT_LT(mask.n_voxels(), peers_mask().n_voxels());
  const auto tested = test(peers_effects(from_to(1, 8))(Eigen::all, keep), mask,
                           one_sample_design(8), "[1]", options);
  const Eigen::MatrixXd expected = group_map("fsl/group/os8_tfce_tstat1.nii.gz", mask);
  EXPECT_TRUE(close_relative(row(tested.maps.tfce), expected, 1e-4, expected.maxCoeff()));
  const Eigen::MatrixXd p = 1 - group_map("fsl/group/os8_tfce_corrp_tstat1.nii.gz", mask).array();
  EXPECT_TRUE(close_relative(row(tested.p.tfce_fwe), p, 1e-6, 1));
}

TEST(Permutation, EnhancementInStepsAsMrtrix) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::mrtrix;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  const Eigen::MatrixXd expected = group_map("mrtrix/group/os8_tfce_tfce.nii.gz", peers_mask());
  EXPECT_TRUE(close_relative(row(tested.maps.tfce), expected, 1e-4, expected.maxCoeff()));
}

TEST(Permutation, AllFlipsOfTwelveAsNilearn) {
  const Mask mask = read_mask(golden("nilearn/data/mask.nii.gz"));
  Eigen::MatrixXd values(12, mask.n_voxels());
  for (int i = 0; i < 12; ++i)
    values.row(i) = group_map("nilearn/group/maps/sub-" + std::string(i < 9 ? "0" : "") +
                                  std::to_string(i + 1) + "_effect.nii.gz",
                              mask);
  const auto tested = test(values, mask, one_sample_design(12), "[1]");
  ASSERT_EQ(tested.results.voxel.size(), 4096u);
  EXPECT_TRUE(close_relative(row(tested.p.voxel_fwe),
                             group_map("nilearn/group/exhaustive_pfwe_t_1s.nii.gz", mask), 1e-6,
                             1));
}

TEST(Permutation, IsTheSameForAnyThreadsAndParts) {
  PermutationOptions options;
  options.n = 200;
  options.seed = 4;
  options.two_sided = true;
  options.spatial.tfce = options.spatial.extent = true;
  options.spatial.cluster_threshold = 2;
  const Eigen::MatrixXd values = peers_effects(from_to(1, 16));
  const GroupDesign design = design_of(number_table(golden("mrtrix/group/d16age.txt")));
  const ContrastPermutation permutation({as_group_data(values), presence_patterns(values, 16),
                                         peers_mask(), design, contrast_of("[0, 1]", design),
                                         options});
  const auto one = permutation.run(0, 201, 1), seven = permutation.run(0, 201, 7);
  const auto parts = joined({permutation.run(70, 201, 2), permutation.run(0, 70, 1)}, 201);
  for (const auto& other : {seven, parts}) {
    EXPECT_EQ(one.voxel, other.voxel);
    EXPECT_EQ(one.tfce, other.tfce);
    EXPECT_EQ(one.extent, other.extent);
    EXPECT_EQ(one.reached, other.reached);
  }
  EXPECT_THROW(joined({permutation.run(70, 201, 1)}, 201), Error);
}

/// Values copied block by block, as from disk.
class Blockwise : public GroupData {
 public:
  explicit Blockwise(const Eigen::MatrixXd& values) : values_(values) {}
  Eigen::Index n_participants() const override { return values_.rows(); }
  Eigen::Index n_voxels() const override { return values_.cols(); }
  GroupBlock block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd& space) const override {
    space = values_.middleCols(first, n);
    return {space.data(), space.rows(), n, Eigen::OuterStride<>(space.rows())};
  }

 private:
  const Eigen::MatrixXd& values_;
};

TEST(Permutation, OfDataThatAreReadInPassesHasTheSameBits) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 16));
  for (Eigen::Index v = 0; v < 500; ++v) values(v % 3, 7 * v) = std::nan("");
  const GroupDesign design = design_of(number_table(golden("mrtrix/group/d16age.txt")));
  for (const uint64_t n : {200ul, 100000ul})  // at random in float32; all in float64
    for (const bool is_f : {false, true}) {
      PermutationOptions options;
      options.n = n;
      options.scheme = ShuffleScheme::flips;
      options.spatial.tfce = options.spatial.mass = true;
      options.spatial.cluster_threshold = 2;
      GroupContrast contrast = contrast_of("[0, 1]", design);
      if (is_f) {
        contrast.spec.kind = ContrastKind::F;
        contrast.rows = Eigen::MatrixXd::Identity(2, 2);
      }
      const auto data = std::make_shared<Blockwise>(values);
      const auto patterns = presence_patterns(values, 14);
      const auto same_patterns = presence_patterns(*data, 14);
      ASSERT_EQ(patterns.size(), same_patterns.size());
      for (size_t k = 0; k < patterns.size(); ++k) {
        EXPECT_EQ(patterns[k].voxels, same_patterns[k].voxels);
        EXPECT_EQ(patterns[k].participants, same_patterns[k].participants);
      }
      const ContrastPermutation whole(
          {as_group_data(values), patterns, peers_mask(), design, contrast, options});
      const auto expected = whole.run(0, 80, 2);
      for (const double memory : {2.5e6, 1e8}) {
        options.memory_bytes = memory;
        options.n_threads = 2;
        const ContrastPermutation passes({data, patterns, peers_mask(), design, contrast, options});
        EXPECT_EQ(passes.checksum(), whole.checksum());
        EXPECT_EQ(passes.observed().tfce, whole.observed().tfce);
        for (const int threads : {1, 3}) {
          const auto found = joined({passes.run(0, 37, threads), passes.run(37, 80, threads)}, 80);
          EXPECT_EQ(found.voxel, expected.voxel);
          EXPECT_EQ(found.tfce, expected.tfce);
          EXPECT_EQ(found.mass, expected.mass);
          EXPECT_EQ(found.reached, expected.reached);
        }
      }
      options.memory_bytes = 2e5;
      EXPECT_THROW(ContrastPermutation({data, patterns, peers_mask(), design, contrast, options}),
                   Error);
    }
}

TEST(Permutation, ShardsFollowEachOtherAndAreOfLikeSize) {
  for (const uint64_t n : {1ul, 16ul, 17ul, 256ul, 10001ul, 1ul << 40})
    for (const uint64_t shards : {1ul, 2ul, 3ul, 7ul, 64ul}) {
      uint64_t last = 0, least = n, most = 0;
      for (uint64_t s = 1; s <= shards; ++s) {
        const ShuffleRange range = shard_range(n, s, shards);
        EXPECT_EQ(range.first, last);
        EXPECT_TRUE(range.last == n || range.last % kShuffleBatch == 0);
        last = range.last;
        least = std::min(least, range.last - range.first);
        most = std::max(most, range.last - range.first);
      }
      EXPECT_EQ(last, n);
      EXPECT_LE(most - least, 2 * kShuffleBatch) << n << " in " << shards;
    }
}

TEST(Permutation, SumOfStatisticsDistinguishesTheData) {
  PermutationOptions options;
  options.n = 20;
  Eigen::MatrixXd values = peers_effects(from_to(1, 16));
  const GroupDesign design = one_sample_design(16);
  const auto sum = [&] {
    return ContrastPermutation({as_group_data(values), presence_patterns(values, 16), peers_mask(),
                                design, contrast_of("[1]", design), options})
        .checksum();
  };
  const std::string before = sum();
  EXPECT_EQ(sum(), before);
  values(3, 700) *= 1.001;
  EXPECT_NE(sum(), before);
}

TEST(Permutation, BlocksThatPermitNothingAreRefused) {
  PermutationOptions options;
  options.n = 100;
  options.blocks = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_THROW(
      test(peers_effects(four_and_four()), peers_mask(), two_groups(4), "[1, -1]", options), Error);
}

TEST(Permutation, VarianceGroupsDistinguishEqualRowsOfTheDesign) {
  PermutationOptions options;
  options.variance_groups = {0, 1, 0, 1, 0, 1, 0, 1};
  const Eigen::MatrixXd values = peers_effects(four_and_four()).leftCols(20);
  const auto tested = test(values, line(20), two_groups(4), "[1, -1]", options);
  EXPECT_EQ(tested.results.voxel.size(), 2520u);  // 8! / 2!^4, not 8! / 4!^2
}

TEST(Permutation, VoxelsWithOthersAreTestedAmongThem) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(40);
  for (Eigen::Index v = 20; v < 40; ++v) values(7, v) = std::numeric_limits<double>::quiet_NaN();
  PermutationOptions options;
  options.n = 1000;
  const GroupDesign design = one_sample_design(8);
  const ContrastPermutation permutation({as_group_data(values), presence_patterns(values, 7),
                                         line(40), design, contrast_of("[1]", design), options});
  EXPECT_TRUE(permutation.compares_z());
  const auto p = permutation.p_values(permutation.run(0, 256, 1), 1).uncorrected;
  const auto alone =
      test(values.topRows(7).rightCols(20), line(20), one_sample_design(7), "[1]").p.uncorrected;
  for (size_t v = 0; v < 20; ++v) EXPECT_DOUBLE_EQ(p[20 + v], alone[v]);
}

/// z of the difference of two samples, pooled or Welch's; bit i of `patients` stands for row i.
double z_of_samples(const Eigen::VectorXd& values, int patients, bool pooled) {
  double n[2] = {0, 0}, sum[2] = {0, 0}, squares[2] = {0, 0};
  const auto each = [&](const auto& use) {
    for (int i = 0; i < values.size(); ++i)
      if (!std::isnan(values[i])) use(patients >> i & 1, values[i]);
  };
  each([&](int g, double x) { ++n[g], sum[g] += x; });
  each([&](int g, double x) { squares[g] += std::pow(x - sum[g] / n[g], 2); });
  double parts[2], dof = n[0] + n[1] - 2;
  for (const int g : {0, 1})
    parts[g] = (pooled ? (squares[0] + squares[1]) / dof : squares[g] / (n[g] - 1)) / n[g];
  const double variance = parts[0] + parts[1];
  if (!pooled)
    dof =
        variance * variance / (parts[0] * parts[0] / (n[0] - 1) + parts[1] * parts[1] / (n[1] - 1));
  return z_from_t((sum[1] / n[1] - sum[0] / n[0]) / std::sqrt(variance), dof);
}

/// A missing value moves with its participant: all 70 ways to label four of eight as patients, each
/// voxel tested among the participants who have it.
TEST(Permutation, AbsenceMovesWithTheParticipant) {
  Eigen::MatrixXd values = peers_effects(four_and_four()).leftCols(60);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (Eigen::Index v = 20; v < 40; ++v) values(1, v) = nan;
  for (Eigen::Index v = 40; v < 60; ++v) values(7, v) = values(3, v) = nan;
  const GroupDesign design = two_groups(4);
  for (const bool pooled : {true, false}) {
    PermutationOptions options;
    options.n = 1000;
    if (!pooled) options.variance_groups = {0, 0, 0, 0, 1, 1, 1, 1};
    const ContrastPermutation permutation({as_group_data(values), presence_patterns(values, 6),
                                           line(60), design, contrast_of("[1, -1]", design),
                                           options});
    ASSERT_EQ(permutation.shuffles().size(), 70u);
    const auto results = permutation.run(0, 70, 2);
    std::vector<double> largest;
    std::vector<int> reached(60, 0);
    for (int patients = 0; patients < 256; ++patients) {
      if (__builtin_popcount(unsigned(patients)) != 4) continue;
      largest.push_back(-HUGE_VAL);
      for (Eigen::Index v = 0; v < 60; ++v) {
        const double z = z_of_samples(values.col(v), patients, pooled),
                     observed = z_of_samples(values.col(v), 15, pooled);
        largest.back() = std::max(largest.back(), z);
        reached[size_t(v)] += z >= observed - 1e-9 * std::abs(observed);
      }
    }
    const auto p = permutation.p_values(results, 1).uncorrected;
    for (size_t v = 0; v < 60; ++v) EXPECT_DOUBLE_EQ(p[v], reached[v] / 70.0) << v;
    auto found = results.voxel;
    std::sort(found.begin(), found.end());
    std::sort(largest.begin(), largest.end());
    EXPECT_TRUE(close_relative(row(found), row(largest), 1e-9));
  }
}

/// Permutations in which the remaining participants cannot separate the contrast from a nuisance
/// column are not counted for the voxel.
TEST(Permutation, ArrangementsWithoutAContrastDoNotCount) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(30), x(8, 3);
  x << 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0;
  for (const Eigen::Index i : {1, 6})
    values.row(i).setConstant(std::numeric_limits<double>::quiet_NaN());
  const GroupDesign design = design_of(x);
  PermutationOptions options;
  options.n = 100000;
  const ContrastPermutation permutation({as_group_data(values), presence_patterns(values, 6),
                                         line(30), design, contrast_of("[0, 1, 0]", design),
                                         options});
  const uint64_t n = permutation.shuffles().size();
  const auto p = permutation.p_values(permutation.run(0, n, 2), 2).uncorrected;
  const Eigen::VectorXd c = Eigen::Vector3d(0, 1, 0);
  std::vector<int> reached(30, 0);
  int counted = 0;
  Eigen::VectorXd observed(30);
  for (uint64_t k = 0; k < n; ++k) {
    const Shuffle shuffle = permutation.shuffles()[k];
    std::vector<Eigen::Index> rows, people;
    for (Eigen::Index i = 0; i < 8; ++i)
      if (const int from = shuffle.from[size_t(i)]; from != 1 && from != 6) {
        rows.push_back(i);
        people.push_back(from);
      }
    const Eigen::MatrixXd m = x(rows, Eigen::all);
    if (m.colPivHouseholderQr().rank() < 3) continue;
    ++counted;
    // Freedman-Lane: the residuals of the nuisance model stay in place, on the permuted rows.
    const std::vector<Eigen::Index> there{0, 2, 3, 4, 5, 7};
    Eigen::MatrixXd z(6, 2);
    z << x(there, Eigen::all).col(0), x(there, Eigen::all).col(2);
    for (Eigen::Index v = 0; v < 30; ++v) {
      const Eigen::VectorXd y = values(there, v);
      const Eigen::VectorXd e = y - z * z.colPivHouseholderQr().solve(y);
      Eigen::VectorXd moved(6);
      for (Eigen::Index i = 0; i < 6; ++i)
        moved[i] = e[std::find(there.begin(), there.end(), people[size_t(i)]) - there.begin()];
      const Eigen::VectorXd beta = m.colPivHouseholderQr().solve(moved);
      const double s2 = (moved - m * beta).squaredNorm() / 3,
                   t = c.dot(beta) / std::sqrt(s2 * c.dot((m.transpose() * m).inverse() * c));
      if (k == 0) observed[v] = t;
      reached[size_t(v)] += t >= observed[v] - 1e-9 * std::abs(observed[v]);
    }
  }
  ASSERT_LT(counted, int(n));
  for (size_t v = 0; v < 30; ++v) EXPECT_NEAR(p[v], reached[v] / double(counted), 1e-12) << v;
}

/// A voxel without a statistic does not contribute to the maximum over the map.
TEST(Permutation, VoxelsWithoutAStatisticAreNotInTheLargest) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(2);
  values.col(0) -= Eigen::VectorXd::Constant(8, 2 * values.col(0).mean());
  values.col(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  ASSERT_NE(values.col(0).mean(), 0);
  for (const double sign : {1.0, -1.0}) {
    const auto tested = test(sign * values, line(2), one_sample_design(8), "[1]");
    EXPECT_DOUBLE_EQ(tested.p.voxel_fwe[0], tested.p.uncorrected[0]);
    EXPECT_LT(*std::ranges::min_element(tested.results.voxel), 0);
  }
}

TEST(Permutation, ClusterThresholdIsInWhatIsCompared) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(40);
  PermutationOptions options;
  options.n = 300;
  options.spatial.extent = true;
  options.cluster_p = 0.01;
  const GroupDesign design = one_sample_design(8);
  const auto threshold = [&] {
    const ContrastPermutation permutation({as_group_data(values), presence_patterns(values, 7),
                                           line(40), design, contrast_of("[1]", design), options});
    return std::pair(permutation.compares_z(), permutation.cluster_threshold());
  };
  EXPECT_FALSE(threshold().first);
  EXPECT_NEAR(threshold().second, 2.997952, 1e-6);  // of t(7)
  values(0, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(threshold().first);
  EXPECT_NEAR(threshold().second, 2.326348, 1e-6);
  // A voxel with a missing participant and no variance has no statistic, hence no other dof.
  values.col(3).tail(7).setConstant(4);
  EXPECT_FALSE(threshold().first);
  EXPECT_NEAR(threshold().second, 2.997952, 1e-6);
}

TEST(Permutation, StepsOfRandomiseEndWithoutPositiveValues) {
  PermutationOptions options;
  options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::randomise;
  Eigen::MatrixXd values = peers_effects(from_to(1, 6));
  values.rowwise() -=
      values.colwise().mean().eval() + Eigen::RowVectorXd::Constant(values.cols(), 3);
  const auto tested = test(values, peers_mask(), one_sample_design(6), "[1]", options);
  EXPECT_EQ(*std::ranges::max_element(tested.maps.tfce), 0);
  EXPECT_EQ(*std::ranges::min_element(tested.p.tfce_fwe), 1);
  EXPECT_GT(*std::ranges::max_element(tested.results.tfce), 0);
}

/// Two groups of four with equal means: t is 0 up to rounding, and of the 69 other arrangements 23
/// have a positive, 23 a negative and 23 no difference (counted in integers).
TEST(Permutation, ArrangementsThatReachExactlyZeroCount) {
  // Tenths are not exact in binary: sums in another order differ by rounding.
  const std::vector<int> tenths{1, 2, 3, 4, 4, 3, 2, 1};
  Eigen::MatrixXd values(8, 3);
  GroupDesign design{{"a", "b"}, Eigen::MatrixXd::Zero(8, 2)};
  for (Eigen::Index i = 0; i < 8; ++i) {
    const double x = 0.1 * tenths[size_t(i)];
    values.row(i) << x, 10 + x, -x;
    design.values(i, i < 4 ? 0 : 1) = 1;
  }
  int reached = 0, all = 0;
  for (unsigned bits = 0; bits < 256; ++bits) {
    int n = 0, difference = 0;
    for (size_t i = 0; i < 8; ++i) {
      const bool first = (bits >> i & 1u) != 0;
      n += first;
      difference += first ? tenths[i] : -tenths[i];
    }
    if (n != 4) continue;
    ++all;
    reached += difference >= 0;
  }
  ASSERT_EQ(all, 70);
  for (const bool z : {false, true}) {
    PermutationOptions options;
    options.compare_z = z;
    options.spatial.tfce = options.tfce_uncorrected = true;
    const auto one = test(values, line(3), design, "a - b", options).p;
    EXPECT_TRUE(close_relative(row(one.uncorrected),
                               Eigen::RowVectorXd::Constant(3, double(reached) / all), 1e-12));
    options.two_sided = true;
    const auto two = test(values, line(3), design, "a - b", options).p;
    EXPECT_TRUE(close_relative(row(two.uncorrected), Eigen::RowVectorXd::Ones(3), 1e-12));
    EXPECT_TRUE(close_relative(row(two.voxel_fwe), Eigen::RowVectorXd::Ones(3), 1e-12));
    EXPECT_TRUE(close_relative(row(two.tfce_uncorrected), Eigen::RowVectorXd::Ones(3), 1e-12));
  }
}

}  // namespace
}  // namespace sociometer::testing
