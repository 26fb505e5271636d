// Round trips of region requests through JSON.
#include "cli/jobs/regions/dissociate_request.hpp"
#include "cli/jobs/regions/extract_request.hpp"
#include "cli/jobs/regions/individual_request.hpp"
#include "cli/jobs/regions/make_request.hpp"
#include "cli/jobs/regions/region_fit_job.hpp"
#include "cli/jobs/regions/test_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

using testing::expect_round_trip;
using testing::expect_strict;

TEST(RegionRequests, RoundTrip) {
  expect_round_trip(MakeRequest{});
  expect_round_trip(ExtractRequest{}, {"hrf"});
  expect_round_trip(TestRequest{});
  expect_round_trip(DissociateRequest{});
  expect_round_trip(IndividualRequest{});
  expect_round_trip(RegionFitRequest{}, {"noise_model"});
}

TEST(RegionRequests, RefuseWhatTheyDoNotKnow) {
  expect_strict<MakeRequest>();
  expect_strict<ExtractRequest>();
  expect_strict<TestRequest>();
  expect_strict<DissociateRequest>();
  expect_strict<IndividualRequest>();
  expect_strict<RegionFitRequest>();
}

}  // namespace
}  // namespace sociometer::jobs
