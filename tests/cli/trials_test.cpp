// `trials`: amplitudes, table, averages and regions of a small study.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "io/stores/trials_file.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

CommandResult run_trials(const Study& study, const Words& more, const std::string& out = "out",
                         const std::string& level = "error") {
  Words words = study.arguments(more, out);
  words[0] = "trials";
  *(std::find(words.begin(), words.end(), "--log-level") + 1) = level;
  return run_program(words);
}

Eigen::MatrixXd values_in(const Study& study, const std::string& name) {
  return read_nifti(study / name).values;
}

TEST(Trials, HaveARowAndAVolumeEach) {
  const Study study;
  ASSERT_TRUE(exits_with(run_trials(study, {"--map-type", "float64", "--variance"}), 0));
  const Table table = read_table(study / "out/trials.tsv");
  ASSERT_EQ(table.rows.size(), 22u);  // eleven events in each of two runs
  const int run = table.find("run_number"), rank = table.find("rank"),
            type = table.find("trial_type");
  ASSERT_GE(rank, 0);
  EXPECT_EQ(table.rows[0][size_t(run)], "1");
  EXPECT_EQ(table.rows[11][size_t(run)], "2");
  EXPECT_EQ(table.rows[12][size_t(type)], "b");
  EXPECT_EQ(table.rows[12][size_t(rank)], "2");
  const auto amplitude = values_in(study, "out/desc-trials_stat-effect_statmap.nii.gz"),
             variance = values_in(study, "out/desc-trials_stat-variance_statmap.nii.gz");
  EXPECT_EQ(amplitude.cols(), 22);
  EXPECT_TRUE(amplitude.allFinite());
  EXPECT_GT(variance.minCoeff(), 0);
  const Json json = read_json(study / "out/trials.json");
  EXPECT_EQ(json["Method"], "least squares, separate");
  EXPECT_EQ(json["OtherTrials"], "condition");
  EXPECT_TRUE(json["trial_vif"].contains("Description"));
}

/// The first run's events, one of them a condition of its own.
std::string with_own_condition(size_t event) {
  std::string text = study_events();
  size_t line = 0;
  for (size_t i = 0; i <= event; ++i) line = text.find('\n', line) + 1;
  const size_t tab = text.find("\t2\t", line);
  text.replace(tab + 3, 1, "this");
  return text;
}

TEST(Trials, EqualAFitInWhichTheTrialIsACondition) {
  Study study;
  study.only_one_run();
  const Words options{"--noise-model", "ols", "--map-type", "float64"};
  ASSERT_TRUE(exits_with(run_trials(study, options), 0));
  const auto amplitude = values_in(study, "out/desc-trials_stat-effect_statmap.nii.gz");
  for (size_t event : {size_t{0}, size_t{5}, size_t{10}}) {
    write_text(study.events[0], with_own_condition(event));
    Words fit = options;
    fit.insert(fit.end(), {"--contrast", "this", "--overwrite"});
    ASSERT_TRUE(exits_with(study.fit(fit, "fit"), 0));
    EXPECT_TRUE(close_relative(amplitude.col(Eigen::Index(event)),
                               values_in(study, "fit/contrast-this_stat-effect_statmap.nii.gz"),
                               1e-9, 1));
  }
}

TEST(Trials, AveragesAreMeansOfTheirVolumes) {
  const Study study;
  ASSERT_TRUE(exits_with(
      run_trials(study, {"--average-by", "trial_type", "rank", "--map-type", "float64"}), 0));
  const auto amplitude = values_in(study, "out/desc-trials_stat-effect_statmap.nii.gz");
  const Table table = read_table(study / "out/trials.tsv");
  for (const auto& [column, value, file] :
       {std::tuple{"trial_type", "b", "b"}, std::tuple{"rank", "2", "rank2"}}) {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(amplitude.rows());
    double n = 0;
    for (size_t t = 0; t < table.rows.size(); ++t)
      if (table.rows[t][size_t(table.find(column))] == value)
        sum += amplitude.col(Eigen::Index(t)), n += 1;
    const std::string map = std::string("out/contrast-") + file + "_stat-effect_statmap";
    EXPECT_TRUE(close_relative(values_in(study, map + ".nii.gz"), sum / n, 1e-12, 1));
    EXPECT_EQ(read_json(study / (map + ".json"))["Average"]["Trials"], long(n));
  }
}

TEST(Trials, ThatCannotBeToldApartAreReportedAndMissing) {
  Study study;
  study.only_one_run();
  write_text(study.events[0], study_events() + "104\t2\tb\t1\n" + "500\t2\tb\t1\n");
  const CommandResult result = run_trials(study, {"--images", "both"}, "out", "warning");
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("trial 12 (b at 104 s, run 1) has no amplitude"), std::string::npos)
      << result.err;
  const Table table = read_table(study / "out/trials.tsv");
  const auto cell = [&](size_t row, const char* column) {
    return table.rows[row][size_t(table.find(column))];
  };
  EXPECT_EQ(cell(10, "trial_status"), "not separable");  // a at 104 s
  EXPECT_EQ(cell(10, "trial_note"),
            "its response is that of trial 12, the b at 104 s (r = 1.0000)");
  EXPECT_EQ(cell(12, "trial_status"), "no response");
  EXPECT_EQ(cell(12, "trial_vif"), "n/a");
  EXPECT_EQ(cell(0, "trial_note"), "n/a");
  const StoredTrials stored = read_trials(study / "out/trials.h5");
  EXPECT_EQ(stored.amplitude.cols(), 13);
  EXPECT_TRUE(stored.amplitude.rightCols(2).array().isNaN().all());
  EXPECT_TRUE(stored.amplitude.leftCols(10).allFinite());
  EXPECT_EQ(stored.type[11], "b");
  EXPECT_EQ(stored.status[12], 1);
}

TEST(Trials, HaveMeansInRegions) {
  const Study study;
  ASSERT_TRUE(
      exits_with(run_trials(study, {"--rois", "all=" + study.mask, "--map-type", "float64"}), 0));
  const Table table = read_table(study / "out/trialRegions.tsv");
  const auto amplitude = values_in(study, "out/desc-trials_stat-effect_statmap.nii.gz");
  ASSERT_EQ(table.names, (Words{"trial_number", "all"}));
  for (size_t t = 0; t < table.rows.size(); ++t)
    EXPECT_TRUE(close_number(number_in(table, t, 1), amplitude.col(Eigen::Index(t)).mean(), 1e-10));
}

TEST(Trials, ShrinkToTheFractionAskedFor) {
  Study study;
  const Words options{"--method", "lsa", "--noise-model", "ols", "--map-type", "float64"};
  ASSERT_TRUE(exits_with(run_trials(study, options), 0));
  Words shrunken = options;
  shrunken.insert(shrunken.end(), {"--shrinkage", "0.4"});
  ASSERT_TRUE(exits_with(run_trials(study, shrunken, "shrunken"), 0));
  const auto before = values_in(study, "out/desc-trials_stat-effect_statmap.nii.gz"),
             after = values_in(study, "shrunken/desc-trials_stat-effect_statmap.nii.gz");
  for (Eigen::Index v = 0; v < before.rows(); ++v)
    for (Eigen::Index run : {0, 11})
      EXPECT_TRUE(close_number(after.row(v).segment(run, 11).norm(),
                               0.4 * before.row(v).segment(run, 11).norm(), 1e-9));
  shrunken.back() = "cv";
  ASSERT_TRUE(exits_with(run_trials(study, shrunken, "cv"), 0));
  const auto fractions = values_in(study, "cv/desc-shrinkage_stat-fraction_statmap.nii.gz");
  EXPECT_GE(fractions.minCoeff(), 0.1);
  EXPECT_LE(fractions.maxCoeff(), 1);
  study.only_one_run();
  EXPECT_TRUE(fails_with(run_trials(study, shrunken, "one"), 2, {"one run", "fraction"}));
  shrunken.emplace_back("--dry-run");
  EXPECT_TRUE(fails_with(run_trials(study, shrunken, "one"), 2, {"one run", "fraction"}));
}

TEST(Trials, DoNotDependOnThreads) {
  const Study study;
  for (const char* noise : {"ar2", "arma11"}) {
    for (const char* threads : {"1", "5"})
      ASSERT_TRUE(exits_with(
          run_trials(study,
                     {"--noise-model", noise, "-j", threads, "--images", "both", "--variance"},
                     std::string(noise) + threads),
          0));
    for (const char* ending : {".nii.gz", ".h5", ".tsv"})
      EXPECT_TRUE(same_files(study / (std::string(noise) + "1"), study / (std::string(noise) + "5"),
                             ending));
  }
}

TEST(Trials, RefuseWhatTheyCannotDo) {
  const Study study;
  EXPECT_TRUE(fails_with(run_trials(study, {"--trial-types", "nobody"}), 3, {"nobody", "a, b"}));
  EXPECT_TRUE(fails_with(run_trials(study, {"--average-by", "decider"}), 3, {"decider", "rank"}));
  EXPECT_TRUE(fails_with(run_trials(study, {"--hrf", "fir"}), 2, {"fir"}));
  EXPECT_TRUE(fails_with(run_trials(study, {"--amplitude", "peak"}), 2, {"derivative"}));
  EXPECT_TRUE(fails_with(run_trials(study, {"--method", "lsa", "--others", "all"}), 2,
                         {"--others all", "--method lsa"}));
  EXPECT_FALSE(fs::exists(study / "out/trials.tsv"));
}

/// The study's conditions a and b, and rank as a modulator of b, as a stats model.
const char* const kModelOfTrials = R"({"Name": "trials", "BIDSModelVersion": "1.0.0", "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Product", "Input": ["trial_type.b", "rank"], "Output": ["b_rank"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.a", "trial_type.b", "b_rank"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.a", "trial_type.b", "b_rank", 1]}}]})";

TEST(Trials, OfAModelAreThoseOfItsEvents) {
  const Study study;
  write_text(study / "model.json", kModelOfTrials);
  ASSERT_TRUE(exits_with(run_trials(study, {"--map-type", "float64", "--trial-types", "b",
                                            "--modulators", "b:rank", "--center", "none"}),
                         0));
  ASSERT_TRUE(exits_with(
      run_trials(study,
                 {"--map-type", "float64", "--trial-types", "b", "--model", study / "model.json"},
                 "of_model"),
      0));
  EXPECT_TRUE(close_relative(values_in(study, "of_model/desc-trials_stat-effect_statmap.nii.gz"),
                             values_in(study, "out/desc-trials_stat-effect_statmap.nii.gz"), 1e-9,
                             1));
  const Table events = read_table(study / "out/trials.tsv"),
              model = read_table(study / "of_model/trials.tsv");
  EXPECT_GE(model.find("trial_type_of_events"), 0) << "the condition is a column of X";
  for (const char* column : {"trial_number", "run_number", "onset", "trial_type", "rank"})
    for (size_t row = 0; row < events.rows.size(); ++row)
      EXPECT_EQ(model.rows[row][size_t(model.find(column))],
                events.rows[row][size_t(events.find(column))])
          << column << " of row " << row;
  const CommandResult unknown =
      run_trials(study, {"--model", study / "model.json", "--trial-types", "c"}, "never", "error");
  EXPECT_TRUE(exits_with(unknown, 3));
  EXPECT_NE(unknown.err.find("trial type 'c'"), std::string::npos) << unknown.err;
  EXPECT_FALSE(fs::exists(study / "never"));
}

}  // namespace
}  // namespace sociometer::testing
