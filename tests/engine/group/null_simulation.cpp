#include "tests/engine/group/null_simulation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "tests/engine/group/group_goldens.hpp"

namespace sociometer::testing {
namespace {

constexpr Eigen::Index kSide = 7;
constexpr int kShuffles = 99;

Mask cube() {
  Mask mask;
  mask.grid.size = {kSide, kSide, kSide};
  for (uint32_t v = 0; v < uint32_t(kSide * kSide * kSide); ++v) mask.voxels.push_back(v);
  return mask;
}

/// White noise, smoothed by 1-2-1 along each axis.
Eigen::RowVectorXd smooth_noise(const CounterRandom& random) {
  Eigen::RowVectorXd noise(kSide * kSide * kSide), next = noise;
  for (Eigen::Index v = 0; v < noise.size(); ++v) noise[v] = random.normal(uint64_t(v));
  for (const Eigen::Index step : {Eigen::Index(1), kSide, kSide * kSide}) {
    for (Eigen::Index v = 0; v < noise.size(); ++v) {
      const Eigen::Index at = v / step % kSide;
      next[v] = noise[v] / 2 +
                ((at > 0 ? noise[v - step] : 0) + (at + 1 < kSide ? noise[v + step] : 0)) / 4;
    }
    noise = next;
  }
  return noise;
}

Eigen::MatrixXd null_study(const NullScheme& scheme, uint64_t study) {
  const Eigen::Index n = scheme.design.n_participants();
  Eigen::MatrixXd values(n, kSide * kSide * kSide);
  for (Eigen::Index i = 0; i < n; ++i) {
    values.row(i) = scheme.sd[size_t(i)] * smooth_noise(CounterRandom(study, uint64_t(i)));
    if (scheme.shared_in_block > 0) {
      const auto block = uint64_t(scheme.options.blocks[size_t(i)]);
      values.row(i) += scheme.shared_in_block * smooth_noise(CounterRandom(study, 1000 + block));
    }
  }
  for (Eigen::Index v = 0; scheme.lacks_every > 0 && v < values.cols(); v += scheme.lacks_every)
    values(v % n, v) = std::numeric_limits<double>::quiet_NaN();
  return values;
}

bool rejects(const std::vector<double>& p) {
  return *std::min_element(p.begin(), p.end()) <= 0.05 + 1e-12;
}

/// Binomial limits with probability .9995 on each side.
std::pair<int, int> limits(int n, double p) {
  std::vector<double> log_probability;
  for (int k = 0; k <= n; ++k)
    log_probability.push_back(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) -
                              std::lgamma(n - k + 1.0) + k * std::log(p) +
                              (n - k) * std::log1p(-p));
  double below = 0;
  int low = 0, high = 0;
  for (int k = 0; k <= n; ++k) {
    if (below < 0.0005) low = k;
    below += std::exp(log_probability[size_t(k)]);
    if (below < 0.9995) high = k + 1;
  }
  return {low, high};
}

}  // namespace

std::vector<NullScheme> null_schemes() {
  const auto numbers = [](int n, auto of) {
    std::vector<int> out;
    for (int i = 0; i < n; ++i) out.push_back(of(i));
    return out;
  };
  std::vector<NullScheme> out;
  const auto add = [&](const std::string& name, const Eigen::MatrixXd& design,
                       const std::string& contrast) -> NullScheme& {
    NullScheme scheme;
    scheme.name = name;
    scheme.design = design_of(design);
    scheme.contrast = contrast;
    scheme.sd.assign(size_t(design.rows()), 1);
    scheme.options.n = kShuffles;
    scheme.options.spatial.tfce = scheme.options.spatial.extent = scheme.options.spatial.mass =
        true;
    scheme.options.spatial.cluster_threshold = 1.8;
    out.push_back(scheme);
    return out.back();
  };
  const Eigen::MatrixXd ones = Eigen::MatrixXd::Ones(14, 1);
  add("one-sample flips", ones, "[1]");

  Eigen::MatrixXd samples = Eigen::MatrixXd::Zero(16, 3);
  for (Eigen::Index i = 0; i < 16; ++i) {
    samples(i, i < 7 ? 0 : 1) = 1;
    samples(i, 2) = CounterRandom(1, 1).normal(uint64_t(i)) + (i < 7 ? 0.8 : 0);
  }
  add("two samples with a nuisance covariate, Freedman-Lane", samples, "[1, -1, 0]");

  // Two and two in each block, with the block means in the design.
  Eigen::MatrixXd within = Eigen::MatrixXd::Zero(16, 5);
  for (Eigen::Index i = 0; i < 16; ++i) {
    within(i, 0) = i % 2 == 0 ? 1 : -1;
    within(i, 1 + i / 4) = 1;
  }
  NullScheme& in_blocks = add("within blocks", within, "[1, 0, 0, 0, 0]");
  in_blocks.options.blocks = numbers(16, [](int i) { return i / 4; });
  in_blocks.shared_in_block = 1;

  Eigen::MatrixXd whole(20, 2);
  for (Eigen::Index i = 0; i < 20; ++i) whole.row(i) << (i < 10 ? 1 : -1), 1;
  NullScheme& of_blocks = add("whole blocks", whole, "[1, 0]");
  of_blocks.options.blocks = numbers(20, [](int i) { return i / 2; });
  of_blocks.options.exchange = BlockExchange::whole;
  of_blocks.shared_in_block = 1.5;

  NullScheme& flips = add("variance groups, one-sample flips", ones, "[1]");
  flips.options.variance_groups = numbers(14, [](int i) { return int(i >= 7); });
  for (size_t i = 7; i < 14; ++i) flips.sd[i] = 3;

  Eigen::MatrixXd groups = Eigen::MatrixXd::Zero(16, 2);
  groups.col(0).head(8).setOnes();
  groups.col(1).tail(8).setOnes();
  NullScheme& permuted = add("variance groups, permutations", groups, "[1, -1]");
  permuted.options.variance_groups = numbers(16, [](int i) { return int(i >= 8); });

  add("two samples that lack participants", groups, "[1, -1]").lacks_every = 3;
  return out;
}

FamilyWiseErrors family_wise_errors(const NullScheme& scheme, int n_studies, int n_threads) {
  const Mask mask = cube();
  std::vector<std::array<bool, 4>> found(static_cast<size_t>(n_studies));
  parallel_for(n_studies, n_threads, [&](Eigen::Index study) {
    const Eigen::MatrixXd values = null_study(scheme, uint64_t(study) + 1);
    PermutationOptions options = scheme.options;
    options.seed = uint64_t(study);
    const ContrastPermutation test(
        {as_group_data(values), presence_patterns(values, values.rows() - 1), mask, scheme.design,
         contrast_of(scheme.contrast, scheme.design), options});
    const PermutationP p = test.p_values(test.run(0, test.shuffles().size(), 1), 1);
    found[size_t(study)] = {rejects(p.voxel_fwe), rejects(p.tfce_fwe), rejects(p.extent_fwe),
                            rejects(p.mass_fwe)};
  });
  FamilyWiseErrors out;
  for (const auto& [voxel, tfce, extent, mass] : found) {
    out.voxel += voxel;
    out.tfce += tfce;
    out.extent += extent;
    out.mass += mass;
  }
  return out;
}

void expect_level(const NullScheme& scheme, int n_studies) {
  const FamilyWiseErrors found = family_wise_errors(scheme, n_studies, 2);
  const auto [low, most] = limits(n_studies, 0.05);
  const int high = most;
  const auto expect = [&](const char* what, int n, int least) {
    EXPECT_GE(n, least) << scheme.name << ", " << what << ", of " << n_studies;
    EXPECT_LE(n, high) << scheme.name << ", " << what << ", of " << n_studies;
    ::testing::Test::RecordProperty(what, n);
  };
  expect("voxel", found.voxel, low);
  expect("TFCE", found.tfce, low);
  expect("mass", found.mass, low);
  expect("extent", found.extent, limits(n_studies, 0.05 / 3).first);
}

}  // namespace sociometer::testing
