// Requests for couplings with a seed: round trips through JSON, and what is refused.
#include "cli/jobs/connectivity/beta_series_request.hpp"
#include "cli/jobs/connectivity/ppi_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace connectivity_requests {

using testing::expect_round_trip;
using testing::expect_strict;

TEST(ConnectivityRequests, RoundTrip) {
  PpiRequest request;
  request.series = {"a.tsv"};
  request.deconvolve = true;
  request.bins = 8;
  expect_round_trip(request);
  BetaSeriesRequest series;
  series.regions = {"a", "b"};
  expect_round_trip(series);
}

TEST(ConnectivityRequests, RefuseWhatTheyDoNotKnow) {
  expect_strict<PpiRequest>();
  expect_strict<BetaSeriesRequest>();
}

template <class Request>
void expect_refused(const Request& request, const std::string& with) {
  try {
    check(request);
    ADD_FAILURE() << "was accepted: " << with;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find(with), std::string::npos) << error.what();
  }
}

TEST(ConnectivityRequests, RefuseWhatHasNoInteraction) {
  PpiRequest request;
  request.series = {"a.tsv"};
  request.seed = "dACC";
  request.design.events = {"events.tsv"};
  request.design.tr_s = 2;
  EXPECT_NO_THROW(check(request));
  request.bins = 0;
  expect_refused(request, "--bins is 0");
  request.bins = 16;
  request.series.push_back("b.tsv");
  expect_refused(request, "2 tables of --series for 1 run(s)");
}

TEST(ConnectivityRequests, RefuseASeedThatIsAlsoARegion) {
  BetaSeriesRequest request;
  request.tables = {"trials.tsv"};
  request.seed = "a";
  request.regions = {"a", "b"};
  expect_refused(request, "correlates with itself");
}

}  // namespace connectivity_requests
}  // namespace sociometer::jobs
