// `trials --hrf library`: a response of the library for each voxel, on a small study.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = "/desc-hrf_stat-index_statmap.nii.gz";
constexpr const char* kEffect = "/desc-trials_stat-effect_statmap.nii.gz";

CommandResult run_library(const Study& study, const Words& more, const std::string& out = "out",
                          const std::string& hrf = "library") {
  Words words = study.arguments(more, out);
  words[0] = "trials";
  words.insert(words.end(), {"--hrf", hrf});
  return run_program(words);
}

Eigen::MatrixXd values_of(const Study& study, const std::string& name) {
  return read_nifti(study / name).values;
}

/// A map of the study's grid, one number per voxel.
std::string map_file(const std::vector<double>& values) {
  RawNifti map = raw_series({4, 3, 2, 1}, values);
  map.dim[0] = 3;
  return map.file();
}

/// The slow way: a whole `trials` per response, with that response for all voxels and a mask of
/// those that have it.
TEST(LibraryTrials, EqualTrialsOfEachResponseInItsOwnMask) {
  Study study;
  const std::string whole = study.mask;
  for (const Words& options :
       {Words{"--noise-model", "ar1"}, Words{"--noise-model", "arma11", "--scaling", "psc"},
        Words{"--noise-model", "ols", "--method", "lsa", "--shrinkage", "0.5"}}) {
    Words more{"--map-type", "float64", "--overwrite", "--modulators", "a:rank"};
    more.insert(more.end(), options.begin(), options.end());
    ASSERT_TRUE(exits_with(run_library(study, more), 0));
    const Eigen::MatrixXd index = values_of(study, std::string("out") + kIndex),
                          all = values_of(study, std::string("out") + kEffect);
    const Json library = read_json(study / "out/trials.json")["HRFLibrary"];
    EXPECT_GE(index.minCoeff(), 1);
    EXPECT_LE(index.maxCoeff(), 20);
    EXPECT_EQ(library["UnitEventDuration"], 2);
    for (int k = 1; k <= 20; ++k) {
      std::vector<double> mask(size_t(index.rows()));
      for (size_t v = 0; v < mask.size(); ++v) mask[v] = index(Eigen::Index(v), 0) == k;
      EXPECT_EQ(library["VoxelsPerShape"][size_t(k - 1)], std::count(mask.begin(), mask.end(), 1));
      if (std::count(mask.begin(), mask.end(), 1) == 0) continue;
      write_text(study / "one.nii", map_file(mask));
      study.mask = study / "one.nii";
      ASSERT_TRUE(exits_with(run_library(study, more, "one", "library:" + std::to_string(k)), 0));
      study.mask = whole;
      const Eigen::MatrixXd alone = values_of(study, std::string("one") + kEffect);
      for (size_t v = 0; v < mask.size(); ++v) {
        if (mask[v] == 0) continue;
        for (Eigen::Index t = 0; t < all.cols(); ++t) {
          const double height = library["ResponseHeights"][t < 11 ? 0 : 1][size_t(k - 1)];
          ASSERT_TRUE(close_number(all(Eigen::Index(v), t), height * alone(Eigen::Index(v), t),
                                   1e-8, 1e-2));
        }
      }
    }
  }
}

TEST(LibraryTrials, AreTheSameWithTheirMap) {
  const Study study;
  ASSERT_TRUE(exits_with(run_library(study, {"--images", "both", "--variance"}), 0));
  ASSERT_TRUE(exits_with(run_library(study,
                                     {"--images", "both", "--variance", "--hrf-map",
                                      study / (std::string("out") + kIndex)},
                                     "again"),
                         0));
  EXPECT_TRUE(same_bits(values_of(study, std::string("out") + kEffect),
                        values_of(study, std::string("again") + kEffect)));
  EXPECT_TRUE(same_bits(values_of(study, "out/desc-trials_stat-variance_statmap.nii.gz"),
                        values_of(study, "again/desc-trials_stat-variance_statmap.nii.gz")));
  EXPECT_TRUE(same_bits(values_of(study, std::string("out") + kIndex),
                        values_of(study, std::string("again") + kIndex)));
  EXPECT_FALSE(fs::exists(study / "again/desc-hrf_stat-rsquared_statmap.nii.gz"));
  const Json chosen = read_json(study / "out/desc-hrf_stat-index_statmap.json"),
             given = read_json(study / "again/desc-hrf_stat-index_statmap.json");
  EXPECT_EQ(chosen["HRFLibrary"]["ChosenBy"], "largest R2 over all runs, least squares");
  EXPECT_EQ(chosen["HRFLibrary"]["ChoiceModel"], "all-events");
  EXPECT_EQ(chosen["Design"]["HRF"], "library");
  EXPECT_EQ(given["HRFLibrary"]["ChosenBy"], "map");
  EXPECT_EQ(given["HRFLibrary"]["Map"], study / (std::string("out") + kIndex));
}

TEST(LibraryTrials, HaveSharesOfVariance) {
  const Study study;
  ASSERT_TRUE(
      exits_with(run_library(study, {"--hrf-choice", "conditions", "--map-type", "float64"}), 0));
  const auto r_squared = values_of(study, "out/desc-hrf_stat-rsquared_statmap.nii.gz"),
             gain = values_of(study, "out/desc-hrf_stat-gain_statmap.nii.gz");
  EXPECT_GT(r_squared.minCoeff(), 0);
  EXPECT_LT(r_squared.maxCoeff(), 1);
  EXPECT_TRUE((gain.array() <= r_squared.array()).all());
  EXPECT_GT(gain.maxCoeff(), 0);
  EXPECT_EQ(read_json(study / "out/trials.json")["HRFLibrary"]["ChoiceModel"], "conditions");
}

TEST(LibraryTrials, LeaveOutVoxelsWithoutAResponse) {
  const Study study;
  std::vector<double> numbers(kStudyVoxels, 5);
  numbers[3] = 0;
  numbers[7] = 20;
  write_text(study / "map.nii", map_file(numbers));
  ASSERT_TRUE(exits_with(run_library(study, {"--hrf-map", study / "map.nii"}), 0));
  const auto effect = values_of(study, std::string("out") + kEffect);
  EXPECT_TRUE(effect.row(3).array().isNaN().all());
  EXPECT_TRUE(effect.row(7).allFinite() && effect.row(4).allFinite());
  const Json json = read_json(study / "out/trials.json")["HRFLibrary"];
  EXPECT_EQ(json["VoxelsWithoutShape"], 1);
  EXPECT_EQ(json["VoxelsPerShape"][4], kStudyVoxels - 2);
}

TEST(LibraryTrials, SayWithWhichResponsesATrialIsLost) {
  Study study;
  study.only_one_run();
  // 3 s before the last scan: response 20 begins after 4.6 s.
  write_text(study.events[0], study_events() + "115\t2\tb\t1\n" + "500\t2\tb\t1\n");
  std::vector<double> numbers(kStudyVoxels, 2);
  numbers[0] = 20;
  write_text(study / "map.nii", map_file(numbers));
  EXPECT_TRUE(exits_with(run_library(study, {"--hrf-map", study / "map.nii"}), 5));
  const Table table = read_table(study / "out/trials.tsv");
  const std::string note = table.rows[11][size_t(table.find("trial_note"))];
  EXPECT_NE(note.find("in voxels with response 20"), std::string::npos) << note;
  EXPECT_EQ(table.rows[11][size_t(table.find("trial_status"))], "no response");
  const std::string outside = table.rows[12][size_t(table.find("trial_note"))];
  EXPECT_EQ(outside.find("in voxels"), std::string::npos) << outside;
  EXPECT_EQ(table.rows[12][size_t(table.find("trial_status"))], "no response");
  const auto effect = values_of(study, std::string("out") + kEffect);
  EXPECT_TRUE(std::isnan(effect(0, 11)));
  EXPECT_TRUE(std::isfinite(effect(1, 11)));
}

/// Heights of events of the median duration, against the highest of regressors whose scans meet
/// the response at every step of the fine grid.
TEST(LibraryTrials, HaveTheHeightsOfResponsesToAnEvent) {
  const Study study;
  const std::vector<double> numbers(kStudyVoxels, 7);
  write_text(study / "map.nii", map_file(numbers));
  ASSERT_TRUE(exits_with(run_library(study, {"--hrf-map", study / "map.nii"}), 0));
  const Json heights = read_json(study / "out/trials.json")["HRFLibrary"]["ResponseHeights"];
  ASSERT_EQ(heights.size(), 2u);  // of runs
  EXPECT_EQ(heights[0], heights[1]);
  constexpr int kSteps = 50;
  std::string events = "onset\tduration\ttrial_type\n";
  for (int i = 0; i < kSteps; ++i)
    events += format_number(60.0 * i + 2.0 * i / kSteps) + "\t2\te" + std::to_string(i) + "\n";
  write_text(study / "steps.tsv", events);
  for (int k = 1; k <= 20; ++k) {
    ASSERT_EQ(heights[0].size(), 20u);
    if (k % 6 != 1 && k != 20) continue;
    const std::string out = study / ("design" + std::to_string(k));
    ASSERT_TRUE(
        exits_with(run_program({"design", "--events", study / "steps.tsv", "--tr", "2", "--n-scans",
                                "1540", "--hrf", "library:" + std::to_string(k), "--drift", "none",
                                "--log-level", "error", "-o", out}),
                   0));
    const Table design = read_table(out + "/design.tsv");
    double highest = 0;
    for (int i = 0; i < kSteps; ++i) {
      const int column = design.find("e" + std::to_string(i));
      ASSERT_GE(column, 0);
      for (size_t t = 0; t < design.rows.size(); ++t)
        highest = std::max(highest, number_in(design, t, column));
    }
    EXPECT_TRUE(close_number(heights[0][size_t(k - 1)], highest, 1e-3)) << k;
  }
}

TEST(LibraryTrials, HaveTheUnitThatIsAskedFor) {
  Study study;
  const std::vector<double> numbers(kStudyVoxels, 7);
  write_text(study / "map.nii", map_file(numbers));
  const auto run = [&](const Words& more, const std::string& out) {
    Words words{"--hrf-map", study / "map.nii", "--map-type", "float64"};
    words.insert(words.end(), more.begin(), more.end());
    return run_library(study, words, out);
  };
  const auto facts = [&](const std::string& out) {
    return read_json(study / (out + "/trials.json"))["HRFLibrary"];
  };
  ASSERT_TRUE(exits_with(run({}, "median"), 0));
  ASSERT_TRUE(exits_with(run({"--unit-duration", "5"}, "five"), 0));
  EXPECT_EQ(facts("median")["UnitEventDurationFrom"], "median of the trials");
  EXPECT_EQ(facts("five")["UnitEventDurationFrom"], "--unit-duration");
  EXPECT_EQ(facts("five")["UnitEventDuration"], 5);
  // Longer events have higher responses, so coefficients times them are larger.
  const double before = facts("median")["ResponseHeights"][0][6],
               after = facts("five")["ResponseHeights"][0][6];
  EXPECT_GT(after, 1.5 * before);
  EXPECT_TRUE(close_relative(values_of(study, std::string("five") + kEffect),
                             values_of(study, std::string("median") + kEffect) * (after / before),
                             1e-12, 1e-6));
  EXPECT_TRUE(fails_with(run({"--unit-duration", "-1"}, "no"), 2, {"--unit-duration", "-1"}));
  EXPECT_TRUE(fails_with(run({"--images", "none"}, "no"), 2, {"--images none", "--average-by"}));
  EXPECT_TRUE(fails_with(run({"--shrinkage", ""}, "no"), 2, {"--shrinkage", "cv"}));
  EXPECT_TRUE(fails_with(run_library(study, {"--unit-duration", "2"}, "no", "spm"), 2,
                         {"--unit-duration", "--hrf library"}));
}

TEST(LibraryTrials, WarnOfUnitsThatDifferBetweenParticipants) {
  Study study;
  study.only_one_run();
  write_text(study.events[0], study_events() + "115\t6\tb\t1\n");
  const std::vector<double> numbers(kStudyVoxels, 7);
  write_text(study / "map.nii", map_file(numbers));
  Words words{"--hrf-map", study / "map.nii", "--overwrite"};
  const auto warning = [&] {
    Words all = study.arguments(words);
    all[0] = "trials";
    *(std::find(all.begin(), all.end(), "--log-level") + 1) = "warning";
    all.insert(all.end(), {"--hrf", "library"});
    const CommandResult result = run_program(all);
    EXPECT_TRUE(exits_with(result, 0));
    return result.err;
  };
  const std::string of_median = warning();
  EXPECT_NE(of_median.find("the trials last 2 to 6 s"), std::string::npos) << of_median;
  EXPECT_NE(of_median.find("--unit-duration"), std::string::npos) << of_median;
  words.insert(words.end(), {"--unit-duration", "2"});
  EXPECT_EQ(warning().find("the trials last"), std::string::npos);
}

TEST(LibraryTrials, DoNotDependOnThreads) {
  const Study study;
  for (const char* noise : {"ar4-averaged", "tukey"}) {
    for (const char* threads : {"1", "2", "7"})
      ASSERT_TRUE(exits_with(
          run_library(study,
                      {"--noise-model", noise, "-j", threads, "--images", "both", "--variance"},
                      std::string(noise) + threads),
          0));
    for (const char* threads : {"2", "7"})
      for (const char* ending : {".nii.gz", ".h5", ".tsv"})
        EXPECT_TRUE(same_files(study / (std::string(noise) + "1"),
                               study / (std::string(noise) + threads), ending));
  }
}

TEST(LibraryTrials, RefuseMapsThatSayNoResponse) {
  const Study study;
  const auto refused = [&](const std::vector<double>& numbers, const Words& words) {
    write_text(study / "map.nii", map_file(numbers));
    return fails_with(run_library(study, {"--hrf-map", study / "map.nii"}), 3, words);
  };
  std::vector<double> numbers(kStudyVoxels, 5);
  for (const double wrong : {21.0, -1.0, 2.5, std::nan("")}) {
    numbers[4 + 2 * 1] = wrong;
    EXPECT_TRUE(refused(numbers, {"map.nii", "voxel (2, 1, 0)", "from 1 to 20"})) << wrong;
  }
  EXPECT_TRUE(refused(std::vector<double>(kStudyVoxels, 0), {"map.nii", "0 in all 24 voxels"}));
  EXPECT_TRUE(fails_with(run_library(study, {"--hrf-map", study / "map.nii", "--dry-run"}), 3,
                         {"0 in all 24 voxels"}));
  write_text(study / "map.nii",
             raw_series({4, 3, 2, 2}, std::vector<double>(2 * kStudyVoxels, 5)).file());
  EXPECT_TRUE(fails_with(run_library(study, {"--hrf-map", study / "map.nii"}), 3, {"2 volumes"}));
  RawNifti other = raw_series({4, 3, 3, 1}, std::vector<double>(36, 5));
  other.dim[0] = 3;
  write_text(study / "map.nii", other.file());
  EXPECT_TRUE(fails_with(run_library(study, {"--hrf-map", study / "map.nii"}), 3,
                         {"map.nii", "4x3x3", "4x3x2"}));
  EXPECT_TRUE(fails_with(run_library(study, {"--hrf-map", study / "none.nii"}), 3, {"none.nii"}));
  EXPECT_FALSE(fs::exists(study / "out"));
}

TEST(LibraryTrials, WarnOfAMaskInTheMapsPlace) {
  const Study study;
  std::vector<double> numbers(kStudyVoxels, 1);
  write_text(study / "map.nii", map_file(numbers));
  const auto warned = [&] {
    Words words = study.arguments({"--hrf-map", study / "map.nii", "--overwrite"});
    words[0] = "trials";
    *(std::find(words.begin(), words.end(), "--log-level") + 1) = "warning";
    words.insert(words.end(), {"--hrf", "library"});
    const CommandResult result = run_program(words);
    EXPECT_TRUE(exits_with(result, 0));
    return result.err.find("as a mask has") != std::string::npos;
  };
  EXPECT_TRUE(warned());
  numbers[3] = 2;
  write_text(study / "map.nii", map_file(numbers));
  EXPECT_FALSE(warned());
}

TEST(LibraryTrials, BelongToTrials) {
  const Study study;
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--hrf", "library"}), 2,
                         {"--hrf", "'library'", "trials", "library:1"}));
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "--hrf", "library:12"}), 0));
  EXPECT_EQ(read_json(study / "out/contrast-a_stat-t_statmap.json")["Design"]["HRF"], "library:12");
  EXPECT_TRUE(fails_with(run_library(study, {}, "no", "library + derivative"), 2, {"derivatives"}));
  EXPECT_TRUE(
      fails_with(run_library(study, {"--hrf-grid", "spm"}, "no"), 2, {"--hrf-grid", "spm"}));
  EXPECT_TRUE(fails_with(run_library(study, {"--hrf-choice", "conditions"}, "no", "spm"), 2,
                         {"--hrf-choice", "--hrf library"}));
  EXPECT_TRUE(fails_with(run_library(study, {"--hrf-map", "x.nii"}, "no", "fir"), 2, {"fir"}));
}

}  // namespace
}  // namespace sociometer::testing
