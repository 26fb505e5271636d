// Permutation tests against exhaustive ones of PALM (tests/golden/palm/group/README.md).
#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/group/group_fit.hpp"
#include "engine/group/permutation.hpp"
#include "engine/stats/distributions.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/engine/group/permutation_cases.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

TEST(Permutation, OneSampleExhaustivelyAsPalm) {
  PermutationOptions options;
  const auto one = test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]");
  EXPECT_EQ(one.results.voxel.size(), 256u);
  EXPECT_TRUE(p_of_image(one.p.uncorrected, "palm/group/os8_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(one.p.voxel_fwe, "palm/group/os8_vox_tstat_fwep.nii.gz"));
  options.two_sided = true;
  const auto two =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(two.p.uncorrected, "palm/group/os8_two_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(two.p.voxel_fwe, "palm/group/os8_two_vox_tstat_fwep.nii.gz"));
}

TEST(Permutation, EnhancementInStepsAsPalm) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(close_relative(row(tested.maps.tfce),
                             group_map("palm/group/os8_tfce_tstat.nii.gz", peers_mask()), 1e-4, 1));
  EXPECT_TRUE(p_of_image(tested.p.tfce_fwe, "palm/group/os8_tfce_tstat_fwep.nii.gz"));
}

/// PALM with -accel tail 0.10: tails of z, whatever statistic is compared.
TEST(Permutation, ParetoTailsOfFamilyWisePAsPalm) {
  PermutationOptions options;
  options.tail = TailMethod::gpd;
  const auto of_t =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(of_t.p.voxel_fwe, "palm/group/os8_tail_vox_tstat_fwep.nii.gz"));
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const auto tested =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_image(tested.p.voxel_fwe, "palm/group/os8_tail_vox_tstat_fwep.nii.gz"));
  EXPECT_TRUE(p_of_image(tested.p.tfce_fwe, "palm/group/os8_tail_tfce_tstat_fwep.nii.gz"));
  EXPECT_LT(*std::min_element(tested.p.voxel_fwe.begin(), tested.p.voxel_fwe.end()), 1.0 / 256);
}

/// In four voxels PALM accepts a distribution that ends below values it was fitted to, or nearly so
/// (shape .92 to 7.2; p = 0 in one of them), which is not counted as a fit here.
TEST(Permutation, ParetoTailsOfUncorrectedPAsPalm) {
  PermutationOptions options;
  options.tail = TailMethod::gpd;
  const auto table =
      test(group_csv("palm/group/inputs/tab8.csv"), line(40), one_sample_design(8), "[1]", options);
  EXPECT_TRUE(p_of_table(table.p.uncorrected, "tab8_tail_dat_tstat_uncp.csv"));
  const auto image =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options);
  const Eigen::MatrixXd palm = group_map("palm/group/os8_tail_vox_tstat_uncp.nii.gz", peers_mask());
  Eigen::Index others = 0;
  for (Eigen::Index v = 0; v < palm.cols(); ++v)
    others += std::abs(image.p.uncorrected[size_t(v)] - palm(0, v)) > 1e-6;
  EXPECT_EQ(others, 4) << "of " << palm.cols();
  EXPECT_LT(*std::ranges::min_element(image.p.uncorrected), 1.0 / 256);
  EXPECT_GT(*std::ranges::min_element(image.p.uncorrected), 0);
}

TEST(Permutation, UncorrectedPOfEnhancementAsPalm) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = options.tfce_uncorrected = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const auto one =
      test(peers_effects(from_to(1, 8)), peers_mask(), one_sample_design(8), "[1]", options, 2);
  EXPECT_TRUE(p_of_image(one.p.tfce_uncorrected, "palm/group/os8_tfce_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(one.p.tfce_fwe, "palm/group/os8_tfce_tstat_fwep.nii.gz"));
}

TEST(Permutation, EnhancementOfTwoSamplesAsPalm) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const auto samples =
      test(peers_effects(four_and_four()), peers_mask(), two_groups(4), "[1, -1]", options);
  const Eigen::MatrixXd tfce = group_map("palm/group/ts44_tfce_tstat_c1.nii.gz", peers_mask());
  EXPECT_TRUE(close_relative(row(samples.maps.tfce), tfce, 1e-4, tfce.maxCoeff()));
  EXPECT_TRUE(p_of_image(samples.p.tfce_fwe, "palm/group/ts44_tfce_tstat_fwep_c1.nii.gz"));
}

/// PALM's two-sided TFCE is that of |z|: neighbours of opposite sign form one cluster. Here each
/// sign has its own clusters, and TFCE equals PALM's where the clusters have one sign.
TEST(Permutation, EnhancementOfBothSignsIsPalmsButForClustersOfBoth) {
  PermutationOptions options;
  options.compare_z = options.spatial.tfce = options.two_sided = true;
  options.spatial.tfce_steps = TfceSteps::palm;
  const Eigen::MatrixXd effects = peers_effects(from_to(1, 8));
  const Eigen::MatrixXd palm = group_map("palm/group/os8_two_tfce_tstat.nii.gz", peers_mask());
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
  EXPECT_TRUE(p_of_image(p, "palm/group/os8_two_tfce_tstat_fwep.nii.gz"));
  const auto ours = test(effects, peers_mask(), one_sample_design(8), "[1]", options);
  // Each sign also has its own height steps.
  for (Eigen::Index v = 0; v < palm.cols(); ++v)
    EXPECT_LE(std::abs(ours.maps.tfce[size_t(v)]), palm(0, v) + 1e-4 * palm.maxCoeff());
}

/// p over a map and over all contrasts, for tests that share permutations.
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
        PermutationPlan{as_group_data(values), presence_patterns(values, values.rows()),
                        line(values.cols()), design, contrast_of(contrast, design), options}));
    results.push_back(tests.back()->run(0, tests.back()->shuffles().size(), 2));
  }
  OfContrasts out;
  for (size_t c = 0; c < tests.size(); ++c) {
    out.alone.push_back(tests[c]->p_values(results[c], 1));
    out.over.push_back(tests[c]->family_wise_p(over_contrasts(results)));
  }
  return out;
}

TEST(Permutation, CorrectionOverContrastsAsPalm) {
  PermutationOptions options;
  options.n = 1000;
  const auto found = test_contrasts(group_csv("palm/group/inputs/tab8.csv"), two_groups(4),
                                    {"[1, -1]", "[-1, 1]"}, options);
  for (const size_t c : {0u, 1u}) {
    const std::string end = "_c" + std::to_string(c + 1) + ".csv";
    EXPECT_TRUE(p_of_table(found.alone[c].uncorrected, "tab8_corrcon_dat_tstat_uncp" + end));
    EXPECT_TRUE(p_of_table(found.alone[c].voxel_fwe, "tab8_corrcon_dat_tstat_fwep" + end));
    // A shuffle and its mirror image have one maximum over both contrasts; PALM's rounding loses
    // one of these ties.
    const Eigen::MatrixXd palm = group_csv("palm/group/tab8_corrcon_dat_tstat_cfwep" + end);
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

/// Region values of 44 participants with seven covariates, 12 contrasts, permutations with sign
/// flips: PALM's t to all digits, its p (5,000 to 10,000 permutations) up to Monte Carlo error.
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

TEST(Permutation, TwoSamplesAsPalm) {
  const auto tested = test(peers_effects(four_and_four()), peers_mask(), two_groups(4), "[1, -1]");
  EXPECT_EQ(tested.results.voxel.size(), 70u);
  EXPECT_TRUE(p_of_image(tested.p.uncorrected, "palm/group/ts44_vox_tstat_uncp_c1.nii.gz"));
  EXPECT_TRUE(p_of_image(tested.p.voxel_fwe, "palm/group/ts44_vox_tstat_fwep_c1.nii.gz"));
}

TEST(Permutation, FreedmanLaneAsPalm) {
  const GroupDesign design = design_of(group_csv("palm/group/inputs/cov6.csv"));
  const Eigen::MatrixXd values = group_csv("palm/group/inputs/tab6.csv");
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

/// F and G are the same for the six ways to label three groups. PALM misses some of these ties by
/// rounding; here all of them count, so that p is a multiple of 6 / 1680.
void is_palms_but_for_ties(const std::vector<double>& p, const std::string& name) {
  const Eigen::MatrixXd palm = group_csv("palm/group/" + name);
  for (size_t v = 0; v < p.size(); ++v) {
    const double ways = p[v] * 1680 / 6, more = p[v] - palm(0, Eigen::Index(v));
    EXPECT_NEAR(ways, std::round(ways), 1e-9);
    EXPECT_GT(more, -0.6e-4) << name << " " << v;
    EXPECT_LT(more, 6.0 / 1680 + 0.6e-4) << name << " " << v;
  }
}

TEST(Permutation, FOfThreeGroupsAsPalm) {
  const auto tested =
      test(group_csv("palm/group/inputs/tab9.csv"), line(40),
           design_of(group_csv("palm/group/inputs/three9.csv")), "[1,-1,0]; [0,1,-1]");
  is_palms_but_for_ties(tested.p.uncorrected, "tab9_F_dat_fstat_uncp_c3.csv");
  is_palms_but_for_ties(tested.p.voxel_fwe, "tab9_F_dat_fstat_fwep_c3.csv");
}

TEST(Permutation, BlocksAsPalm) {
  const Eigen::MatrixXd values = peers_effects(from_to(1, 8));
  PermutationOptions options;
  options.blocks = {0, 0, 1, 1, 2, 2, 3, 3};
  const GroupDesign paired = design_of(group_csv("palm/group/inputs/paired8.csv"));
  const auto within = test(values, peers_mask(), paired, "[1,0,0,0,0]", options);
  EXPECT_EQ(within.results.voxel.size(), 16u);
  EXPECT_TRUE(p_of_image(within.p.uncorrected, "palm/group/paired8_eb_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(within.p.voxel_fwe, "palm/group/paired8_eb_vox_tstat_fwep.nii.gz"));
  options.exchange = BlockExchange::whole;
  const GroupDesign whole8 = design_of(group_csv("palm/group/inputs/whole8.csv"));
  const auto whole = test(values, peers_mask(), whole8, "[1, 0]", options);
  EXPECT_EQ(whole.results.voxel.size(), 6u);
  EXPECT_TRUE(p_of_image(whole.p.uncorrected, "palm/group/whole8_eb_vox_tstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(whole.p.voxel_fwe, "palm/group/whole8_eb_vox_tstat_fwep.nii.gz"));
}

/// The test with variance groups, by permutation and voxel, from the definition.
///
/// PALM compares z, but uses a third of the degrees of freedom for v: those of its G, whose sum it
/// does not divide by s (s + 2) = 3 for s = 1.
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
  EXPECT_TRUE(p_of_image(palm.uncorrected, "palm/group/ts44_vg_vox_vstat_uncp_c1.nii.gz"));
  EXPECT_TRUE(p_of_image(palm.voxel_fwe, "palm/group/ts44_vg_vox_vstat_fwep_c1.nii.gz"));
}

/// Whole-block permutation, with a variance group for each position in the block (PALM's -vg auto).
TEST(Permutation, VarianceGroupsOfBlocksAsPalm) {
  PermutationOptions options;
  options.blocks = {0, 0, 1, 1, 2, 2, 3, 3};
  options.exchange = BlockExchange::whole;
  options.variance_groups = {0, 1, 0, 1, 0, 1, 0, 1};
  const GroupDesign design = design_of(group_csv("palm/group/inputs/whole8.csv"));
  const Eigen::MatrixXd values = peers_effects(from_to(1, 8));
  is_plain_welch(values, peers_mask(), design, "[1, 0]", options);
  const auto image = plain_welch(values, design, "[1, 0]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_image(image.uncorrected, "palm/group/whole8_eb_vg_vox_vstat_uncp.nii.gz"));
  EXPECT_TRUE(p_of_image(image.voxel_fwe, "palm/group/whole8_eb_vg_vox_vstat_fwep.nii.gz"));
  const auto table =
      plain_welch(group_csv("palm/group/inputs/tab8.csv"), design, "[1, 0]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_table(table.uncorrected, "tab8_eb_vg_dat_vstat_uncp.csv"));
  EXPECT_TRUE(p_of_table(table.voxel_fwe, "tab8_eb_vg_dat_vstat_fwep.csv"));
}

TEST(Permutation, VarianceGroupsOfThreeAsPalm) {
  PermutationOptions options;
  options.variance_groups = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  const Eigen::MatrixXd values = group_csv("palm/group/inputs/tab9.csv");
  const GroupDesign design = design_of(group_csv("palm/group/inputs/three9.csv"));
  is_plain_welch(values, line(40), design, "[1, -1, 0]", options);
  const auto v = plain_welch(values, design, "[1, -1, 0]", options, 1 / 3.0);
  EXPECT_TRUE(p_of_table(v.uncorrected, "tab9_G_dat_vstat_uncp_c1.csv"));
  EXPECT_TRUE(p_of_table(v.voxel_fwe, "tab9_G_dat_vstat_fwep_c1.csv"));
  const auto g = test(values, line(40), design, "[1,-1,0]; [0,1,-1]", options);
  is_palms_but_for_ties(g.p.uncorrected, "tab9_G_dat_gstat_uncp_c3.csv");
  EXPECT_TRUE(p_of_table(g.p.voxel_fwe, "tab9_G_dat_gstat_fwep_c3.csv"));
}

}  // namespace
}  // namespace sociometer::testing
