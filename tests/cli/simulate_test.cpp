#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/roi/study_regions.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

Words simulate(const std::string& folder, const Words& more) {
  Words words{"simulate", folder, "--grid", "tiny", "--log-level", "error"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Files of both runs of a participant, relative to the study.
Words both_runs(const std::string& study, const std::string& folder, const std::string& subject,
                const std::string& ending) {
  Words out;
  for (const char* run : {"1", "2"})
    out.push_back(fmt::format("{0}/derivatives/{1}/{2}/func/{2}_task-social_run-{3}_{4}", study,
                              folder, subject, run, ending));
  return out;
}

CommandResult fit(const std::string& study, const std::string& subject, const std::string& out) {
  Words words{"fit", "--log-level", "error", "--prefix", subject, "-o", out, "--no-estimates"};
  const auto add = [&](const std::string& option, const Words& values) {
    words.push_back(option);
    words.insert(words.end(), values.begin(), values.end());
  };
  add("--bold",
      both_runs(study, "fmriprep", subject, "space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"));
  add("--events", both_runs(study, "truth", subject, "desc-signals_events.tsv"));
  add("--confounds", both_runs(study, "fmriprep", subject, "desc-confounds_timeseries.tsv"));
  add("--confound-columns", {"trans_?", "rot_?"});
  add("--modulators", {"feedback:outcome_update,rank_update_unsigned"});
  add("--contrast", {"choice", "outcomeUpdate=feedback:outcome_update",
                     "rankUpdateUnsigned=feedback:rank_update_unsigned"});
  return run_program(words);
}

/// Truth, estimate and standard error in a participant's voxels.
struct Comparison {
  Mask mask;
  Eigen::VectorXd truth, estimate, error;
};

Eigen::VectorXd in_mask(const Mask& mask, const std::string& path) {
  const Image image = read_nifti(path);
  Eigen::VectorXd out(mask.n_voxels());
  for (size_t i = 0; i < mask.voxels.size(); ++i)
    out[Eigen::Index(i)] = image.values(mask.voxels[i], 0);
  return out;
}

Comparison compare(const std::string& study, const std::string& subject, const std::string& maps,
                   const std::string& contrast) {
  const std::string name = subject + "_contrast-" + contrast + "_stat-";
  const std::string truth = study + "/derivatives/truth/";
  Comparison c;
  c.mask = read_mask(truth + "mask.nii.gz");
  c.truth = in_mask(c.mask, truth + subject + "/" + name + "effect_statmap.nii.gz");
  c.estimate = in_mask(c.mask, maps + "/" + name + "effect_statmap.nii.gz");
  c.error = in_mask(c.mask, maps + "/" + name + "variance_statmap.nii.gz").cwiseSqrt();
  return c;
}

struct RegionMean {
  double truth = 0, estimate = 0;
  double error = 0;  ///< at least that of the mean, whatever the correlation between voxels
};

RegionMean mean_of(const Comparison& c, const StudyRegion& region) {
  RegionMean mean;
  double n = 0;
  for (Eigen::Index v = 0; v < c.truth.size(); ++v) {
    const auto mm = c.mask.grid.world(c.mask.voxels[size_t(v)]);
    if ((mm - region.centre_mm).norm() > region.radius_mm || !(c.error[v] > 0)) continue;
    mean.truth += c.truth[v], mean.estimate += c.estimate[v], mean.error += c.error[v], n += 1;
  }
  mean.truth /= n, mean.estimate /= n, mean.error /= n;
  return mean;
}

/// Proportion of voxels whose 95 % interval contains the truth.
double coverage(const Comparison& c) {
  double n = 0, held = 0;
  for (Eigen::Index v = 0; v < c.truth.size(); ++v) {
    if (!(c.error[v] > 0)) continue;
    n += 1, held += std::abs(c.estimate[v] - c.truth[v]) < 1.96 * c.error[v];
  }
  return held / n;
}

TEST(Simulate, IsRecoveredRegionByRegionByAFit) {
  const TemporaryFolder folder;
  const std::string study = folder / "study", maps = folder / "maps";
  // Effects detectable in a single participant, unlike the default ones.
  write_text(folder / "strong.json",
             R"({"response": {"outcome_percent": 4, "rank_percent": 0.7, "rank_per_anxiety": -0.3,
                              "effect_sd": 0.3}})");
  ASSERT_TRUE(exits_with(run_program(simulate(study, {"--participants", "2", "--seed", "11",
                                                      "--settings", folder / "strong.json"})),
                         0));
  double reward_z = 0, rejection_z = 0;
  for (const std::string subject : {"sub-01", "sub-02"}) {
    ASSERT_TRUE(exits_with(fit(study, subject, maps), 0));
    for (const std::string contrast : {"outcomeUpdate", "rankUpdateUnsigned"}) {
      const Comparison c = compare(study, subject, maps, contrast);
      // Yule-Walker intervals are slightly too short, and the noise is not exactly AR(1).
      EXPECT_GT(coverage(c), 0.9) << subject << contrast;
      EXPECT_LT(coverage(c), 0.97) << subject << contrast;
      for (const auto& region : study_regions()) {
        const RegionMean m = mean_of(c, region);
        EXPECT_LT(std::abs(m.estimate - m.truth), 4 * m.error)
            << subject << " " << region.name << " " << contrast << ": " << m.estimate << " for "
            << m.truth << ", error " << m.error;
        if (region.role == RegionRole::control) {
          EXPECT_EQ(m.truth, 0) << region.name;
        }
        if (region.role == RegionRole::reward && contrast == "outcomeUpdate")
          reward_z += m.estimate / m.error / 8;
        if (region.role == RegionRole::rejection && contrast == "rankUpdateUnsigned")
          rejection_z += m.estimate / m.error / 14;
      }
    }
    EXPECT_GT(coverage(compare(study, subject, maps, "choice")), 0.9);
  }
  EXPECT_GT(reward_z, 2);
  EXPECT_GT(rejection_z, 2);
}

TEST(Simulate, IsReadByTheCommandsOfItsHelp) {
  const std::string help = run_program({"simulate", "--help"}).out;
  const auto start = help.find("Example:");
  ASSERT_NE(start, std::string::npos);
  const TemporaryFolder folder;
  EXPECT_TRUE(
      exits_with(run_script("set -e; cd " + folder.path().string() + help.substr(start + 8)), 0));
  const Words files = everything_in(folder / "maps");
  EXPECT_EQ(std::ranges::count_if(files,
                                  [](const std::string& name) {
                                    return name.starts_with("sub-01/sub-01_task-social_") &&
                                           name.ends_with(
                                               "_contrast-outcomeUpdate_stat-z_statmap.nii.gz");
                                  }),
            1);
}

TEST(Simulate, WritesTheSameBytesForAnyThreadCountAndOtherBytesForAnotherSeed) {
  const TemporaryFolder folder;
  // The settings contain the command line, so use the same words in separate folders.
  const auto script = [&](const std::string& where, const std::string& words) {
    return run_script(fmt::format(
        "mkdir {0} && cd {0} && sociometer simulate study --participants 3 --runs 2 --trials 6 "
        "--grid tiny --optimise-schedule 3 --log-level error {1}",
        folder / where, words));
  };
  ASSERT_TRUE(exits_with(script("a", "--seed 5 -j 1"), 0));
  ASSERT_TRUE(exits_with(script("b", "--seed 5 -j 3"), 0));
  ASSERT_TRUE(exits_with(script("c", "--seed 6 -j 3"), 0));
  for (const char* ending : {".nii.gz", ".tsv", ".json", "README"})
    EXPECT_TRUE(same_files(folder / "a", folder / "b", ending));
  for (const char* ending : {"bold.nii.gz", "events.tsv"})
    EXPECT_FALSE(same_files(folder / "a", folder / "c", ending));
}

TEST(Simulate, ReportsInflationAndEfficiencyBeforeAndAfterChoosingASchedule) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(
      run_program(simulate(folder / "study",
                           {"--participants", "1", "--trials", "20", "--optimise-schedule", "20"})),
      0));
  const Json json = read_json(folder / "study/derivatives/truth/schedules.json");
  EXPECT_EQ(json["Candidates"], 20);
  const Json& one = json["Participants"]["sub-01"];
  const auto worst = [&](const char* when) {
    return std::max(one[when]["VifOutcomeUpdate"].get<double>(),
                    one[when]["VifRankUpdateUnsigned"].get<double>());
  };
  EXPECT_LT(worst("Chosen"), worst("FirstCandidate"));
  EXPECT_GT(one["Chosen"]["Efficiency"].get<double>(), 0);
  EXPECT_GE(worst("AsPlayed"), 1);
}

TEST(Simulate, WritesTablesThatHangTogether) {
  const TemporaryFolder folder;
  const std::string study = folder / "study";
  write_text(folder / "settings.json",
             R"({"timing": {"tr_s": 1.5}, "game": {"miss_probability": 0.2},
                                          "learning": {"rank_noise_variance": 2}})");
  ASSERT_TRUE(
      exits_with(run_program(simulate(study, {"--participants", "2", "--runs", "1", "--trials",
                                              "25", "--settings", folder / "settings.json"})),
                 0));
  const Json settings = read_json(study + "/derivatives/truth/settings.json");
  EXPECT_EQ(settings["Settings"]["timing"]["tr_s"], 1.5);
  EXPECT_EQ(settings["Settings"]["learning"]["rank_noise_variance"], 2);
  EXPECT_EQ(settings["Trials"], 25);
  const std::string stem = study + "/sub-02/func/sub-02_task-social_run-1_";
  EXPECT_EQ(read_json(stem + "bold.json")["RepetitionTime"], 1.5);
  const NiftiHeader header = read_nifti_header(stem + "bold.nii.gz");
  EXPECT_EQ(header.grid.size, (std::array<Eigen::Index, 3>{33, 39, 33}));
  EXPECT_EQ(header.grid.space_code, 4);
  const Table events = read_table(stem + "events.tsv");
  const Words expected{"onset",        "duration",     "trial_type",    "trial", "option_left",
                       "option_right", "chosen",       "response_time", "rank",  "spots",
                       "match",        "rank_visible", "shared"};
  EXPECT_EQ(events.names, expected);
  int choices = 0, feedback = 0, missed = 0;
  double last = 0;
  for (size_t r = 0; r < events.rows.size(); ++r) {
    const std::string& type = events.rows[r][2];
    choices += type == "choice", feedback += type == "feedback";
    missed += type == "choice" && is_missing(events.rows[r][6]);
    last = number_in(events, r, 0);
  }
  EXPECT_EQ(choices, 25);
  EXPECT_EQ(feedback, 25 - missed);
  EXPECT_GT(missed, 0);
  const Table confounds = read_table(
      study +
      "/derivatives/fmriprep/sub-02/func/sub-02_task-social_run-1_desc-confounds_timeseries.tsv");
  EXPECT_EQ(Eigen::Index(confounds.rows.size()), header.n_volumes);
  EXPECT_GT(double(header.n_volumes) * 1.5, last);
  for (const char* name : {"csf", "white_matter", "global_signal", "framewise_displacement",
                           "dvars", "trans_x_derivative1", "rot_z_power2", "cosine00"})
    EXPECT_GE(confounds.find(name), 0) << name;
  const Table ratings = read_table(study + "/phenotype/ratings.tsv");
  EXPECT_EQ(ratings.rows.size(), 16u);
  EXPECT_EQ(ratings.rows[0][4], "0.333");
  const Table wide = read_table(study + "/phenotype/being_liked.tsv");
  ASSERT_EQ(wide.rows.size(), 2u);
  for (size_t d = 0; d < 8; ++d) EXPECT_EQ(wide.rows[1][d + 1], ratings.rows[8 + d][2]);
  EXPECT_EQ(read_table(study + "/participants.tsv").rows.size(), 2u);
  EXPECT_TRUE(read_json(study + "/task-social_events.json").contains("rank_visible"));
}

TEST(Simulate, ReportsTheRequestedRolesOfRegions) {
  const TemporaryFolder folder;
  const std::string study = folder / "study", truth = study + "/derivatives/truth/";
  write_text(folder / "swapped.json",
             R"({"response": {"outcome_in_reward": 0, "outcome_in_rejection": 1,
                              "rank_in_reward": 1, "rank_in_rejection": 0}})");
  ASSERT_TRUE(
      exits_with(run_program(simulate(study, {"--participants", "1", "--runs", "1", "--trials", "5",
                                              "--settings", folder / "swapped.json"})),
                 0));
  const Table regions = read_table(truth + "regions.tsv");
  for (size_t r = 0; r < regions.rows.size(); ++r) {
    const std::string& role = regions.rows[r][size_t(regions.find("role"))];
    EXPECT_EQ(number_in(regions, r, regions.find("outcome_update")) > 0, role == "rejection");
    EXPECT_EQ(number_in(regions, r, regions.find("rank_update_unsigned")) > 0, role == "reward");
  }
  const Json levels = read_json(truth + "regions.json")["role"]["Levels"];
  EXPECT_EQ(levels["reward"], "unsigned rank update");
  EXPECT_EQ(levels["rejection"], "outcome update");
  const Table people = read_table(truth + "parameters.tsv");
  EXPECT_EQ(number_in(people, 0, people.find("reward_outcome_percent")), 0);
  EXPECT_NE(number_in(people, 0, people.find("rejection_outcome_percent")), 0);
}

TEST(Simulate, RefusesSettingsWithASectionTwice) {
  const TemporaryFolder folder;
  write_text(folder / "twice.json",
             R"({"response": {"noise_percent": 1}, "response": {"outcome_in_reward": 0}})");
  EXPECT_TRUE(
      fails_with(run_program(simulate(folder / "study", {"--settings", folder / "twice.json"})), 3,
                 {"twice.json has response twice"}));
}

TEST(Simulate, PrintsSettingsThatItReads) {
  const TemporaryFolder folder;
  const CommandResult all = run_program({"simulate", "--print-settings"});
  ASSERT_TRUE(exits_with(all, 0));
  write_text(folder / "all.json", all.out);
  const CommandResult again =
      run_program({"simulate", "--print-settings", "--settings", folder / "all.json"});
  ASSERT_TRUE(exits_with(again, 0));
  EXPECT_EQ(all.out, again.out);
  EXPECT_NE(all.out.find("miss_probability"), std::string::npos);
}

TEST(Simulate, RefusesWhatCannotBe) {
  const TemporaryFolder folder;
  const std::string out = folder / "study";
  const auto refuses = [&](const Words& more, int exit_code, const Words& words) {
    const auto result = fails_with(run_program(simulate(out, more)), exit_code, words);
    if (result && std::filesystem::exists(out))
      return ::testing::AssertionFailure() << "something was left in " << out;
    return result;
  };
  EXPECT_TRUE(refuses({"--participants", "0"}, 2, {"participants"}));
  EXPECT_TRUE(refuses({"--trials", "-3"}, 2, {"trials"}));
  EXPECT_TRUE(refuses({"--runs", "many"}, 2, {"runs"}));
  EXPECT_TRUE(refuses({"--optimise-schedule", "0"}, 2, {"optimise-schedule"}));
  EXPECT_TRUE(fails_with(run_program({"simulate", out, "--grid", "1mm"}), 2, {"1mm", "tiny"}));
  EXPECT_TRUE(fails_with(run_program({"simulate"}), 2, {"folder"}));
  const auto settings = [&](const std::string& text) {
    write_text(folder / "s.json", text);
    return Words{"--settings", folder / "s.json"};
  };
  EXPECT_TRUE(refuses(settings("{"), 3, {"s.json", "JSON"}));
  EXPECT_TRUE(refuses(settings(R"({"timming": {}})"), 3, {"s.json", "timming", "timing"}));
  EXPECT_TRUE(refuses(settings(R"({"timing": {"tr": 2}})"), 3, {"s.json", "'tr'", "tr_s"}));
  EXPECT_TRUE(refuses(settings(R"({"noise": {"ar_coefficient": 2}})"), 3, {"ar_coefficient", "2"}));
  EXPECT_TRUE(refuses(settings(R"({"learning": {"w": 2}})"), 3, {"s.json", "'w'"}));
  EXPECT_TRUE(refuses({"--settings", folder / "none.json"}, 3, {"none.json"}));
}

TEST(Simulate, WritesIntoANewOrEmptyFolderOnly) {
  const TemporaryFolder folder;
  const Words small{"--participants", "1", "--runs", "1", "--trials", "2"};
  std::filesystem::create_directory(folder / "empty");
  EXPECT_TRUE(exits_with(run_program(simulate(folder / "empty", small)), 0));
  EXPECT_TRUE(fails_with(run_program(simulate(folder / "empty", small)), 4, {"not empty"}));
  write_text(folder / "file", "x");
  EXPECT_TRUE(fails_with(run_program(simulate(folder / "file", small)), 4, {"not a folder"}));
}

}  // namespace
}  // namespace sociometer::testing
