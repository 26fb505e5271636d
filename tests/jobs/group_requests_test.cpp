// Round trips of group requests through JSON.
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/merge_job.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

TEST(GroupRequests, RoundTrip) {
  testing::expect_round_trip(GroupRequest{});
  testing::expect_round_trip(MergeRequest{});
}

TEST(GroupRequests, RefuseWhatTheyDoNotKnow) {
  testing::expect_strict<GroupRequest>();
  testing::expect_strict<MergeRequest>();
}

}  // namespace
}  // namespace sociometer::jobs
