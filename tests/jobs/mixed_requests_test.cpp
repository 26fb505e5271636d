// Requests for mixed models: round trips through JSON, and what is refused.
#include "cli/jobs/mixed/mixed_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace mixed_requests {

using testing::expect_round_trip;
using testing::expect_strict;

MixedRequest sound_request() {
  MixedRequest request;
  request.tables = {"trials.tsv"};
  request.formula = "dACC ~ value + (1 + value | participant_id)";
  return request;
}

TEST(MixedRequests, RoundTrip) {
  expect_round_trip(MixedRequest{});
  MixedRequest request = sound_request();
  request.family = MixedFamily::logistic;
  request.columns.lags = {"value:2"};
  request.columns.consecutive = true;
  request.mediation = {"x", "m", "y"};
  expect_round_trip(request);
}

TEST(MixedRequests, RefuseWhatTheyDoNotKnow) { expect_strict<MixedRequest>(); }

void expect_refused(const MixedRequest& request, const std::string& with) {
  try {
    check(request);
    ADD_FAILURE() << "was accepted: " << with;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(with), std::string::npos) << error.what();
  }
}

TEST(MixedRequests, RefuseWhatCannotBeFitted) {
  EXPECT_NO_THROW(check(sound_request()));
  MixedRequest request = sound_request();
  request.formula.clear();
  expect_refused(request, "give a --formula");
  request.mediation = {"x", "m"};
  expect_refused(request, "three columns");
  request = sound_request();
  request.formula = "dACC ~ value";
  expect_refused(request, "no random effects");
  request = sound_request();
  request.columns.lags = {"value:0"};
  expect_refused(request, "--lag value:0");
  request = sound_request();
  request.columns.consecutive = true;
  expect_refused(request, "--order");
  request = sound_request();
  request.where = {"feedback"};
  expect_refused(request, "COLUMN=VALUE");
  request = sound_request();
  request.join_by = {"trial"};
  expect_refused(request, "belongs to --join");
  request = sound_request();
  request.family = MixedFamily::logistic;
  request.mediation = {"x", "m", "y"};
  expect_refused(request, "--mediation is by least squares");
  request.mediation.clear();
  request.criterion = MixedCriterion::ml;
  expect_refused(request, "--criterion belongs to --family linear");
  request = sound_request();
  request.alpha = 1;
  expect_refused(request, "--alpha is 1");
}

TEST(MixedRequests, ReadShiftedColumns) {
  EXPECT_EQ(shifted_column("value", "--lag").trials, 1);
  EXPECT_EQ(shifted_column("value:3", "--lag").column, "value");
  EXPECT_EQ(shifted_column("value:3", "--lag").trials, 3);
}

}  // namespace mixed_requests
}  // namespace sociometer::jobs
