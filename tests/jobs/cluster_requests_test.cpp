// Round trips of the requests of `clusters` through JSON.
#include "cli/jobs/clusters/clusters_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

TEST(ClusterRequests, RoundTripAndRefuseWhatTheyDoNotKnow) {
  testing::expect_round_trip(SearchedMapRequest{});
  testing::expect_round_trip(ThresholdRequest{});
  testing::expect_round_trip(SmoothnessRequest{});
  testing::expect_round_trip(ClustersRequest{});
  testing::expect_strict<ClustersRequest>();
}

}  // namespace
}  // namespace sociometer::jobs
