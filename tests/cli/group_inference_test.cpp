// Tables, corrections, effect sizes and conjunctions of `sociometer group`.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/stats/multiple_comparisons.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/group_study.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// Value of an image at a position in mm.
double value_at(const Image& image, double x, double y, double z) {
  const Eigen::Vector3d at =
      (image.header.grid.world_from_voxel.inverse() * Eigen::Vector4d(x, y, z, 1)).head<3>();
  return image.values(
      image.header.grid.index(std::lround(at[0]), std::lround(at[1]), std::lround(at[2])), 0);
}

double cell(const Table& table, size_t row, const char* column) {
  const int c = table.find(column);
  EXPECT_GE(c, 0) << column;
  return c < 0 ? NAN : number_in(table, row, c);
}

TEST(GroupTables, NameTheTestedMapAndAgreeWithSpm) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({"--connectivity", "18"}), 0));
  const Table table = read_table(study / "out/contrast-intercept_clusters.tsv");
  ASSERT_GE(table.rows.size(), 3u);
  const Image t = read_nifti(study.map("intercept", "t")),
              z = read_nifti(study.map("intercept", "z"));
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const double x = cell(table, r, "x_mm"), y = cell(table, r, "y_mm"),
                 mm = cell(table, r, "z_mm");
    EXPECT_NEAR(cell(table, r, "statistic"), value_at(t, x, y, mm), 1e-5);
    EXPECT_NEAR(cell(table, r, "z_value"), value_at(z, x, y, mm), 1e-5);
  }
  // First row of spm_list: T 8.42 at (-7, -7, 3), cluster of 94; its smoothness differs by .1 %.
  EXPECT_EQ(table.rows[0][0], "1");
  EXPECT_NEAR(cell(table, 0, "statistic"), 8.42167949677, 1e-5);
  EXPECT_EQ(cell(table, 0, "x_mm"), -7);
  EXPECT_EQ(cell(table, 0, "voxels"), 94);
  EXPECT_EQ(cell(table, 0, "size_mm3"), 94 * 8);
  EXPECT_TRUE(close_number(cell(table, 0, "p_fwe_rft"), 0.000827809066513, 0.01));
  EXPECT_TRUE(close_number(cell(table, 0, "p_cluster_fwe_rft"), 1.71609222762e-05, 0.03));
  const double tdp = cell(table, 0, "true_discovery_proportion");
  EXPECT_TRUE(tdp > 0 && tdp <= 1);
  const Json sidecar = read_json(study / "out/contrast-intercept_clusters.json");
  EXPECT_NEAR(double(sidecar["ClusterFormingThreshold"]), 3.7328344, 1e-6);
  EXPECT_NEAR(double(sidecar["RandomField"]["PeakThreshold"]), 5.933, 0.005);
  EXPECT_EQ(sidecar["Tests"], 3640);
  EXPECT_EQ(sidecar["Method"], "ols");
}

TEST(GroupTables, SmoothnessAndVolumeByTheOtherConventions) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(
      exits_with(study.run({"--smoothness", "differences", "--rft-clusters", "volume"}), 0));
  const Json field = read_json(study / "out/contrast-intercept_clusters.json")["RandomField"];
  EXPECT_EQ(field["ClusterVolume"], "volume");
  for (int d = 0; d < 3; ++d) EXPECT_NEAR(double(field["FwhmMm"][size_t(d)]), 7.0, 1.0);
}

TEST(GroupTables, PeaksAndClustersHaveThePByPermutationOfRandomise) {
  const GroupStudy study(1, 8);
  // p of t > 2.365 with 7 degrees of freedom: the threshold given to randomise.
  ASSERT_TRUE(exits_with(study.run({"--permutations", "1000", "--statistic", "voxel,extent,mass",
                                    "--cluster-forming-p", "0.02498619"}),
                         0));
  const Table table = read_table(study / "out/contrast-intercept_clusters.tsv");
  const auto theirs = [](const char* name) {
    return read_nifti(golden(std::string("fsl/group/os8_") + name + "_corrp_tstat1.nii.gz"));
  };
  const Image voxel = theirs("vox"), extent = theirs("clustere"), mass = theirs("clusterm");
  size_t clusters = 0;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const double x = cell(table, r, "x_mm"), y = cell(table, r, "y_mm"), z = cell(table, r, "z_mm");
    EXPECT_NEAR(cell(table, r, "p_fwe_permutation"), 1 - value_at(voxel, x, y, z), 1e-6);
    const bool sub_peak = table.rows[r][0].find_first_of("abc") != std::string::npos;
    EXPECT_EQ(std::isnan(cell(table, r, "p_extent_permutation")), sub_peak);
    if (sub_peak) continue;
    ++clusters;
    EXPECT_NEAR(cell(table, r, "p_extent_permutation"), 1 - value_at(extent, x, y, z), 1e-6);
    EXPECT_NEAR(cell(table, r, "p_mass_permutation"), 1 - value_at(mass, x, y, z), 1e-6);
  }
  EXPECT_GT(clusters, 3u);
  EXPECT_LT(clusters, table.rows.size());
  EXPECT_LT(table.find("p_tfce_permutation"), 0);
  EXPECT_TRUE(read_json(study / "out/contrast-intercept_clusters.json")["Columns"].contains(
      "p_extent_permutation"));
}

TEST(GroupTables, BothSidesAreReported) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({"--sided", "two", "--cluster-forming-p", "0.002"}), 0));
  const Table table = read_table(study / "out/contrast-intercept_clusters.tsv");
  int up = 0, down = 0;
  for (size_t r = 0; r < table.rows.size(); ++r) (cell(table, r, "statistic") > 0 ? up : down) += 1;
  EXPECT_GT(up, 0);
  EXPECT_GT(down, 0);
}

TEST(GroupTables, AtlasLabelsAtPeaksAndSharesOfClusters) {
  const GroupStudy study(1, 16);
  write_text(study / "names.tsv", "index\tname\n1\tthere\n");
  const std::string atlas = golden("fsl/group/cl_index.nii.gz");
  ASSERT_TRUE(exits_with(study.run({"--atlas", atlas, "--atlas-labels", study / "names.tsv"}), 0));
  const Table table = read_table(study / "out/contrast-intercept_clusters.tsv");
  const int label = table.find("label_cl_index"), share = table.find("share_cl_index");
  ASSERT_TRUE(label >= 0 && share >= 0);
  const Image image = read_nifti(atlas);
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const double at =
        value_at(image, cell(table, r, "x_mm"), cell(table, r, "y_mm"), cell(table, r, "z_mm"));
    EXPECT_EQ(table.rows[r][size_t(label)], at == 1 ? "there" : "none");
  }
  EXPECT_NE(table.rows[0][size_t(share)].find(" %"), std::string::npos);
}

TEST(GroupTables, VoxelsWithOtherDegreesOfFreedomAreComparedByZ) {
  GroupStudy study(1, 16);
  study.put_nan(2, 10);
  ASSERT_TRUE(exits_with(study.run({"--min-participants", "12"}), 0));
  const Json sidecar = read_json(study / "out/contrast-intercept_clusters.json");
  EXPECT_EQ(sidecar["TestedStatistic"], "z");
  EXPECT_NEAR(double(sidecar["ClusterFormingThreshold"]), 3.0902323061678, 1e-9);
}

TEST(GroupCorrections, AreThoseOfTheMapsPValues) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(
      exits_with(study.run({"--corrections", "fdr,bonferroni,holm,fdr-by,rft", "--no-tables"}), 0));
  const Mask mask = read_mask(study.mask);
  const Eigen::VectorXd p = masked(study.map("intercept", "p"), mask);
  for (const auto& [name, kind] : {std::pair{"pfdr", Adjustment::benjamini_hochberg},
                                   {"pbonferroni", Adjustment::bonferroni},
                                   {"pholm", Adjustment::holm},
                                   {"pfdrby", Adjustment::benjamini_yekutieli}}) {
    const std::vector<double> q = adjusted_p(std::span(p.data(), size_t(p.size())), kind);
    EXPECT_TRUE(close_relative(masked(study.map("intercept", name), mask),
                               Eigen::Map<const Eigen::VectorXd>(q.data(), p.size()), 1e-8, 1e-12))
        << name;
  }
  const Eigen::VectorXd rft = masked(study.map("intercept", "prft"), mask),
                        bonferroni = masked(study.map("intercept", "pbonferroni"), mask);
  EXPECT_TRUE((rft.array() <= bonferroni.array() + 1e-12).all());
  EXPECT_TRUE(names_ending_in(study / "out", "_clusters.tsv").empty());
}

TEST(GroupEffectSizes, DGAndBayesFactorsOfOneSample) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(
      exits_with(study.run({"--effect-size", "--bayes-factor", "--map-type", "float64"}), 0));
  const Mask mask = read_mask(study.mask);
  const auto map = [&](const char* stat) { return masked(study.map("intercept", stat), mask); };
  const Eigen::MatrixXd d = map("t") / 4;  // sqrt(16)
  EXPECT_TRUE(close_by_column(map("d"), d, 1e-12));
  EXPECT_TRUE((map("dlower").array() < d.array()).all() &&
              (map("dupper").array() > d.array()).all());
  EXPECT_TRUE(close_by_column(map("g"), d * 0.9490075871427025, 1e-9));  // J(15)
  // ln BF10 increases with |t|, so the maxima of both are at one voxel.
  Eigen::Index at_t, at_bf;
  map("t").col(0).cwiseAbs().maxCoeff(&at_t);
  map("logbf").col(0).maxCoeff(&at_bf);
  EXPECT_EQ(at_t, at_bf);
  const auto prior = [&](const std::string& contrast, const std::string& out) {
    return read_json(study / (out + "/contrast-" + contrast + "_stat-logbf_statmap.json"))["Prior"];
  };
  EXPECT_NEAR(double(prior("intercept", "out")["CauchyScale"]), 0.7071, 1e-4);
  // A covariate has the prior of a slope, and its unit does not matter.
  std::string years = "one\tage\n", months = years;
  for (int i = 0; i < 16; ++i) {
    years += fmt::format("1\t{}\n", 20 + i * 7 % 16);
    months += fmt::format("1\t{}\n", 12 * (20 + i * 7 % 16));
  }
  write_text(study / "years.tsv", years);
  write_text(study / "months.tsv", months);
  for (const char* unit : {"years", "months"})
    ASSERT_TRUE(exits_with(study.run({"--bayes-factor", "--contrast", "age", "--design",
                                      study / (std::string(unit) + ".tsv")},
                                     unit),
                           0));
  EXPECT_NEAR(double(prior("age", "years")["CauchyScale"]), 0.35355, 1e-5);
  EXPECT_TRUE(close_relative(masked(study.map("age", "logbf", "months"), mask),
                             masked(study.map("age", "logbf", "years"), mask), 1e-5, 1));
}

TEST(GroupConjunction, IsTheLargestPOfItsContrasts) {
  const GroupStudy study(1, 16);
  std::string design = "a\tb\n";
  for (int i = 0; i < 16; ++i) design += i < 8 ? "1\t0\n" : "0\t1\n";
  write_text(study / "design.tsv", design);
  ASSERT_TRUE(exits_with(study.run({"--design", study / "design.tsv", "--contrast", "first=a",
                                    "second=b", "--f-contrast", "any=a;b", "--conjunction",
                                    "both = first & second", "--cluster-forming-p", "0.01"}),
                         0));
  const Mask mask = read_mask(study.mask);
  const Eigen::ArrayXd p = masked(study.map("both", "p"), mask).col(0);
  const Eigen::ArrayXd first = masked(study.map("first", "p"), mask).col(0),
                       second = masked(study.map("second", "p"), mask).col(0);
  EXPECT_TRUE((p == first.max(second)).all());
  EXPECT_EQ(read_json(study / "out/contrast-both_clusters.json")["TestedStatistic"], "z");
  EXPECT_EQ(read_json(study / "out/contrast-any_clusters.json")["TestedStatistic"], "F");
}

TEST(GroupInference, SameBytesOnAnyNumberOfThreads) {
  const GroupStudy study(1, 16);
  for (const char* threads : {"1", "3"})
    ASSERT_TRUE(exits_with(
        study.run({"-j", threads, "--effect-size", "--bayes-factor", "--corrections", "rft,fdr"},
                  std::string("j") + threads),
        0));
  EXPECT_TRUE(same_files(study / "j1", study / "j3", ".nii.gz"));
  EXPECT_TRUE(same_files(study / "j1", study / "j3", ".tsv"));
}

TEST(GroupInference, RefusesInOneLine) {
  const GroupStudy study(1, 16);
  const auto refuses = [&](const Words& words, int code, const Words& told) {
    EXPECT_TRUE(fails_with(study.run(words), code, told));
    EXPECT_TRUE(everything_in(study / "out").empty());
  };
  refuses({"--sided", "three"}, 2, {"sided 'three'", "one, two"});
  refuses({"--cluster-forming-p", "0"}, 2, {"--cluster-forming-p", "0"});
  refuses({"--smoothness", "acf"}, 2, {"smoothness 'acf'", "local, differences"});
  refuses({"--connectivity", "8"}, 2, {"--connectivity", "8", "26"});
  refuses({"--corrections", "tukey"}, 2, {"tukey", "bonferroni"});
  refuses({"--method", "robust", "--effect-size"}, 2, {"--effect-size", "robust"});
  refuses({"--atlas", golden("simulated/group/effect_01.nii.gz")}, 3,
          {"effect_01", "whole numbers"});
  refuses({"--atlas", study / "nowhere.nii.gz"}, 3, {"nowhere.nii.gz"});
  refuses({"--atlas-labels", study / "x.tsv"}, 2, {"--atlas-labels", "--atlas"});
  refuses({"--conjunction", "both=intercept"}, 2, {"both=intercept", "NAME=CONTRAST&CONTRAST"});
  refuses({"--conjunction", "both=intercept&age"}, 2, {"age", "intercept"});
}

}  // namespace
}  // namespace sociometer::testing
