// Round trips of requests about studies, behaviour and simulations through JSON, and what they
// refuse.
#include <functional>

#include "cli/jobs/learning/learn_request.hpp"
#include "cli/jobs/simulation/example_job.hpp"
#include "cli/jobs/simulation/power_request.hpp"
#include "cli/jobs/simulation/simulate_request.hpp"
#include "cli/jobs/study/planned_fit.hpp"
#include "cli/jobs/study/study_request.hpp"
#include "cli/jobs/study/trials_plan.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

using testing::expect_round_trip;
using testing::expect_strict;

/// Trials need one process that whitens a voxel; a node's own noise model and its options stay.
TEST(PlannedTrials, HaveADefaultNoiseOfTheirOwn) {
  StatsNode node;
  const auto noise_of_trials = [&] {
    FitRequest fit;
    apply_settings(node.settings, fit);
    return trials_request(node, {}, fit).fit.noise_model;
  };
  EXPECT_EQ(to_string(FitRequest{}.noise_model), "mixture");
  EXPECT_EQ(to_string(noise_of_trials()), "ar4-averaged");
  node.settings.noise_model = parse_noise_model("tukey");
  node.settings.tukey_lags = 7;
  EXPECT_EQ(to_string(noise_of_trials()), "tukey");
  EXPECT_EQ(noise_of_trials().tukey_lags, 7);
}

TEST(StudyRequests, RoundTrip) {
  expect_round_trip(StudyRequest{});
  expect_round_trip(StudyFilterRequest{});
  expect_round_trip(LearnRequest{});
  expect_round_trip(SimulateRequest{});
  expect_round_trip(ExampleRequest{});
  expect_round_trip(PowerRequest{});
  PowerRequest none_asked_for;
  none_asked_for.equivalence_d = std::numeric_limits<double>::infinity();
  expect_round_trip(none_asked_for, {"equivalence_d"});
}

TEST(StudyRequests, RefuseWhatTheyDoNotKnow) {
  expect_strict<StudyRequest>();
  expect_strict<StudyFilterRequest>();
  expect_strict<LearnRequest>();
  expect_strict<SimulateRequest>();
  expect_strict<ExampleRequest>();
  expect_strict<PowerRequest>();
}

/// The error message for a refused request; empty if it is accepted.
template <class Request>
std::string refusal(const std::function<void(Request&)>& change, ErrorCode code) {
  Request request;
  change(request);
  try {
    check(request);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "";
}

TEST(LearnRequest, RefusesWhatContradictsItsGroupPriors) {
  const auto refused = [](const std::function<void(LearnRequest&)>& change) {
    return refusal<LearnRequest>(change, ErrorCode::usage);
  };
  EXPECT_EQ(refused([](auto&) {}), "");
  EXPECT_EQ(refused([](auto& r) {
              r.group_priors = GroupPriors::hbi;
              r.evidence = Evidence::bic;
            }),
            "--evidence bic goes with fixed priors; --group-priors hbi takes laplace");
  EXPECT_EQ(refused([](auto& r) {
              r.group_priors = GroupPriors::eb;
              r.density_space = DensitySpace::parameter;
            }),
            "--density-space parameter goes with fixed priors; --group-priors eb takes "
            "transformed values");
  EXPECT_NE(refused([](auto& r) { r.starts = 0; }), "");
  EXPECT_NE(refused([](auto& r) { r.evidence_points = 63; }), "");
  EXPECT_NE(refused([](auto& r) { r.checks.predictive = -1; }), "");
  EXPECT_EQ(refused([](auto& r) { r.models = {"rank", "rank"}; }), "model 'rank' is named twice");
}

TEST(LearnRequest, ChoicesThatAreOpenFollowTheGroupPriors) {
  LearnRequest r;
  EXPECT_EQ(fit_options(r).space, DensitySpace::parameter);
  EXPECT_EQ(fit_options(r).evidence, Evidence::importance);
  r.group_priors = GroupPriors::eb;
  EXPECT_EQ(fit_options(r).space, DensitySpace::transformed);
  EXPECT_EQ(fit_options(r).evidence, Evidence::importance);
  r.group_priors = GroupPriors::hbi;
  EXPECT_EQ(fit_options(r).evidence, Evidence::laplace);
  r.evidence_points = 1 << 17;
  EXPECT_EQ(fit_options(r).importance.most_points, 1 << 17);
}

TEST(SimulateRequest, RefusesNumbersOutOfRangeAndNoFolder) {
  const auto refused = [](const std::function<void(SimulateRequest&)>& change) {
    return refusal<SimulateRequest>(
        [&](SimulateRequest& r) {
          r.folder = "study";
          change(r);
        },
        ErrorCode::usage);
  };
  EXPECT_EQ(refused([](auto&) {}), "");
  EXPECT_NE(refused([](auto& r) { r.folder = ""; }), "");
  EXPECT_NE(refused([](auto& r) { r.participants = 0; }), "");
  EXPECT_NE(refused([](auto& r) { r.runs = 101; }), "");
  EXPECT_NE(refused([](auto& r) { r.schedule_candidates = 0; }), "");
}

TEST(PowerRequest, IsAPlanWithTheDefaultsUnlessGivenOtherwise) {
  const PowerPlan plan = power_plan(PowerRequest{}), defaults;
  EXPECT_EQ(plan.participants, defaults.participants);
  EXPECT_EQ(plan.effects, defaults.effects);
  EXPECT_EQ(plan.people.noise_sd, defaults.people.noise_sd);
  EXPECT_EQ(plan.people.region_correlation, defaults.people.region_correlation);
  EXPECT_EQ(plan.people.signal_correlation, defaults.people.signal_correlation);
  EXPECT_EQ(plan.people.noise_correlation, defaults.people.noise_correlation);
  EXPECT_EQ(plan.people.score_correlation, defaults.people.score_correlation);
  EXPECT_EQ(plan.rule.cauchy_scale, defaults.rule.cauchy_scale);
  EXPECT_EQ(plan.rule.equivalence_d, defaults.rule.equivalence_d);
  EXPECT_EQ(plan.studies, defaults.studies);
  check(PowerRequest{});
  const std::function<void(PowerRequest&)> both = [](PowerRequest& r) {
    r.events = {"events.tsv"};
    r.trials = {40};
  };
  EXPECT_NE(refusal(both, ErrorCode::usage), "");
}

}  // namespace
}  // namespace sociometer::jobs
