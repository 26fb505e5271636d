// Requests for single trials: round trips through JSON, and what is refused.
#include "cli/jobs/trials/trials_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

using testing::expect_round_trip;
using testing::expect_strict;

TEST(TrialRequests, RoundTrip) {
  expect_round_trip(TrialsRequest{}, {"shrinkage"});
  for (const char* text : {"", "cv", "0.25", "1"}) {
    TrialsRequest request;
    if (*text) request.shrinkage = parse_shrinkage(text);
    const Json json = to_json(request);
    EXPECT_EQ(json["shrinkage"], text);
    EXPECT_EQ(from_json<TrialsRequest>(json, "request").shrinkage, request.shrinkage);
  }
}

TEST(TrialRequests, RefuseWhatTheyDoNotKnow) { expect_strict<TrialsRequest>(); }

TrialsRequest sound_request() {
  TrialsRequest request;
  request.fit.bold = {"bold.nii.gz"};
  request.fit.design.events = {"events.tsv"};
  return request;
}

void expect_refused(const TrialsRequest& request, const std::string& with) {
  try {
    check(request);
    ADD_FAILURE() << "was accepted: " << with;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(with), std::string::npos) << error.what();
  }
}

TEST(TrialRequests, RefuseWhatHasNoTrials) {
  EXPECT_NO_THROW(check(sound_request()));
  TrialsRequest request = sound_request();
  request.fit.design.designs = {"design.tsv"};
  expect_refused(request, "--design");
  request = sound_request();
  request.fit.design.hrf = parse_hrf_model("fir");
  expect_refused(request, "one column per delay");
  request = sound_request();
  request.fit.design.contrasts = {"a"};
  expect_refused(request, "no contrasts");
}

TEST(TrialRequests, RefusePeaksWithoutDerivatives) {
  TrialsRequest request = sound_request();
  request.amplitude = TrialAmplitude::peak;
  expect_refused(request, "--hrf 'spm + derivative'");
  request.fit.design.hrf = parse_hrf_model("spm + derivative");
  EXPECT_NO_THROW(check(request));
  request.variance = true;
  expect_refused(request, "no linear function");
}

TEST(TrialRequests, ChooseResponsesOfTheLibraryOnly) {
  TrialsRequest request = sound_request();
  request.hrf_choice = HrfChoice::conditions;
  expect_refused(request, "--hrf-choice belongs to --hrf library");
  request.hrf_choice = {};
  request.hrf_map = "index.nii.gz";
  expect_refused(request, "--hrf-map belongs to --hrf library");
  request.fit.design.hrf = parse_hrf_model("library:3");
  expect_refused(request, "--hrf-map belongs to --hrf library");
  request.fit.design.hrf = parse_hrf_model("library");
  EXPECT_NO_THROW(check(request));
  request.hrf_choice = HrfChoice::conditions;
  expect_refused(request, "exclude each other");
  request.hrf_map.clear();
  EXPECT_NO_THROW(check(request));
  request.amplitude = TrialAmplitude::peak;
  expect_refused(request, "--amplitude response");
  request.amplitude = TrialAmplitude::response;
  request.fit.design.hrf_grid = HrfGrid::spm;
  expect_refused(request, "--hrf-grid nilearn, not spm");
}

TEST(TrialRequests, ShrinkLeastSquaresOfAllTrialsOnly) {
  TrialsRequest request = sound_request();
  request.shrinkage = parse_shrinkage("0.4");
  expect_refused(request, "--method lsa");
  request.method = TrialMethod::lsa;
  request.fit.noise_model = NoiseModel{};
  EXPECT_NO_THROW(check(request));
  EXPECT_EQ(request.shrinkage.fraction, 0.4);
  for (const char* wrong : {"0", "1.5", "half", "-1", "0.5x"}) {
    Json json = to_json(request);
    json["shrinkage"] = wrong;
    try {
      from_json<TrialsRequest>(json, "request");
      FAIL() << wrong << " was not refused";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(wrong), std::string::npos) << error.what();
    }
  }
  request.shrinkage = parse_shrinkage("cv");
  EXPECT_NO_THROW(check(request));
  EXPECT_TRUE(request.shrinkage.cross_validated());
  request.shrinkage = parse_shrinkage("0.3");
  request.shrinkage_labels = "chosen";
  expect_refused(request, "--shrinkage cv");
}

}  // namespace
}  // namespace sociometer::jobs
