// A program can leave out what a command line cannot: each job refuses it in words, and writes
// nothing.
#include <filesystem>

#include <gtest/gtest.h>

#include "cli/jobs/clusters/clusters_job.hpp"
#include "cli/jobs/connectivity/beta_series_job.hpp"
#include "cli/jobs/connectivity/ppi_job.hpp"
#include "cli/jobs/first_level/contrast_job.hpp"
#include "cli/jobs/first_level/design_job.hpp"
#include "cli/jobs/first_level/fit_job.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "cli/jobs/group/merge_job.hpp"
#include "cli/jobs/learning/learn_job.hpp"
#include "cli/jobs/mixed/mixed_job.hpp"
#include "cli/jobs/regions/dissociate_job.hpp"
#include "cli/jobs/regions/extract_job.hpp"
#include "cli/jobs/regions/individual_job.hpp"
#include "cli/jobs/regions/make_job.hpp"
#include "cli/jobs/regions/region_fit_job.hpp"
#include "cli/jobs/regions/test_job.hpp"
#include "cli/jobs/rsa/rsa_job.hpp"
#include "cli/jobs/simulation/example_job.hpp"
#include "cli/jobs/simulation/power_job.hpp"
#include "cli/jobs/simulation/simulate_job.hpp"
#include "cli/jobs/trials/trials_job.hpp"
#include "tests/support/files.hpp"

namespace sociometer::jobs {
namespace {

/// @param job  called with an empty request and an output folder that must not appear.
template <class Request, class Job>
void expect_refused(Job job, const char* name) {
  const testing::TemporaryFolder folder;
  RecordingJournal journal;
  Request request{};
  const std::string output = folder / "out";
  if constexpr (requires { request.output; }) request.output = output;
  try {
    job(request, Session{.threads = 1, .journal = journal});
    ADD_FAILURE() << name << " took an empty request";
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::usage || error.code() == ErrorCode::bad_input)
        << name << ": " << error.what();
    EXPECT_NE(std::string(error.what()), "") << name;
  }
  EXPECT_FALSE(std::filesystem::exists(output)) << name;
}

TEST(EmptyRequests, AreRefusedByEachJob) {
  expect_refused<FitRequest>(fit, "fit");
  expect_refused<DesignJobRequest>(design, "design");
  expect_refused<ContrastRequest>(contrast, "contrast");
  expect_refused<TrialsRequest>(trials, "trials");
  expect_refused<MixedRequest>(mixed, "mixed");
  expect_refused<PpiRequest>(ppi, "ppi");
  expect_refused<BetaSeriesRequest>(beta_series, "beta-series");
  expect_refused<RsaRequest>(rsa, "rsa");
  expect_refused<GroupRequest>(
      [](const GroupRequest& r, const Session& s) { return run_group(r, s); }, "group");
  expect_refused<MergeRequest>(merge, "merge");
  expect_refused<ClustersRequest>(clusters, "clusters");
  expect_refused<LearnRequest>(learn, "learn");
  expect_refused<MakeRequest>(make_rois, "roi make");
  expect_refused<ExtractRequest>(extract, "roi extract");
  expect_refused<RegionFitRequest>(region_fit, "roi fit");
  expect_refused<TestRequest>(test_regions, "roi test");
  expect_refused<DissociateRequest>(dissociate_regions, "roi dissociate");
  expect_refused<IndividualRequest>(individual, "roi individual");
  expect_refused<SimulateRequest>(simulate, "simulate");
  expect_refused<ExampleRequest>(example, "example");
}

TEST(EmptyRequests, AFolderWithoutNameIsRefusedBeforeWorkIsDone) {
  RecordingJournal journal;
  EXPECT_THROW(power(PowerRequest{}, Session{.threads = 1, .journal = journal}), Error);
}

}  // namespace
}  // namespace sociometer::jobs
