// Permutation tests against exhaustive ones of peers (tests/golden/group/*/README.md).
#include "engine/group/permutation.hpp"

#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/group/group_fit.hpp"
#include "engine/stats/distributions.hpp"
#include "io/nifti.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/engine/group/group_goldens.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Eigen::MatrixXd row(const std::vector<double>& v) {
  return Eigen::Map<const Eigen::RowVectorXd>(v.data(), Eigen::Index(v.size()));
}

struct Tested {
  PermutationP p;
  SpatialMaps maps;
  ShuffleResults results;
};

Tested test(const Eigen::MatrixXd& values, const Mask& mask, const GroupDesign& design,
            const std::string& contrast, PermutationOptions options = {}, int n_threads = 1) {
  if (options.n == 0) options.n = 100000;
  const ContrastPermutation permutation(values, presence_patterns(values, values.rows()), mask,
                                        design, contrast_of(contrast, design), options);
  const auto results = permutation.run(0, permutation.shuffles().size(), n_threads);
  return {permutation.p_values(results), permutation.observed(), results};
}

/// A mask for tables of single voxels.
Mask line(Eigen::Index n) {
  Mask mask;
  mask.grid.size = {n, 1, 1};
  for (uint32_t v = 0; v < uint32_t(n); ++v) mask.voxels.push_back(v);
  return mask;
}

::testing::AssertionResult p_of_table(const std::vector<double>& p, const std::string& name) {
  return close_relative(row(p), group_csv("palm/" + name), 0.5001e-4, 1);
}
::testing::AssertionResult p_of_image(const std::vector<double>& p, const std::string& name,
                                      bool one_minus = false) {
  const Eigen::MatrixXd image = group_map(name, peers_mask());
  const Eigen::MatrixXd expected = one_minus ? Eigen::MatrixXd(1 - image.array()) : image;
  return close_relative(row(p), expected, 1e-6, 1);
}

TEST(Permutation, OneSampleExhaustivelyAsPalm) {
  PermutationOptions options;
  const auto one = test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]");
  EXPECT_EQ(one.results.voxel.size(), 256u);
  EXPECT_TRUE(p_of_image(one.p.uncorrected, "palm/os8_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(one.p.voxel_fwe, "palm/os8_vox_tstat_fwep.nii.gz"));
  options.two_sided = true;
  const auto two =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(two.p.uncorrected, "palm/os8_two_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(two.p.voxel_fwe, "palm/os8_two_vox_tstat_fwep.nii.gz"));
}

TEST(Permutation, OneSampleClustersAsRandomise) {
  PermutationOptions options;
  options.spatial.extent = options.spatial.mass = true;
  options.spatial.cluster_threshold = 2.365;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(tested.p.voxel_fwe, "fsl/os8_vox_corrp_tstat1.nii.gz", true));
  EXPECT_TRUE(p_of_image(tested.p.uncorrected, "fsl/os8_vox_p_tstat1.nii.gz", true));
  EXPECT_TRUE(p_of_image(tested.p.extent_fwe, "fsl/os8_clustere_corrp_tstat1.nii.gz", true));
  EXPECT_TRUE(p_of_image(tested.p.mass_fwe, "fsl/os8_clusterm_corrp_tstat1.nii.gz", true));
}

TEST(Permutation, EnhancementInStepsAsPalm) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(close_relative(row(tested.maps.tfce),
                             group_map("palm/os8_tfce_tstat.nii.gz", peers_mask()), 1e-4, 1));
  EXPECT_TRUE(p_of_image(tested.p.tfce_fwe, "palm/os8_tfce_tstat_fwep.nii.gz"));
}

/// PALM with -accel tail 0.10, statistics as z.
TEST(Permutation, ParetoTailsOfFamilyWisePAsPalm) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  options.tail = TailMethod::gpd;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(tested.p.voxel_fwe, "palm/os8_tail_vox_tstat_fwep.nii.gz"));
  EXPECT_TRUE(p_of_image(tested.p.tfce_fwe, "palm/os8_tail_tfce_tstat_fwep.nii.gz"));
  EXPECT_LT(*std::min_element(tested.p.voxel_fwe.begin(), tested.p.voxel_fwe.end()), 1.0 / 256);
}

/// The tail of 500 shuffles tells how rare the largest values of other 20,000 are.
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

/// randomise takes the outermost voxels of the image out of clusters.
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

TEST(Permutation, EnhancementOfTwoSamplesAsPalm) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const auto samples =
      test(peers_effects(four_and_four()), peers_mask(), two_groups(4), "[1, -1]", options);
  const Eigen::MatrixXd tfce = group_map("palm/ts44_tfce_tstat_c1.nii.gz", peers_mask());
  EXPECT_TRUE(close_relative(row(samples.maps.tfce), tfce, 1e-4, tfce.maxCoeff()));
  EXPECT_TRUE(p_of_image(samples.p.tfce_fwe, "palm/ts44_tfce_tstat_fwep_c1.nii.gz"));
}

/// PALM's two-sided TFCE is that of |z|: neighbours of opposite sign are one cluster. Here each
/// sign has clusters of its own, and TFCE is PALM's where the clusters are of one sign.
TEST(Permutation, EnhancementOfBothSignsIsPalmsButForClustersOfBoth) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = options.two_sided = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const Eigen::MatrixXd effects = peers_effects(from_to(1, 8));
  const Eigen::MatrixXd palm = group_map("palm/os8_two_tfce_tstat.nii.gz", peers_mask());
  const SpatialStatistics spatial(peers_mask(), options.spatial);
  auto work = spatial.workspace();
  std::vector<double> null, observed;
  for (int flips = 0; flips < 256; ++flips) {
    Eigen::MatrixXd y = effects;
    for (int i = 0; i < 8; ++i)
      if (flips >> i & 1) y.row(i) *= -1;
    const Eigen::RowVectorXd mean = y.colwise().mean(),
                             sd = ((y.rowwise() - mean).colwise().squaredNorm() / 7).cwiseSqrt();
    std::vector<float> z;
    for (Eigen::Index v = 0; v < y.cols(); ++v)
      z.push_back(float(std::abs(z_from_t(mean[v] / sd[v] * std::sqrt(8.0), 7))));
    if (flips == 0) observed = spatial.maps(z, 1, work).tfce;
    null.push_back(spatial.maxima(z, 1, work).tfce);
  }
  EXPECT_TRUE(close_relative(row(observed), palm, 1e-4, palm.maxCoeff()));
  std::vector<double> p;
  for (const double x : observed)
    p.push_back(double(std::count_if(null.begin(), null.end(),
                                     [&](double n) { return n >= x * (1 - 1e-6); })) /
                256);
  EXPECT_TRUE(p_of_image(p, "palm/os8_two_tfce_tstat_fwep.nii.gz"));
  const auto ours = test(effects, peers_mask(), one_sample_design(8), "[1]", options);
  // The signs have steps of their own, too.
  for (Eigen::Index v = 0; v < palm.cols(); ++v)
    EXPECT_LE(std::abs(ours.maps.tfce[size_t(v)]), palm(0, v) + 1e-4 * palm.maxCoeff());
}

/// p over a map and over all contrasts, of tests that are shuffled alike.
struct OfContrasts {
  std::vector<PermutationP> alone, over;
};
OfContrasts test_contrasts(const Eigen::MatrixXd& values, const GroupDesign& design,
                           const std::vector<std::string>& contrasts,
                           const PermutationOptions& options) {
  std::vector<std::unique_ptr<ContrastPermutation>> tests;
  std::vector<ShuffleResults> results;
  for (const auto& contrast : contrasts) {
    tests.push_back(std::make_unique<ContrastPermutation>(
        values, presence_patterns(values, values.rows()), line(values.cols()), design,
        contrast_of(contrast, design), options));
    results.push_back(tests.back()->run(0, tests.back()->shuffles().size(), 2));
  }
  OfContrasts out;
  for (size_t c = 0; c < tests.size(); ++c) {
    out.alone.push_back(tests[c]->p_values(results[c]));
    out.over.push_back(tests[c]->p_values(over_contrasts(results)));
  }
  return out;
}

TEST(Permutation, CorrectionOverContrastsAsPalm) {
  PermutationOptions options;
  options.n = 1000;
  const auto found = test_contrasts(group_csv("palm/inputs/tab8.csv"), two_groups(4),
                                    {"[1, -1]", "[-1, 1]"}, options);
  for (const size_t c : {0u, 1u}) {
    const std::string end = "_c" + std::to_string(c + 1) + ".csv";
    EXPECT_TRUE(p_of_table(found.alone[c].uncorrected, "tab8_corrcon_dat_tstat_uncp" + end));
    EXPECT_TRUE(p_of_table(found.alone[c].voxel_fwe, "tab8_corrcon_dat_tstat_fwep" + end));
    // A shuffle and its mirror image have one maximum over both contrasts; PALM's rounding loses
    // one of these ties.
    const Eigen::MatrixXd palm = group_csv("palm/tab8_corrcon_dat_tstat_cfwep" + end);
    int others = 0;
    for (size_t v = 0; v < 40; ++v) {
      const double p = found.over[c].voxel_fwe[v], more = p - palm(0, Eigen::Index(v));
      EXPECT_NEAR(p * 35, std::round(p * 35), 1e-9);
      EXPECT_GT(more, -0.6e-4);
      EXPECT_LT(more, 1 / 70.0 + 0.6e-4);
      others += more > 0.6e-4;
    }
    EXPECT_LE(others, 2);
  }
}

/// Region values of 44 people with seven covariates, 12 contrasts, permutations with sign flips:
/// PALM's t to its digits, its p (5,000 to 10,000 shuffles) but for the draws.
TEST(Permutation, RealCovariatesAndContrastsAsPalm) {
  SOCIOMETER_NEEDS_DATA(folder, "palm_roi_istart");
  const auto numbers = [](const std::string& path) {
    std::string bytes = read_bytes(path);
    std::replace(bytes.begin(), bytes.end(), ',', ' ');
    std::istringstream text(bytes);
    std::vector<double> out;
    for (double x; text >> x;) out.push_back(x);
    return out;
  };
  PermutationOptions options;
  options.scheme = ShuffleScheme::both;
  options.n = 10000;
  options.seed = 3;
  for (const std::string what : {"act_outcome", "ppi_outcome", "act_domain"}) {
    const GroupDesign design = design_of(fsl_matrix(
        folder + (what == "act_domain" ? "/design_contrast.mat" : "/design_average.mat")));
    const auto data = numbers(folder + "/data/" + what + ".csv");
    const auto n = Eigen::Index(data.size()) / 44;
    ASSERT_EQ(n, what == "ppi_outcome" ? 5 : 1);
    const Eigen::MatrixXd values =
        Eigen::Map<const Eigen::MatrixXd>(data.data(), n, 44).transpose();
    std::vector<std::string> contrasts;
    const Eigen::MatrixXd weights = fsl_matrix(folder + "/design.con");
    for (Eigen::Index c = 0; c < weights.rows(); ++c) {
      std::string text;
      for (Eigen::Index k = 0; k < weights.cols(); ++k)
        text += (k > 0 ? ", " : "[") + std::to_string(int(weights(c, k)));
      contrasts.push_back(text + "]");
    }
    ASSERT_EQ(contrasts.size(), 12u);
    const auto found = test_contrasts(values, design, contrasts, options);
    const std::string stem =
        folder + "/output_corrcon_ise_ee/test_" + what + "_ee_output/" + what + "_ee_dat_tstat";
    for (size_t c = 0; c < contrasts.size(); ++c) {
      const std::string end = "_c" + std::to_string(c + 1) + ".csv";
      const auto fit = fit_ols(values, presence_patterns(values, 44), design,
                               contrast_of(contrasts[c], design), 1);
      const auto t = numbers(stem + end);
      for (Eigen::Index v = 0; v < n; ++v)
        EXPECT_NEAR(fit.statistic[v], t.at(size_t(v)), 6e-5) << what << contrasts[c];
      for (const auto& [ours, kind] : {std::pair{&found.alone[c].uncorrected, "_uncp"},
                                       {&found.alone[c].voxel_fwe, "_fwep"},
                                       {&found.over[c].voxel_fwe, "_cfwep"}}) {
        const auto theirs = numbers(stem + kind + end);
        for (size_t v = 0; v < ours->size(); ++v) {
          const double p = theirs.at(v);
          EXPECT_NEAR((*ours)[v], p, 5 * std::sqrt(2 * p * (1 - p) / 10000) + 2e-4)
              << what << contrasts[c] << kind;
        }
      }
    }
  }
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
  const Eigen::MatrixXd expected = group_map("fsl/os8_tfce_tstat1.nii.gz", mask);
  EXPECT_TRUE(close_relative(row(tested.maps.tfce), expected, 1e-4, expected.maxCoeff()));
  const Eigen::MatrixXd p = 1 - group_map("fsl/os8_tfce_corrp_tstat1.nii.gz", mask).array();
  EXPECT_TRUE(close_relative(row(tested.p.tfce_fwe), p, 1e-6, 1));
}

TEST(Permutation, EnhancementInStepsAsMrtrix) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::mrtrix;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  const Eigen::MatrixXd expected = group_map("mrtrix/os8_tfce_tfce.nii.gz", peers_mask());
  EXPECT_TRUE(close_relative(row(tested.maps.tfce), expected, 1e-4, expected.maxCoeff()));
}

TEST(Permutation, TwoSamplesAsPalm) {
  const auto tested = test(peers_effects(four_and_four()), peers_mask(), two_groups(4), "[1, -1]");
  EXPECT_EQ(tested.results.voxel.size(), 70u);
  EXPECT_TRUE(p_of_image(tested.p.uncorrected, "palm/ts44_vox_tstat_uncp_c1.nii.gz"));
  EXPECT_TRUE(p_of_image(tested.p.voxel_fwe, "palm/ts44_vox_tstat_fwep_c1.nii.gz"));
}

TEST(Permutation, FreedmanLaneAsPalm) {
  const GroupDesign design = design_of(group_csv("palm/inputs/cov6.csv"));
  const Eigen::MatrixXd values = group_csv("palm/inputs/tab6.csv");
  const auto orders = test(values, line(40), design, "[1, 0, 0]");
  EXPECT_EQ(orders.results.voxel.size(), 720u);
  EXPECT_TRUE(p_of_table(orders.p.uncorrected, "tab6_FL_dat_tstat_uncp.csv"));
  EXPECT_TRUE(p_of_table(orders.p.voxel_fwe, "tab6_FL_dat_tstat_fwep.csv"));
  PermutationOptions options;
  options.scheme = ShuffleScheme::flips;
  const auto flips = test(values, line(40), design, "[1, 0, 0]", options);
  EXPECT_TRUE(p_of_table(flips.p.uncorrected, "tab6_FL_ise_dat_tstat_uncp.csv"));
  EXPECT_TRUE(p_of_table(flips.p.voxel_fwe, "tab6_FL_ise_dat_tstat_fwep.csv"));
}

/// F and G are the same for the six ways to name three groups. PALM's rounding loses some of these
/// ties; here all of them count, so that p is a multiple of 6 / 1680.
void is_palms_but_for_ties(const std::vector<double>& p, const std::string& name) {
  const Eigen::MatrixXd palm = group_csv("palm/" + name);
  for (size_t v = 0; v < p.size(); ++v) {
    const double ways = p[v] * 1680 / 6, more = p[v] - palm(0, Eigen::Index(v));
    EXPECT_NEAR(ways, std::round(ways), 1e-9);
    EXPECT_GT(more, -0.6e-4) << name << " " << v;
    EXPECT_LT(more, 6.0 / 1680 + 0.6e-4) << name << " " << v;
  }
}

TEST(Permutation, FOfThreeGroupsAsPalm) {
  const auto tested = test(group_csv("palm/inputs/tab9.csv"), line(40),
                           design_of(group_csv("palm/inputs/three9.csv")), "[1,-1,0]; [0,1,-1]");
  is_palms_but_for_ties(tested.p.uncorrected, "tab9_F_dat_fstat_uncp_c3.csv");
  is_palms_but_for_ties(tested.p.voxel_fwe, "tab9_F_dat_fstat_fwep_c3.csv");
}

TEST(Permutation, BlocksAsPalm) {
  const Eigen::MatrixXd values = peers_effects(from_to(1, 8));
  PermutationOptions options;
  options.blocks = {0, 0, 1, 1, 2, 2, 3, 3};
  const GroupDesign paired = design_of(group_csv("palm/inputs/paired8.csv"));
  const auto within = test(values, peers_mask(), paired, "[1,0,0,0,0]", options);
  EXPECT_EQ(within.results.voxel.size(), 16u);
  EXPECT_TRUE(p_of_image(within.p.uncorrected, "palm/paired8_eb_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(within.p.voxel_fwe, "palm/paired8_eb_vox_tstat_fwep.nii.gz"));
  options.exchange = BlockExchange::whole;
  const GroupDesign whole8 = design_of(group_csv("palm/inputs/whole8.csv"));
  const auto whole = test(values, peers_mask(), whole8, "[1, 0]", options);
  EXPECT_EQ(whole.results.voxel.size(), 6u);
  EXPECT_TRUE(p_of_image(whole.p.uncorrected, "palm/whole8_eb_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(whole.p.voxel_fwe, "palm/whole8_eb_vox_tstat_fwep.nii.gz"));
}

/// The test with variance groups, shuffle by shuffle and voxel by voxel, from the definition.
///
/// PALM compares z, but takes a third of the degrees of freedom for v: those of its G, whose sum it
/// does not divide by s (s + 2) = 3 where s is 1.
PermutationP plain_welch(const Eigen::MatrixXd& values, const GroupDesign& design,
                         const std::string& weights, const PermutationOptions& options,
                         double share_of_dof) {
  const GroupContrast contrast = contrast_of(weights, design);
  const TestedSpace tested = tested_space(design.values, contrast);
  const Eigen::MatrixXd& Z = tested.nuisance;
  const Eigen::MatrixXd e = values - Z * (Z.transpose() * values);
  const Eigen::Index n = values.rows(),
                     n_groups = 1 + *std::max_element(options.variance_groups.begin(),
                                                      options.variance_groups.end());
  const auto p = design.values.cols();
  const Eigen::MatrixXd inverse = (design.values.transpose() * design.values).inverse(),
                        R = Eigen::MatrixXd::Identity(n, n) -
                            design.values * inverse * design.values.transpose();
  const auto z_of = [&](const Eigen::VectorXd& y) {
    const Eigen::VectorXd beta = inverse * design.values.transpose() * y, r = R * y;
    Eigen::VectorXd squares = Eigen::VectorXd::Zero(n_groups), freedom = squares, sum = squares;
    for (Eigen::Index i = 0; i < n; ++i) {
      const int g = options.variance_groups[size_t(i)];
      squares[g] += r[i] * r[i];
      freedom[g] += R(i, i);
    }
    Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(p, p);
    for (Eigen::Index i = 0; i < n; ++i) {
      const int g = options.variance_groups[size_t(i)];
      const double w = freedom[g] / squares[g];
      sum[g] += w;
      normal += w * design.values.row(i).transpose() * design.values.row(i);
    }
    const double v = (contrast.rows * beta)(0) /
                     std::sqrt((contrast.rows * normal.inverse() * contrast.rows.transpose())(0));
    const double dof =
        1 / ((1 - sum.array() / sum.sum()).square() / freedom.array()).sum() * share_of_dof;
    return z_from_t(v, dof);
  };
  const ShuffleSequence sequence(
      ShuffleSet(design.values, ShuffleScheme::permutations, options.blocks, options.exchange),
      100000, 0);
  PermutationP out;
  out.uncorrected.assign(size_t(values.cols()), 0);
  out.voxel_fwe = out.uncorrected;
  std::vector<double> observed(size_t(values.cols()));
  for (uint64_t k = 0; k < sequence.size(); ++k) {
    const Shuffle shuffle = sequence[k];
    double largest = -HUGE_VAL;
    for (size_t v = 0; v < observed.size(); ++v) {
      Eigen::VectorXd y(n);
      for (Eigen::Index i = 0; i < n; ++i) y[i] = e(shuffle.from[size_t(i)], Eigen::Index(v));
      const double z = z_of(y);
      if (k == 0) observed[v] = z - 1e-9 * std::abs(z);
      out.uncorrected[v] += double(z >= observed[v]) / double(sequence.size());
      largest = std::max(largest, z);
    }
    for (size_t v = 0; v < observed.size(); ++v)
      out.voxel_fwe[v] += double(largest >= observed[v]) / double(sequence.size());
  }
  return out;
}

void is_plain_welch(const Eigen::MatrixXd& values, const Mask& mask, const GroupDesign& design,
                    const std::string& weights, const PermutationOptions& options) {
  const auto tested = test(values, mask, design, weights, options).p;
  const auto plain = plain_welch(values, design, weights, options, 1);
  EXPECT_TRUE(close_relative(row(tested.uncorrected), row(plain.uncorrected), 1e-9, 1));
  EXPECT_TRUE(close_relative(row(tested.voxel_fwe), row(plain.voxel_fwe), 1e-9, 1));
}

TEST(Permutation, VarianceGroupsAsPalm) {
  PermutationOptions options;
  options.variance_groups = {0, 0, 0, 0, 1, 1, 1, 1};
  const Eigen::MatrixXd values = peers_effects(four_and_four());
  is_plain_welch(values, peers_mask(), two_groups(4), "[1, -1]", options);
  const auto palm = plain_welch(values, two_groups(4), "[1, -1]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_image(palm.uncorrected, "palm/ts44_vg_vox_vstat_uncp_c1.nii.gz"));
  EXPECT_TRUE(p_of_image(palm.voxel_fwe, "palm/ts44_vg_vox_vstat_fwep_c1.nii.gz"));
}

/// Blocks that move whole, with a variance group for each place in them (PALM's -vg auto).
TEST(Permutation, VarianceGroupsOfBlocksAsPalm) {
  PermutationOptions options;
  options.blocks = {0, 0, 1, 1, 2, 2, 3, 3};
  options.exchange = BlockExchange::whole;
  options.variance_groups = {0, 1, 0, 1, 0, 1, 0, 1};
  const GroupDesign design = design_of(group_csv("palm/inputs/whole8.csv"));
  const Eigen::MatrixXd values = peers_effects(from_to(1, 8));
  is_plain_welch(values, peers_mask(), design, "[1, 0]", options);
  const auto image = plain_welch(values, design, "[1, 0]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_image(image.uncorrected, "palm/whole8_eb_vg_vox_vstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(image.voxel_fwe, "palm/whole8_eb_vg_vox_vstat_fwep.nii.gz"));
  const auto table =
      plain_welch(group_csv("palm/inputs/tab8.csv"), design, "[1, 0]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_table(table.uncorrected, "tab8_eb_vg_dat_vstat_uncp.csv"));
  EXPECT_TRUE(p_of_table(table.voxel_fwe, "tab8_eb_vg_dat_vstat_fwep.csv"));
}

TEST(Permutation, VarianceGroupsOfThreeAsPalm) {
  PermutationOptions options;
  options.variance_groups = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  const Eigen::MatrixXd values = group_csv("palm/inputs/tab9.csv");
  const GroupDesign design = design_of(group_csv("palm/inputs/three9.csv"));
  is_plain_welch(values, line(40), design, "[1, -1, 0]", options);
  const auto v = plain_welch(values, design, "[1, -1, 0]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_table(v.uncorrected, "tab9_G_dat_vstat_uncp_c1.csv"));
  EXPECT_TRUE(p_of_table(v.voxel_fwe, "tab9_G_dat_vstat_fwep_c1.csv"));
  const auto g = test(values, line(40), design, "[1,-1,0]; [0,1,-1]", options);
  is_palms_but_for_ties(g.p.uncorrected, "tab9_G_dat_gstat_uncp_c3.csv");
  EXPECT_TRUE(p_of_table(g.p.voxel_fwe, "tab9_G_dat_gstat_fwep_c3.csv"));
}

TEST(Permutation, AllFlipsOfTwelveAsNilearn) {
  const Mask mask = read_mask(golden("nilearn/data/mask.nii.gz"));
  Eigen::MatrixXd values(12, mask.n_voxels());
  for (int i = 0; i < 12; ++i)
    values.row(i) = group_map("nilearn/maps/sub-" + std::string(i < 9 ? "0" : "") +
                                  std::to_string(i + 1) + "_effect.nii.gz",
                              mask);
  const auto tested = test(values, mask, one_sample_design(12), "[1]");
  ASSERT_EQ(tested.results.voxel.size(), 4096u);
  EXPECT_TRUE(close_relative(row(tested.p.voxel_fwe),
                             group_map("nilearn/exhaustive_pfwe_t_1s.nii.gz", mask), 1e-6, 1));
}

TEST(Permutation, IsTheSameForAnyThreadsAndParts) {
  PermutationOptions options;
  options.n = 200;
  options.seed = 4;
  options.two_sided = true;
  options.spatial.tfce = options.spatial.extent = true;
  options.spatial.cluster_threshold = 2;
  const Eigen::MatrixXd values = peers_effects(from_to(1, 16));
  const GroupDesign design = design_of(number_table(group_golden("mrtrix/d16age.txt")));
  const ContrastPermutation permutation(values, presence_patterns(values, 16), peers_mask(), design,
                                        contrast_of("[0, 1]", design), options);
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

/// Values that are copied block by block, as from a disk.
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
  const GroupDesign design = design_of(number_table(group_golden("mrtrix/d16age.txt")));
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
      const ContrastPermutation whole(values, patterns, peers_mask(), design, contrast, options);
      const auto expected = whole.run(0, 80, 2);
      for (const double memory : {2.5e6, 1e8}) {
        options.memory_bytes = memory;
        options.n_threads = 2;
        const ContrastPermutation passes(data, patterns, peers_mask(), design, contrast, options);
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
      EXPECT_THROW(ContrastPermutation(data, patterns, peers_mask(), design, contrast, options),
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

TEST(Permutation, SumOfStatisticsTellsTheDataApart) {
  PermutationOptions options;
  options.n = 20;
  Eigen::MatrixXd values = peers_effects(from_to(1, 16));
  const GroupDesign design = one_sample_design(16);
  const auto sum = [&] {
    return ContrastPermutation(values, presence_patterns(values, 16), peers_mask(), design,
                               contrast_of("[1]", design), options)
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

TEST(Permutation, VoxelsWithOthersAreTestedAmongThem) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(40);
  for (Eigen::Index v = 20; v < 40; ++v) values(7, v) = std::numeric_limits<double>::quiet_NaN();
  PermutationOptions options;
  options.n = 1000;
  const GroupDesign design = one_sample_design(8);
  const ContrastPermutation permutation(values, presence_patterns(values, 7), line(40), design,
                                        contrast_of("[1]", design), options);
  EXPECT_TRUE(permutation.compares_z());
  const auto p = permutation.p_values(permutation.run(0, 256, 1)).uncorrected;
  const auto alone =
      test(values.topRows(7).rightCols(20), line(20), one_sample_design(7), "[1]").p.uncorrected;
  for (size_t v = 0; v < 20; ++v) EXPECT_DOUBLE_EQ(p[20 + v], alone[v]);
}

}  // namespace
}  // namespace sociometer::testing
