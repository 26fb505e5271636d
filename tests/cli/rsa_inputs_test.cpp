// `rsa`: which inputs it takes, and what it refuses.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/rsa_trials.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace rsa_cli {

TEST(RsaInputs, RefusesMeansOfUnequalNumbersOfTrialsUnlessToldHow) {
  const Trials trials;
  // One trial of A fewer.
  std::string table = read_bytes(trials.tables[1]);
  table.replace(table.find("ok"), 2, "no");
  write_text(trials.tables[1], table);
  const Words euclidean{"--rois",       trials.roi(), "--model",         "belief",
                        "--conditions", "chosen",     "--dissimilarity", "euclidean"};
  EXPECT_TRUE(fails_with(trials.rsa(euclidean), 3,
                         {"sub-02_trials.tsv", "'A' is the mean of 5 trials", "of 6", "crossnobis",
                          "--nuisance trials"}));
  Words adjusted = euclidean;
  adjusted.insert(adjusted.end(), {"--nuisance", "trials", "--compare", "regression"});
  const CommandResult result = trials.rsa(adjusted, "adjusted", "warning");
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("trials of a run with each other"), std::string::npos) << result.err;
  EXPECT_TRUE(exits_with(
      trials.rsa({"--rois", trials.roi(), "--model", "belief", "--conditions", "chosen"}), 0));
  EXPECT_EQ(read_json(trials.folder / "out/rsaGroup.json")["Dissimilarity"], "crossnobis");
}

TEST(RsaInputs, TakesAColumnAlikeInAllParticipants) {
  const Trials trials;
  const std::string table = read_bytes(trials.tables[1]);
  const size_t at = table.find("\tlow");
  std::string bad = table;  // the belief of one trial is no number
  const size_t belief = bad.rfind('\t', at - 1) + 1;
  bad.replace(belief, at - belief, "often");
  write_text(trials.tables[1], bad);
  EXPECT_TRUE(fails_with(trials.rsa({"--rois", trials.roi(), "--model", "belief"}), 3,
                         {"'belief'", "'often'", "sub-02_trials.tsv line", "belief:category"}));
  write_text(trials.tables[1], table);
  ASSERT_TRUE(exits_with(
      trials.rsa({"--rois", trials.roi(), "--model", "run_number:category", "--pairs", "all"}), 0));
  const Json json = read_json(trials.folder / "out/rsaGroup.json");
  EXPECT_EQ(json["Models"]["run_number"], "0 same, 1 different");
}

TEST(RsaInputs, ReadsHalfAModelRdmAndRefusesSimilarities) {
  const Trials trials;
  const auto with = [&](const std::string& table, const std::string& out) {
    write_text(trials.folder / "rdm.tsv", table);
    return trials.rsa({"--rois", trials.roi(), "--conditions", "chosen", "--model-rdm",
                       "m=" + trials.folder / "rdm.tsv"},
                      out);
  };
  ASSERT_TRUE(exits_with(with("name\tA\tB\tC\tD\nA\t0\tn/a\tn/a\tn/a\nB\t1\t0\tn/a\tn/a\n"
                              "C\t2\t1\t0\tn/a\nD\t3\t2\t1\t0\n",
                              "half"),
                         0));
  const Table rdms = read_table(trials.folder / "half/rsaRdms.tsv");
  EXPECT_EQ(cell(rdms, 2, "model_m"), "3");
  EXPECT_TRUE(fails_with(with("name\tA\tB\tC\tD\nA\t1\t.1\t.2\t.3\nB\t.1\t1\t.1\t.2\n"
                              "C\t.2\t.1\t1\t.1\nD\t.3\t.2\t.1\t1\n",
                              "similar"),
                         3, {"1 for 'A' and itself", "similarities"}));
  EXPECT_TRUE(fails_with(with("name\tA\tB\tC\tD\nA\t0\t1\t2\t3\nA\t1\t0\t1\t2\n"
                              "C\t2\t1\t0\t1\nD\t3\t2\t1\t0\n",
                              "twice"),
                         3, {"two rows of condition 'A'"}));
}

TEST(RsaInputs, LeavesOutVoxelsThatARunDoesNotCover) {
  const Trials trials;
  const Mask mask = box_mask();
  const std::string path = trials.tables[2].substr(0, trials.tables[2].size() - 10) +
                           "desc-trials_stat-effect_statmap.nii.gz";
  Eigen::MatrixXd values = read_nifti(path).values(
      std::vector<Eigen::Index>(mask.voxels.begin(), mask.voxels.end()), Eigen::all);
  values.block(5, kPerRun, 3, kPerRun).setZero();
  write_image(path, mask, values);
  ASSERT_TRUE(exits_with(trials.rsa({"--rois", trials.roi(), "--model", "belief"}), 0));
  const Table table = read_table(trials.folder / "out/rsaValues.tsv");
  EXPECT_EQ(cell(table, 2, "n_voxels"), std::to_string(mask.n_voxels() - 3));
  EXPECT_EQ(cell(table, 1, "n_voxels"), std::to_string(mask.n_voxels()));
}

TEST(RsaInputs, TakesATableInTheFolderItIsIn) {
  const Trials trials;
  const std::string folder = trials.folder / "alone";
  std::filesystem::create_directories(folder);
  const std::string stem = trials.tables[0].substr(0, trials.tables[0].size() - 10);
  for (const std::string name :
       {"trials.tsv", "mask.nii.gz", "desc-trials_stat-effect_statmap.nii.gz"})
    std::filesystem::copy_file(stem + name, folder + "/" + name);
  ASSERT_EQ(run_script("cd '" + folder +
                       "' && sociometer rsa --trials trials.tsv --model belief "
                       "--rois all=mask.nii.gz -o ../out --log-level error")
                .exit_code,
            0);
  EXPECT_EQ(cell(read_table(trials.folder / "out/rsaValues.tsv"), 0, "participant_id"), "alone");
  std::string table = read_bytes(folder + "/trials.tsv");
  table.replace(table.find("\n1\t1\t") + 3, 1, "n/a");
  write_text(folder + "/trials.tsv", table);
  EXPECT_TRUE(
      fails_with(run_program({"rsa", "--trials", folder + "/trials.tsv", "--model", "belief",
                              "--rois", trials.roi(), "-o", trials.folder / "bad"}),
                 3, {"trials.tsv line 2", "run_number is 'n/a'"}));
}

TEST(RsaInputs, SaysWhichTableLacksWhom) {
  const Trials trials;
  write_text(trials.folder / "ratings.tsv", "participant_id\toption\trating\nsub-01\tA\t1\n");
  const Words words{"--rois", trials.roi(), "--conditions",
                    "chosen", "--values",   trials.folder / "ratings.tsv",
                    "--model"};
  const auto with = [&](const char* model) {
    Words all = words;
    all.push_back(model);
    return trials.rsa(all);
  };
  EXPECT_TRUE(fails_with(with("rating"), 3, {"ratings.tsv has no row of participant sub-02"}));
  write_text(trials.folder / "ratings.tsv", "option\tbelief\nA\t1\nB\t2\nC\t3\nD\t4\n");
  EXPECT_TRUE(fails_with(with("belief"), 3, {"'belief'", "ratings.tsv", "rename"}));
}

TEST(RsaInputs, TakesResidualsOfTheSameScansOnly) {
  const Trials trials;
  ASSERT_TRUE(exits_with(Residuals(trials).rsa(trials, "out"), 0));
  const Json json = read_json(trials.folder / "out/rsaValues.json");
  EXPECT_EQ(json["NoiseFrom"], "residual images");
  // Table, image, sidecar; three residuals with theirs; the mask of the region.
  EXPECT_EQ(json["Inputs"].size(), 10u);
  const auto refused = [&](const Json& changes, const Words& words) {
    return fails_with(Residuals(trials, changes).rsa(trials, "refused"), 3, words);
  };
  EXPECT_TRUE(refused({{"Scaling", "grand-mean"}}, {"Scaling", "grand-mean", "none"}));
  EXPECT_TRUE(refused({{"SmoothingFWHM", {6, 6, 6}}}, {"SmoothingFWHM", "6"}));
  const Residuals smooth(trials, {{"SmoothingFWHM", {6, 6, 6}}});
  EXPECT_TRUE(fails_with(smooth.rsa(trials, "dry", {"--dry-run"}), 3, {"SmoothingFWHM"}));
  const Residuals whole(trials);
  Json runs = Residuals::runs_of(whole);
  for (auto& run : runs) run["CensoredScans"] = 2;
  EXPECT_TRUE(refused({{"Runs", runs}}, {"2 of 40 scans were censored"}));
  runs[1]["XXH3"] = "another";
  runs[0]["CensoredScans"] = 0;
  EXPECT_TRUE(refused({{"Runs", runs}}, {"none of the images"}));
  runs[1].erase("XXH3");
  EXPECT_TRUE(refused({{"Runs", runs}}, {"none of the images"}));
  runs = Residuals::runs_of(whole);
  for (const Json& dof : {Json(nullptr), Json(0), Json(-3), Json("30")}) {
    for (auto& run : runs) run["DegreesOfFreedom"] = dof;
    const Residuals without(trials, {{"Runs", runs}});
    for (const Words& more : {Words{}, Words{"--dry-run"}})
      EXPECT_TRUE(fails_with(without.rsa(trials, "dof", more), 3, {"errorts"})) << dof;
  }
  EXPECT_TRUE(
      fails_with(Residuals(trials, Json::object(), 2).rsa(trials, "few"), 3, {"2 of --residuals"}));
  EXPECT_TRUE(fails_with(Residuals(trials, Json::object(), 3, "sub-05").rsa(trials, "other"), 3,
                         {"0 of --residuals are of sub-01"}));
}

TEST(RsaInputs, RefusesTheTableOfOtherTrials) {
  const Trials trials;
  const auto volumes = [&](double shift) {
    TrialMapRecord image;
    TrialVolumesRecord& volumes = image.volumes.emplace();
    for (int t = 0; t < kRuns * kPerRun; ++t) {
      volumes.run_number.push_back(t / kPerRun + 1);
      volumes.onset_s.push_back(8 * (t % kPerRun) + (t == 9 ? shift : 0));
    }
    const std::string stem = trials.tables[1].substr(0, trials.tables[1].size() - 10);
    write_text(stem + "desc-trials_stat-effect_statmap.json", signed_text(image, {}));
  };
  const Words words{"--rois", trials.roi(), "--model", "belief"};
  volumes(2e-5);  // the digits of a table
  EXPECT_TRUE(exits_with(trials.rsa(words), 0));
  volumes(0.5);
  EXPECT_TRUE(fails_with(trials.rsa(words, "no"), 3,
                         {"sub-02_trials.tsv line 11: trial 10 is at 8 s of run 2",
                          "8.5 s of run 2", "sub-02_desc-trials"}));
  EXPECT_FALSE(std::filesystem::exists(trials.folder / "no"));
}

TEST(RsaInputs, LeavesOutWhoHasOneRunOfConditions) {
  const Trials trials;
  // sub-04 has amplitudes in run 1 only.
  std::string table = read_bytes(trials.tables[3]);
  const size_t second_run = table.find("\n" + std::to_string(kPerRun + 1) + "\t");
  for (size_t at = second_run; (at = table.find("\tok\t", at)) != std::string::npos;)
    table.replace(at + 1, 2, "no");
  write_text(trials.tables[3], table);
  const CommandResult result = trials.rsa(
      {"--rois", trials.roi(), "--model", "belief", "--conditions", "chosen"}, "out", "warning");
  ASSERT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("sub-04 is left out"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("0 pairs of conditions occur together"), std::string::npos);
  EXPECT_EQ(cell(read_table(trials.folder / "out/rsaGroup.tsv"), 0, "n"), "5");
}

/// The lines of a table after its header, backwards.
std::string backwards(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::reverse(lines.begin() + 1, lines.end());
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

TEST(RsaInputs, MatchesRowsWithVolumesByTheirNumber) {
  const Trials trials;
  const Words words{"--rois", trials.roi(), "--model", "belief", "--dissimilarity", "euclidean"};
  ASSERT_TRUE(exits_with(trials.rsa(words, "before"), 0));
  write_text(trials.tables[1], backwards(read_bytes(trials.tables[1])));
  ASSERT_TRUE(exits_with(trials.rsa(words, "after"), 0));
  EXPECT_EQ(read_bytes(trials.folder / "after/rsaValues.tsv"),
            read_bytes(trials.folder / "before/rsaValues.tsv"));
  std::string twice = read_bytes(trials.tables[2]);
  twice.replace(twice.find("\n2\t"), 3, "\n1\t");
  write_text(trials.tables[2], twice);
  EXPECT_TRUE(fails_with(trials.rsa(words, "never"), 3,
                         {"sub-03_trials.tsv line 3: trial_number is 1, as in line 2"}));
}

TEST(RsaInputs, LeavesOutWhoHasTooFewPairsOfRuns) {
  const Trials trials;
  std::string table = read_bytes(trials.tables[3]);
  for (size_t at = table.find("\n" + std::to_string(kPerRun + 1) + "\t");
       (at = table.find("\tok\t", at)) != std::string::npos;)
    table.replace(at + 1, 2, "no");
  write_text(trials.tables[3], table);
  const CommandResult result =
      trials.rsa({"--rois", trials.roi(), "--model", "belief"}, "out", "warning");
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("sub-04 is left out"), std::string::npos) << result.err;
  const Json json = read_json(trials.folder / "out/rsaGroup.json");
  EXPECT_EQ(json["Participants"].size(), size_t(kPeople - 1));
  EXPECT_EQ(json["LeftOut"].size(), 1u);
}

TEST(RsaInputs, RefusesImagesOfAnotherParticipant) {
  const Trials trials;
  const auto write = [&](size_t table, const char* bold, const char* noise) {
    TrialTableRecord record;
    record.facts.fit = fit_of_runs("none");
    record.facts.fit.noise.model = noise;
    record.facts.fit.runs.push_back({bold, "00"});
    const std::string& path = trials.tables[table];
    write_text(path.substr(0, path.size() - 4) + ".json", signed_text(record, {}));
  };
  const Words words{"--rois", trials.roi(), "--model", "belief"};
  write(1, "bids/sub-01/func/sub-01_run-1_bold.nii.gz", "ar1");
  EXPECT_TRUE(fails_with(trials.rsa(words), 3, {"sub-02_trials.tsv", "sub-01_run-1_bold.nii.gz"}));
  write(1, "bids/sub-02/func/sub-02_run-1_bold.nii.gz", "ols");
  // Whose amplitudes come from another model is told, once there are two records.
  write(0, "bids/sub-01/func/sub-01_run-1_bold.nii.gz", "ar1");
  const CommandResult result = trials.rsa(words, "out", "warning");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("noise model ols"), std::string::npos) << result.err;
}

TEST(RsaInputs, SaysWhichConditionsHaveNoValues) {
  const Trials trials;
  const auto with = [&](const std::string& rows, const std::string& out) {
    write_text(trials.folder / "values.tsv", "option\trating\n" + rows);
    return trials.rsa({"--rois", trials.roi(), "--conditions", "chosen", "--values",
                       trials.folder / "values.tsv", "--model", "rating"},
                      out, "warning");
  };
  EXPECT_TRUE(fails_with(with("a\t1\nb\t2\nc\t3\nd\t4\n", "none"), 3,
                         {"values.tsv", "no row for any condition of sub-01", "A, B"}));
  EXPECT_FALSE(std::filesystem::exists(trials.folder / "none"));
  const CommandResult some = with("A\t1\nB\t2\nC\t3\nd\t4\n", "some");
  ASSERT_TRUE(exits_with(some, 0));
  EXPECT_NE(some.err.find("no row for 1 of the 4 conditions of sub-01: D"), std::string::npos)
      << some.err;
}

TEST(RsaInputs, RefusesBeforehandWhatTablesTell) {
  const Trials trials;
  write_text(trials.folder / "rdm.tsv",
             "name\tA\tB\tC\tD\nA\t0\t1\t2\t3\nB\t5\t0\t1\t2\nC\t2\t1\t0\t1\n"
             "D\t3\t2\t1\t0\n");
  const Words crooked{"--rois",
                      trials.roi(),
                      "--conditions",
                      "chosen",
                      "--dry-run",
                      "--model-rdm",
                      "m=" + trials.folder / "rdm.tsv"};
  EXPECT_TRUE(
      fails_with(trials.rsa(crooked), 3, {"not symmetric", "1 for A and B, 5 for B and A"}));
  write_text(trials.folder / "rdm.tsv",
             "name\tA\tB\tC\tD\nA\t0\t-1\t-2\t-3\nB\t-1\t0\t-1\t-2\nC\t-2\t-1\t0\t-1\n"
             "D\t-3\t-2\t-1\t0\n");
  EXPECT_TRUE(fails_with(trials.rsa(crooked), 3, {"no value above 0", "-3", "similarities"}));
  EXPECT_TRUE(fails_with(trials.rsa({"--rois", trials.roi(), "--model", "belief", "--nuisance",
                                     "part:category", "trial_type:category", "--dry-run"}),
                         3, {"--nuisance trial_type is 0 for all pairs compared"}));
}

TEST(RsaInputs, RefusesNumbersWithDecimalCommas) {
  const Trials trials;
  for (const auto& path : trials.tables) {
    std::string table = read_bytes(path);
    const size_t header = table.find('\n');
    std::replace(table.begin() + long(header), table.end(), '.', ',');
    for (size_t at; (at = table.find("1,2\tok")) != std::string::npos;) table.replace(at, 3, "1.2");
    write_text(path, table);
  }
  EXPECT_TRUE(fails_with(trials.rsa({"--rois", trials.roi(), "--model", "belief"}), 3,
                         {"column 'belief'", "decimal point", "belief:category"}));
}

TEST(RsaInputs, RefusesWhatCannotBe) {
  const Trials trials;
  const Words roi{"--rois", trials.roi()};
  const auto refused = [&](Words more, int code, const Words& words) {
    more.insert(more.begin(), roi.begin(), roi.end());
    return fails_with(trials.rsa(more), code, words);
  };
  EXPECT_TRUE(refused({"--model", "nothing"}, 3, {"no column 'nothing'", "belief"}));
  EXPECT_TRUE(refused({"--model", "belief", "--conditions", "liked"}, 3, {"no column 'liked'"}));
  EXPECT_TRUE(refused({"--model", "belief", "--nuisance", "run"}, 3,
                      {"--nuisance run is 1 for all pairs", "--pairs all"}));
  EXPECT_TRUE(refused({"--model", "belief", "--trial-types", "choice"}, 3, {"0 trials"}));
  EXPECT_TRUE(refused({"--model", "belief", "--dissimilarity", "crossnobis"}, 2, {"--conditions"}));
  write_text(trials.folder / "rdm.tsv", "name\tA\tB\nA\t0\t1\nB\t1\t0\n");
  EXPECT_TRUE(refused({"--conditions", "chosen", "--model-rdm", "m=" + trials.folder / "rdm.tsv"},
                      3, {"lacks condition 'C'"}));
  EXPECT_TRUE(
      fails_with(run_program({"rsa", "--trials", trials.tables[0], trials.tables[0], "--rois",
                              trials.roi(), "--model", "belief", "-o", trials.folder / "twice"}),
                 3, {"two tables", "sub-01"}));
}

}  // namespace rsa_cli
}  // namespace sociometer::testing
