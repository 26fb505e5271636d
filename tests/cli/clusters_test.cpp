// `sociometer clusters`: maps of peers and of `group`, thresholded as their programs do.
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/group_study.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

const std::string kZ = "nilearn/first_level/spm_cosine_ar1/a-b_z_score.nii.gz";

struct Thresholded {
  TemporaryFolder folder;
  CommandResult run(Words words) const {
    words.insert(words.begin(), "clusters");
    words.insert(words.end(), {"-o", folder / "out", "--log-level", "error"});
    return run_program(words);
  }
  /// The map of nilearn's golden in its mask, with nilearn's conventions.
  CommandResult run_nilearn(const Words& more) const {
    Words words{golden(kZ),     "--mask",         golden("nilearn/data/mask.nii.gz"),
                "--above-only", "--connectivity", "6",
                "--order",      "peak",           "--map-type",
                "float64"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  std::string operator/(const std::string& name) const { return folder / ("out/" + name); }
};

double number(const Table& table, size_t row, const char* column) {
  return number_in(table, row, table.find(column));
}

TEST(ClustersCommand, TableOfNilearn) {
  const Thresholded out;
  ASSERT_TRUE(exits_with(out.run_nilearn({"--value", "2", "--peak-distance", "4"}), 0));
  const Table ours = read_table(out / "a-b_z_score_clusters.tsv"),
              theirs = read_table(golden("nilearn/thresholding/clusters_thr2.0_k0_two0_md4.tsv"));
  ASSERT_EQ(ours.rows.size(), theirs.rows.size());
  for (size_t r = 0; r < ours.rows.size(); ++r) {
    EXPECT_EQ(ours.rows[r][0], theirs.rows[r][0]);
    EXPECT_NEAR(number(ours, r, "x_mm"), number_in(theirs, r, 1), 1e-4);
    EXPECT_NEAR(number(ours, r, "y_mm"), number_in(theirs, r, 2), 1e-4);
    EXPECT_NEAR(number(ours, r, "z_mm"), number_in(theirs, r, 3), 1e-4);
    EXPECT_NEAR(number(ours, r, "statistic"), number_in(theirs, r, 4), 1e-9);
  }
}

TEST(ClustersCommand, ThresholdedMapOfNilearnAndNumbersOfTheTable) {
  const Thresholded out;
  ASSERT_TRUE(
      exits_with(out.run_nilearn({"--p", "0.05", "--sided", "two", "--min-cluster-size", "5"}), 0));
  const Image ours = read_nifti(out / "a-b_z_score_stat-zThresholded_statmap.nii.gz"),
              theirs = read_nifti(golden("nilearn/thresholding/fpr0.05_k5_two1.nii.gz")),
              numbers = read_nifti(out / "a-b_z_score_seg-clusters_dseg.nii.gz");
  EXPECT_EQ((ours.values - theirs.values).cwiseAbs().maxCoeff(), 0);
  EXPECT_EQ(ours.header.statistic, "z");
  EXPECT_EQ(numbers.header.format.type, ScalarType::int32);
  const Table table = read_table(out / "a-b_z_score_clusters.tsv");
  std::set<int> up, down;
  for (size_t r = 0; r < table.rows.size(); ++r) {
    if (std::isnan(number(table, r, "voxels"))) continue;
    const int id = std::stoi(table.rows[r][0]);
    (number(table, r, "statistic") > 0 ? up : down).insert(id);
    EXPECT_EQ(double((numbers.values.array() == id).count()), number(table, r, "voxels"));
  }
  ASSERT_FALSE(up.empty());
  if (!down.empty()) {
    EXPECT_LT(*up.rbegin(), *down.begin());
  }
  EXPECT_EQ(numbers.values.maxCoeff(), double(down.empty() ? *up.rbegin() : *down.rbegin()));
}

TEST(ClustersCommand, SizesInMm3) {
  const Thresholded out, same;
  ASSERT_TRUE(exits_with(out.run_nilearn({"--value", "2", "--min-cluster-size", "210mm3"}), 0));
  ASSERT_TRUE(exits_with(same.run_nilearn({"--value", "2", "--min-cluster-size", "5"}), 0));
  EXPECT_EQ(read_bytes(out / "a-b_z_score_clusters.tsv"),
            read_bytes(same / "a-b_z_score_clusters.tsv"));
  EXPECT_EQ(read_table(out / "a-b_z_score_clusters.tsv").rows.size(), 5u);
}

/// FSL's cluster -d DLH: the smoothness of that DLH, the volume alone.
TEST(ClustersCommand, ClusterOfFsl) {
  const Thresholded out;
  ASSERT_TRUE(exits_with(
      out.run({golden("fsl/group/one_flame1/zstat1.nii.gz"), "--mask",
               golden("simulated/group/mask.nii.gz"), "--value", "2.3", "--above-only",
               "--cluster-fwe", "0.05", "--rft-clusters", "volume", "--fwhm", "13.27151"}),
      0));
  const Table ours = read_table(out / "zstat1_clusters.tsv"),
              theirs = read_table(golden("fsl/group/cl_table.txt"));
  EXPECT_EQ(number(ours, 0, "voxels"), number_in(theirs, 0, 1));
  EXPECT_NEAR(number(ours, 0, "p_cluster_fwe_rft"), number_in(theirs, 0, 2), 1e-4);
  const Image index = read_nifti(golden("fsl/group/cl_index.nii.gz")),
              numbers = read_nifti(out / "zstat1_seg-clusters_dseg.nii.gz");
  EXPECT_EQ(numbers.values, index.values);
  EXPECT_EQ(read_json(out / "zstat1_clusters.json")["StatisticFrom"], "intent code");
}

/// The degrees of freedom are those of SPM's description.
TEST(ClustersCommand, TableOfSpm) {
  const Thresholded out;
  ASSERT_TRUE(
      exits_with(out.run({golden("spm/group/onesample/spmT_0001.nii.gz"), "--mask",
                          golden("simulated/group/mask.nii.gz"), "--p", "0.001", "--connectivity",
                          "18", "--order", "peak", "--peak-distance", "4", "--max-peaks", "3",
                          "--fwhm", "7.17755327416,7.19751124952,7.28435084390"}),
                 0));
  const Table ours = read_table(out / "spmT_0001_clusters.tsv");
  ASSERT_EQ(ours.rows.size(), 3u);
  const double voxels[] = {94, 18, 3}, t[] = {8.42167949677, 6.8021979332, 4.0679564476},
               peak_p[] = {0.000827809066513, 0.0108662020608, 0.634702719191},
               cluster_p[] = {1.71609222762e-05, 0.0301282997359, 0.336597624162};
  for (size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(number(ours, r, "voxels"), voxels[r]);
    EXPECT_TRUE(close_number(number(ours, r, "statistic"), t[r], 1e-6));
    // SPM's table has the random field alone; ours is Bonferroni's p where that is lower.
    if (r < 2) {
      EXPECT_TRUE(close_number(number(ours, r, "p_fwe_rft"), peak_p[r], 1e-5));
    } else {
      EXPECT_LT(number(ours, r, "p_fwe_rft"), peak_p[r]);
    }
    EXPECT_TRUE(close_number(number(ours, r, "p_cluster_fwe_rft"), cluster_p[r], 1e-5));
  }
  const Json record = read_json(out / "spmT_0001_clusters.json");
  EXPECT_EQ(record["TestedDegreesOfFreedom"], 15);
  EXPECT_NEAR(double(record["RandomField"]["PeakThreshold"]), 5.93284204817, 1e-5);
}

/// `group` writes both images; `clusters` of its t map makes the same from the sidecar alone.
TEST(ClustersCommand, RepeatsWhatGroupWrites) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({"--sided", "two"}), 0));
  const Thresholded out;
  ASSERT_TRUE(exits_with(
      out.run({study.map("intercept", "t"), "--mask", study.mask, "--p", "0.001", "--sided", "two",
               "--smoothness-of", study / "out/contrast-intercept_clusters.json"}),
      0));
  for (const char* name : {"_stat-tThresholded_statmap.nii.gz", "_seg-clusters_dseg.nii.gz"}) {
    const Image ours = read_nifti(out / ("contrast-intercept" + std::string(name))),
                groups = read_nifti(study / ("out/contrast-intercept" + std::string(name)));
    EXPECT_EQ(ours.values, groups.values) << name;
    EXPECT_GT(groups.values.maxCoeff(), 0);
  }
  const Table ours = read_table(out / "contrast-intercept_clusters.tsv"),
              groups = read_table(study / "out/contrast-intercept_clusters.tsv");
  ASSERT_EQ(ours.rows.size(), groups.rows.size());
  ASSERT_EQ(ours.names, groups.names);
  for (size_t r = 0; r < ours.rows.size(); ++r)
    for (const char* column : {"voxels", "statistic", "q_fdr", "p_cluster_fwe_rft"}) {
      const double a = number(ours, r, column), b = number(groups, r, column);
      // The map on disk is float32.
      EXPECT_TRUE((std::isnan(a) && std::isnan(b)) || close_number(a, b, 1e-4)) << column << r;
    }
  const Json sidecar = read_json(study / "out/contrast-intercept_stat-tThresholded_statmap.json");
  EXPECT_EQ(sidecar["Statistic"], "tThresholded");
  EXPECT_EQ(sidecar["Sided"], "two");
}

/// p maps and thresholded ones say in their sidecars more than an intent code can.
TEST(ClustersCommand, TakesEveryMapOfAGroup) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({"--permutations", "50", "--statistic", "voxel,tfce"}), 0));
  size_t n_maps = 0;
  for (const auto& file : std::filesystem::directory_iterator(study / "out")) {
    const std::string path = file.path().string();
    if (!path.ends_with("_statmap.nii.gz")) continue;
    const Thresholded out;
    EXPECT_TRUE(exits_with(out.run({path, "--value", "0.5"}), 0)) << path;
    ++n_maps;
  }
  EXPECT_GT(n_maps, 8u);
}

/// A sidecar of another map, or a damaged one, would give thresholds that are far too low.
TEST(ClustersCommand, RefusesDegreesOfFreedomThatContradictTheHeader) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({}), 0));
  const std::string map = study.map("intercept", "t");
  const std::string path = map.substr(0, map.size() - 7) + ".json";
  const Json good = read_json(path);
  const auto refused = [&](const Json& changes, const Words& words) {
    Json json = good;
    json.merge_patch(changes);
    write_text(path, json.dump());
    const Thresholded out;
    return fails_with(out.run({map, "--p", "0.001"}), 3, words);
  };
  EXPECT_TRUE(refused({{"Contrast", {{"DegreesOfFreedom", 500}}}}, {"500", "15"}));
  EXPECT_TRUE(refused({{"Contrast", {{"DegreesOfFreedom", nullptr}}}}, {"inf", "15"}));
  EXPECT_TRUE(refused({{"Contrast", {{"DegreesOfFreedom", -5}}}}, {"-5"}));
  EXPECT_TRUE(refused({{"Statistic", "z"}}, {"its sidecar says z, its header t"}));
  write_text(path, good.dump());
  const Thresholded out;
  EXPECT_TRUE(exits_with(out.run({map, "--p", "0.001"}), 0));
}

TEST(ClustersCommand, SmallVolumesHaveTheirOwnCorrections) {
  const Thresholded out;
  const std::string roi = golden("fsl/group/cl_index.nii.gz");
  ASSERT_TRUE(exits_with(out.run({golden("fsl/group/one_flame1/zstat1.nii.gz"), "--mask",
                                  golden("simulated/group/mask.nii.gz"), "--rft", "0.05", "--fwhm",
                                  "7", "--svc", "blob=" + roi}),
                         0));
  const Json whole = read_json(out / "zstat1_clusters.json"),
             part = read_json(out / "zstat1_svc-blob_clusters.json");
  EXPECT_EQ(whole["Tests"], 3640);
  EXPECT_EQ(part["Tests"], 233);
  EXPECT_EQ(part["SmallVolume"], "blob");
  EXPECT_LT(double(part["ClusterFormingThreshold"]), double(whole["ClusterFormingThreshold"]));
  EXPECT_EQ(part["RandomField"]["FwhmMm"], whole["RandomField"]["FwhmMm"]);
  EXPECT_TRUE(std::filesystem::exists(out / "zstat1_svc-blob_seg-clusters_dseg.nii.gz"));
}

TEST(ClustersCommand, NoClusterIsAResult) {
  const Thresholded out;
  ASSERT_TRUE(exits_with(out.run_nilearn({"--value", "50"}), 0));
  const Table table = read_table(out / "a-b_z_score_clusters.tsv");
  EXPECT_TRUE(table.rows.empty());
  EXPECT_GE(table.find("statistic"), 0);
  EXPECT_EQ(read_nifti(out / "a-b_z_score_seg-clusters_dseg.nii.gz").values.cwiseAbs().maxCoeff(),
            0);
  const CommandResult told =
      run_program({"clusters", golden(kZ), "--bonferroni", "1e-9", "-o", out.folder / "other"});
  EXPECT_TRUE(exits_with(told, 0));
  EXPECT_NE(told.err.find("no cluster"), std::string::npos) << told.err;
}

TEST(ClustersCommand, AMapOfOtherValuesHasClustersWithoutP) {
  const Thresholded out;
  ASSERT_TRUE(exits_with(
      out.run({golden("simulated/group/effect_01.nii.gz"), "--value", "1", "--statistic", "other"}),
      0));
  const Table table = read_table(out / "effect_01_clusters.tsv");
  ASSERT_FALSE(table.rows.empty());
  EXPECT_TRUE(std::isnan(number(table, 0, "p_uncorrected")));
  EXPECT_GE(number(table, 0, "statistic"), 1);
}

TEST(ClustersCommand, RefusesInOneLine) {
  const std::string z = golden(kZ), t = golden("fsl/group/one_flame1/tstat1.nii.gz"),
                    f = golden("nilearn/first_level/spm_cosine_ar1/F_stat.nii.gz"),
                    effect = golden("simulated/group/effect_01.nii.gz"),
                    series = golden("nilearn/data/run-1_bold.nii.gz"),
                    other = golden("simulated/group/mask.nii.gz");
  struct Case {
    Words words;
    int code;
    Words named;
  };
  const std::vector<Case> cases{
      {{series, "--statistic", "z"}, 3, {"120 volumes", "3D"}},
      {{t, "--p", "0.01"}, 3, {"degrees of freedom", "--dof"}},
      {{effect, "--p", "0.01"}, 3, {"--statistic", "--value"}},
      {{z, "--p", "1.5"}, 2, {"--p", "1.5", "between 0 and 1"}},
      {{z, "--fdr", "0"}, 2, {"--fdr", "0"}},
      {{z, "--value", "-2"}, 2, {"--value", "-2"}},
      {{z, "--mask", other}, 3, {"12x14x10", "20x22x18"}},
      {{z, "--svc", other}, 3, {"12x14x10", "20x22x18"}},
      {{z, "--rft", "0.05"}, 2, {"--rft", "--fwhm"}},
      {{z, "--cluster-fwe", "0.05"}, 2, {"--cluster-fwe", "--fwhm"}},
      {{z, "--fwhm", "0"}, 2, {"--fwhm", "0"}},
      {{z, "--dof", "3"}, 2, {"--dof", "--statistic"}},
      {{z, "--min-cluster-size", "5cm"}, 2, {"5cm", "mm3"}},
      {{z, "--connectivity", "8"}, 2, {"8", "26"}},
      {{z, "--negative", "--sided", "two"}, 2, {"--negative"}},
      {{f, "--statistic", "F", "--dof", "2,100", "--sided", "two"}, 2, {"one side"}},
      {{z, "--residuals", series}, 2, {"--residual-dof"}},
      {{z, "--smoothness-of", golden("nilearn/thresholding/thresholds.json")}, 3, {"Record"}}};
  for (const Case& one : cases) {
    const Thresholded out;
    EXPECT_TRUE(fails_with(out.run(one.words), one.code, one.named)) << one.words[1];
    EXPECT_FALSE(std::filesystem::exists(out.folder / "out")) << one.words[1];
  }
}

}  // namespace
}  // namespace sociometer::testing
