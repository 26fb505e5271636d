// Round trips of the request of `report` through JSON.
#include "cli/jobs/report/report_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

TEST(ReportRequests, RoundTripAndRefuseWhatTheyDoNotKnow) {
  testing::expect_round_trip(ReportRequest{});
  testing::expect_strict<ReportRequest>();
}

}  // namespace
}  // namespace sociometer::jobs
