// Requests for RSA: round trips through JSON, and what is refused.
#include "cli/jobs/rsa/rsa_preset.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace rsa_requests_test {

using testing::expect_round_trip;
using testing::expect_strict;

TEST(RsaRequests, RoundTrip) { expect_round_trip(RsaRequest{}); }

TEST(RsaRequests, RefuseWhatTheyDoNotKnow) { expect_strict<RsaRequest>(); }

RsaRequest sound_rsa() {
  RsaRequest request;
  request.trials = {"sub-01_trials.tsv"};
  request.models = {"rank"};
  request.sets = {"rejection"};
  request.output = "out";
  return request;
}

void expect_refused(const RsaRequest& request, const std::string& with) {
  try {
    check(request);
    ADD_FAILURE() << "was accepted: " << with;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(with), std::string::npos) << error.what();
  }
}

TEST(RsaRequests, NeedTrialsModelsAndAPlace) {
  EXPECT_NO_THROW(check(sound_rsa()));
  RsaRequest request = sound_rsa();
  request.models.clear();
  expect_refused(request, "--model COLUMN");
  request = sound_rsa();
  request.sets.clear();
  expect_refused(request, "--searchlight");
  request.searchlight_mm = 0;
  expect_refused(request, "above 0");
  request = sound_rsa();
  request.nuisance = {"run", "rank"};
  expect_refused(request, "'rank' is named twice");
}

TEST(RsaRequests, RefuseWhatTrialsCannotGive) {
  RsaRequest request = sound_rsa();
  request.dissimilarity = Dissimilarity::crossnobis;
  expect_refused(request, "--conditions COLUMN");
  request.conditions = "chosen";
  EXPECT_NO_THROW(check(request));
  EXPECT_EQ(request.chosen_normalisation(), NoiseNormalisation::multivariate);
  request.searchlight_mm = 9;  // changes nothing in regions
  EXPECT_EQ(request.chosen_normalisation(), NoiseNormalisation::multivariate);
  EXPECT_EQ(request.chosen_normalisation(true), NoiseNormalisation::univariate);
  request.by_run = true;
  expect_refused(request, "without --by-run");
  request = sound_rsa();
  request.normalisation = NoiseNormalisation::univariate;
  expect_refused(request, "--residuals");
  request.residuals = {"residuals.nii.gz"};
  EXPECT_NO_THROW(check(request));
  request = sound_rsa();
  request.values = "ratings.tsv";
  expect_refused(request, "--conditions");
}

TEST(RsaRequests, LeaveOutPairsWithinARunUnlessAskedFor) {
  RsaRequest request = sound_rsa();
  EXPECT_EQ(request.chosen_pair_choice(), PairChoice::between_runs);
  request.pairs = PairChoice::all;
  EXPECT_EQ(request.chosen_pair_choice(), PairChoice::all);
  request.conditions = "chosen";
  request.pairs.reset();
  EXPECT_EQ(request.chosen_pair_choice(), PairChoice::all);
  request.pairs = PairChoice::between_runs;
  expect_refused(request, "--by-run");
  request.by_run = true;
  EXPECT_NO_THROW(check(request));
}

TEST(RsaRequests, HaveWeightsOfSquaredDistancesOnly) {
  RsaRequest request = sound_rsa();
  request.comparison = RdmComparison::weighted_regression;
  expect_refused(request, "squared distances");
  request.dissimilarity = Dissimilarity::euclidean;
  EXPECT_NO_THROW(check(request));
}

TEST(RsaRequests, TakeCrossnobisForConditionsOverRuns) {
  RsaRequest request = sound_rsa();
  EXPECT_EQ(request.chosen_dissimilarity(), Dissimilarity::correlation);
  request.nuisance = {"trials"};
  expect_refused(request, "give --conditions");
  request.nuisance.clear();
  request.conditions = "chosen";
  EXPECT_EQ(request.chosen_dissimilarity(), Dissimilarity::crossnobis);
  request.by_run = true;
  EXPECT_EQ(request.chosen_dissimilarity(), Dissimilarity::correlation);
}

TEST(RsaRequests, ChooseTheImportanceThatTheComparisonHas) {
  RsaRequest request = sound_rsa();
  request.models = {"rank", "outcome"};
  request.importance.overlap = true;
  EXPECT_EQ(request.chosen_importance(), ImportanceMethod::jackknife);
  EXPECT_NO_THROW(check(request));
  request.importance.method = ImportanceMethod::contribution;
  expect_refused(request, "linear in the distances");
  request.comparison = RdmComparison::pearson;
  EXPECT_NO_THROW(check(request));
  request.importance.method.reset();
  EXPECT_EQ(request.chosen_importance(), ImportanceMethod::contribution);
  request.importance.score = "bias";
  expect_refused(request, "--participants FILE");
  request = sound_rsa();
  request.importance.method = ImportanceMethod::jackknife;
  expect_refused(request, "changes nothing without --overlap");
}

TEST(RsaRequests, OfAPresetAreItsParts) {
  RsaRequest request = sound_rsa();
  request.models.clear();
  request.sets.clear();
  request.preset = RsaPreset::babur2024;
  expect_refused(request, "--values");
  request.values = "ratings.tsv";
  EXPECT_NO_THROW(check(request));
  const auto parts = parts_of(request);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].request.unit(), PatternUnit::condition);
  EXPECT_EQ(parts[0].request.models, (std::vector<std::string>{"rating"}));
  EXPECT_EQ(parts[1].request.unit(), PatternUnit::trial);
  EXPECT_TRUE(parts[1].request.importance.overlap);
  for (const auto& part : parts) {
    EXPECT_EQ(part.request.sets, (std::vector<std::string>{"rejection"}));
    EXPECT_EQ(part.request.trial_types, (std::vector<std::string>{"feedback"}));
  }
  request.models = {"rank"};
  expect_refused(request, "--preset babur2024 decides --model");
  request.models.clear();
  request.dissimilarity = Dissimilarity::euclidean;
  expect_refused(request, "decides --dissimilarity");
}

TEST(RsaRequests, RefuseNuisanceThatAComparisonCannotTakeOut) {
  RsaRequest request = sound_rsa();
  request.nuisance = {"run"};
  request.comparison = RdmComparison::kendall;
  expect_refused(request, "takes no nuisance");
  request.comparison = RdmComparison::regression;
  EXPECT_NO_THROW(check(request));
  request.conditions = "chosen";
  expect_refused(request, "single runs");
}

}  // namespace rsa_requests_test
}  // namespace sociometer::jobs
