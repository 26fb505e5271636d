// `rsa` from end to end: simulated studies with and without patterns that follow beliefs, through
// `learn` and `trials`.
#include <cmath>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace rsa_study {

/// Simulates six people, and compares single trials and partners with beliefs.
std::string analysis(const std::string& folder, const std::string& settings) {
  return "set -e; mkdir '" + folder + "'; cd '" + folder + "'\n" + "printf '" + settings +
         "' > settings.json\n" + R"(
sociometer simulate study --participants 6 --trials 40 --grid tiny --settings settings.json
sociometer learn study learning --models hybrid
for sub in sub-01 sub-02 sub-03 sub-04 sub-05 sub-06; do
  sociometer trials --bold study/derivatives/fmriprep/$sub/func/*_desc-preproc_bold.nii.gz \
    --events learning/$sub/func/*_desc-signals_events.tsv --trial-types feedback --prefix $sub \
    -o trials/$sub
done
sociometer rsa --trials trials/*/*_trials.tsv --set rejection control --dissimilarity euclidean \
  --model rank_mean_before outcome_value_before --compare regression --nuisance trial_number \
  --permutations 0 -o trialwise
sociometer rsa --trials trials/*/*_trials.tsv --set rejection control --conditions chosen \
  --model rank_mean_before outcome_value_before --permutations 0 --pattern-permutations 200 -o partners
)";
}

double figure(const Table& table, const std::string& region, const std::string& model,
              const char* column) {
  for (const auto& row : table.rows)
    if (row[size_t(table.find("region"))] == region && row[size_t(table.find("model"))] == model) {
      const std::string& text = row[size_t(table.find(column))];
      return text == "n/a" ? std::nan("") : std::stod(text);
    }
  ADD_FAILURE() << "no row of " << region << " " << model;
  return 0;
}

TEST(RsaOfAStudy, FindsWhatWasPlantedWhereItWasPlanted) {
  const TemporaryFolder folder;
  const CommandResult result = run_script(
      analysis(folder / "planted",
               R"({"response": {"rank_pattern_percent": 0.4, "outcome_pattern_percent": 3}})"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* kind : {"trialwise", "partners"}) {
    SCOPED_TRACE(kind);
    const Table group = read_table(folder / "planted/" + kind + "/rsaGroup.tsv");
    for (const char* model : {"rank_mean_before", "outcome_value_before"}) {
      EXPECT_GT(figure(group, "rejection", model, "t"), 3) << model;
      EXPECT_LT(figure(group, "rejection", model, "p_holm"), 0.05) << model;
      EXPECT_GT(figure(group, "control", model, "p_holm"), 0.05) << model;
    }
  }
}

TEST(RsaOfAStudy, FindsNothingWhereNothingWasPlanted) {
  const TemporaryFolder folder;
  const CommandResult result = run_script(analysis(folder / "null", "{}"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* kind : {"trialwise", "partners"}) {
    SCOPED_TRACE(kind);
    const Table group = read_table(folder / "null/" + kind + "/rsaGroup.tsv");
    for (const char* region : {"rejection", "control"})
      for (const char* model : {"rank_mean_before", "outcome_value_before"})
        EXPECT_GT(figure(group, region, model, "p_holm"), 0.05) << region << " " << model;
  }
}

/// The published analysis of 14 people whose voxels follow both beliefs the more alike, the more
/// they take acceptance for being liked; or whose voxels do not depend on that.
std::string published(const std::string& folder, const std::string& per_bias) {
  return "set -e; mkdir '" + folder + "'; cd '" + folder + "'\n" +
         R"(printf '{"response": {"rank_pattern_percent": 0.4, "outcome_pattern_percent": 3, )" +
         R"("pattern_overlap": 0.5, "pattern_overlap_per_bias": )" + per_bias +
         R"(}}' > settings.json
sociometer simulate study --participants 14 --trials 40 --grid tiny --settings settings.json
sociometer learn study learning --models hybrid
for i in $(seq -f %02g 14); do
  sociometer trials --bold study/derivatives/fmriprep/sub-$i/func/*_desc-preproc_bold.nii.gz \
    --events learning/sub-$i/func/*_desc-signals_events.tsv --trial-types feedback --prefix sub-$i \
    -o trials/sub-$i
done
sociometer rsa --preset babur2024 --trials trials/*/*_trials.tsv \
  --values study/phenotype/ratings.tsv --overlap-with outcome_effect \
  --participants study/phenotype/rating_effects.tsv -o out
)";
}

TEST(RsaOfAStudy, RelatesThePlantedOverlapToTheRatingBias) {
  const TemporaryFolder folder;
  for (const bool planted : {true, false}) {
    SCOPED_TRACE(planted);
    const std::string place = folder / (planted ? "planted" : "null");
    const CommandResult result = run_script(published(place, planted ? "0.5" : "0"));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const Table table = read_table(place + "/out/rsaReported.tsv");
    ASSERT_EQ(table.rows.size(), 4u);
    const auto cell = [&](size_t row, const char* column) {
      return table.rows[row][size_t(table.find(column))];
    };
    EXPECT_EQ(cell(0, "test"), "being-liked ratings");
    EXPECT_EQ(cell(1, "test"), "trial-wise rank belief");
    EXPECT_EQ(cell(2, "test"), "outcome belief");
    EXPECT_EQ(cell(0, "reported_t"), "3.59");
    EXPECT_EQ(cell(1, "reported_t"), "3.08");
    EXPECT_EQ(cell(2, "reported_t"), "5.17");
    EXPECT_EQ(cell(3, "reported_r"), "0.57");
    EXPECT_GT(std::stod(cell(1, "t")), 3);
    EXPECT_GT(std::stod(cell(2, "t")), 3);
    EXPECT_EQ(cell(2, "dof"), "13");
    std::printf("%s: r = %s, p = %s\n", planted ? "planted" : "null", cell(3, "r").c_str(),
                cell(3, "p").c_str());
    if (planted) {
      EXPECT_GT(std::stod(cell(3, "r")), 0.5);
      EXPECT_LT(std::stod(cell(3, "p")), 0.05);
    } else {
      EXPECT_GT(std::stod(cell(3, "p")), 0.05);
    }
    const Table group = read_table(place + "/out/trials_rsaOverlapGroup.tsv");
    EXPECT_EQ(group.rows[0][size_t(group.find("pearson_r"))], cell(3, "r"));
    const Json json = read_json(place + "/out/rsaReported.json");
    EXPECT_EQ(json["Requests"]["deciders"]["dissimilarity"], "crossnobis");
    EXPECT_TRUE(json["Inferred"].is_array());
  }
}

/// The three tests of the paper on ten people whose ratings have nothing to do with the partners'
/// ranks and outcomes: t of each.
std::map<std::string, double> three_tests(const std::string& folder, const std::string& response) {
  const CommandResult result = run_script(
      "set -e; mkdir '" + folder + "'; cd '" + folder + "'\nprintf '" +
      R"({"ratings": {"rank_dz": 0, "outcome_dz": 0, "effect_sd": 0, "noise_sd": 25}, "response": {)" +
      response + R"(}}' > settings.json
sociometer simulate study --seed 2 --participants 10 --trials 40 --grid tiny --settings settings.json
sociometer learn study learning --models hybrid
for i in $(seq -f %02g 10); do
  sociometer trials --bold study/derivatives/fmriprep/sub-$i/func/*_desc-preproc_bold.nii.gz \
    --events learning/sub-$i/func/*_desc-signals_events.tsv --trial-types feedback --prefix sub-$i \
    -o trials/sub-$i
done
sociometer rsa --preset babur2024 --trials trials/*/*_trials.tsv \
  --values study/phenotype/ratings.tsv --permutations 0 --overlap-permutations 0 -o out
)");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::map<std::string, double> t;
  if (result.exit_code != 0) return t;
  const Table table = read_table(folder + "/out/rsaReported.tsv");
  for (const auto& row : table.rows)
    if (const std::string& value = row[size_t(table.find("t"))]; value != "n/a")
      t[row[size_t(table.find("test"))]] = std::stod(value);
  return t;
}

/// Above 4 where they are planted, and not significant (t(9) at .05, two-sided) elsewhere.
TEST(RsaOfAStudy, RecoversEachOfTheThreeTestsWhereItIsPlanted) {
  const TemporaryFolder folder;
  const std::string beliefs = R"("rank_pattern_percent": 0.4, "outcome_pattern_percent": 3)",
                    ratings = R"("rating_pattern_percent": 2)";
  const std::tuple<const char*, std::string, bool, bool> cases[] = {
      {"all", beliefs + ", " + ratings, true, true},
      {"beliefs", beliefs, true, false},
      {"ratings", ratings, false, true},
      {"nothing", "", false, false}};
  for (const auto& [name, response, has_beliefs, has_ratings] : cases) {
    SCOPED_TRACE(name);
    const auto t = three_tests(folder / name, response);
    ASSERT_EQ(t.size(), 3u);
    for (const auto& [test, value] : t) {
      std::printf("%s: %s, t = %.2f\n", name, test.c_str(), value);
      if (test == "being-liked ratings" ? has_ratings : has_beliefs)
        EXPECT_GT(value, 4) << test;
      else
        EXPECT_LT(std::abs(value), 2.26) << test;
    }
  }
}

TEST(RsaOfAStudy, NormalisesByResidualsOfAFit) {
  const TemporaryFolder folder;
  const CommandResult made = run_script("set -e; cd '" + folder.path().string() + R"sh('
sociometer simulate study --participants 1 --trials 12 --grid tiny
sociometer learn study learning --models hybrid
func=study/derivatives/fmriprep/sub-01/func
inputs="--bold $(echo $func/*_bold.nii.gz) --events $(echo learning/sub-01/func/*_events.tsv)"
sociometer trials $inputs --trial-types feedback --prefix sub-01 -o trials
sociometer fit $inputs --contrast f=feedback --save residuals --no-estimates --prefix sub-01 -o fit
sociometer fit $inputs --contrast f=feedback --save residuals --no-estimates --prefix sub-01 \
  --smoothing-fwhm 8 -o smooth
rsa="sociometer rsa --trials trials/sub-01_trials.tsv --rois all=trials/sub-01_mask.nii.gz"
rsa="$rsa --model rank_mean_before --dissimilarity euclidean --normalisation univariate"
$rsa --residuals fit/*_stat-errorts_statmap.nii.gz -o out
$rsa --residuals smooth/*_stat-errorts_statmap.nii.gz -o refused || echo refused $?
)sh");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_NE(made.out.find("refused 3"), std::string::npos) << made.out;
  EXPECT_NE(made.err.find("SmoothingFWHM"), std::string::npos) << made.err;
  const Json json = read_json(folder / "out/rsaValues.json");
  EXPECT_EQ(json["NoiseFrom"], "residual images");
  EXPECT_EQ(json["NoiseNormalisation"], "univariate");
  // The first distance, from the images: squares over the variance of the residuals.
  const Image trials = read_nifti(folder / "trials/sub-01_desc-trials_stat-effect_statmap.nii.gz");
  Eigen::VectorXd squares = Eigen::VectorXd::Zero(trials.values.rows());
  double dof = 0;
  for (const std::string run : {"1", "2"}) {
    const std::string stem = folder / ("fit/sub-01_run-" + run + "_stat-errorts_statmap");
    const Image residuals = read_nifti(stem + ".nii.gz");
    const Eigen::VectorXd mean = residuals.values.rowwise().mean();
    squares += (residuals.values.colwise() - mean).rowwise().squaredNorm();
    dof += read_json(stem + ".json")["Runs"][std::stoi(run) - 1]["DegreesOfFreedom"].get<double>();
  }
  const Table rdms = read_table(folder / "out/rsaRdms.tsv");
  const auto cell = [&](const char* column) { return rdms.rows[0][size_t(rdms.find(column))]; };
  const Eigen::Index one = std::stoi(cell("first")) - 1, other = std::stoi(cell("second")) - 1;
  double sum = 0, n = 0;
  for (Eigen::Index v = 0; v < squares.size(); ++v) {
    const auto values = trials.values.row(v);
    if (!(squares[v] > 0) || !values.allFinite() || values.isZero(0)) continue;
    sum += (values[one] - values[other]) * (values[one] - values[other]) / squares[v] * dof;
    ++n;
  }
  EXPECT_GT(n, 1000);
  EXPECT_TRUE(close_number(std::stod(cell("dissimilarity")), sum / n, 1e-6));
}

}  // namespace rsa_study
}  // namespace sociometer::testing
