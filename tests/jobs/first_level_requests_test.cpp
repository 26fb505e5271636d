// Round trips of first-level requests through JSON.
#include "cli/jobs/first_level/contrast_job.hpp"
#include "cli/jobs/first_level/design_job.hpp"
#include "cli/jobs/first_level/fit_request.hpp"
#include "tests/jobs/request_round_trip.hpp"

namespace sociometer::jobs {
namespace {

using testing::expect_round_trip;
using testing::expect_strict;

TEST(FirstLevelRequests, RoundTrip) {
  expect_round_trip(DesignRequest{}, {"hrf"});
  expect_round_trip(DesignJobRequest{});
  expect_round_trip(ContrastRequest{});
  expect_round_trip(FitRequest{}, {"noise_model", "mask"});
}

TEST(FirstLevelRequests, RefuseWhatTheyDoNotKnow) {
  expect_strict<DesignRequest>();
  expect_strict<DesignJobRequest>();
  expect_strict<ContrastRequest>();
  expect_strict<FitRequest>();
}

TEST(FirstLevelRequests, HrfIsWrittenAsTheOptionTakesIt) {
  DesignRequest request;
  request.hrf = HrfModel{HrfShape::glover, true, true};
  const Json json = to_json(request);
  EXPECT_EQ(json["hrf"], "glover + derivative + dispersion");
  const auto again = from_json<DesignRequest>(json, "test");
  EXPECT_EQ(again.hrf->shape, HrfShape::glover);
  EXPECT_TRUE(again.hrf->time_derivative && again.hrf->dispersion_derivative);
}

TEST(FirstLevelRequests, MaskIsAListOfFilesOrOneWord) {
  using Kind = MaskSource::Kind;
  const auto mask_of = [](const Json& words) {
    const auto request = from_json<FitRequest>(Json{{"mask", words}}, "test");
    EXPECT_EQ(to_json(request)["mask"], words);
    return request.mask;
  };
  EXPECT_EQ(mask_of(Json::array()), MaskSource{});
  EXPECT_EQ(mask_of(Json::array({"auto"})).kind, Kind::beside_images);
  EXPECT_EQ(mask_of(Json::array({"computed"})).kind, Kind::computed);
  EXPECT_EQ(mask_of(Json::array({"a.nii", "b.nii"})),
            (MaskSource{Kind::files, {"a.nii", "b.nii"}}));
  const Json both{{"mask", {"auto", "a.nii"}}}, text{{"mask", "a.nii"}};
  EXPECT_THROW(from_json<FitRequest>(both, "test"), Error);
  EXPECT_THROW(from_json<FitRequest>(text, "test"), Error);
}

TEST(FirstLevelRequests, NumberOfCompcorComponentsIsANumberOrAll) {
  const auto count_of = [](const char* text) {
    const Json json{{"confounds", {{"strategy", {{"n_compcor", text}}}}}};
    const auto request = from_json<DesignRequest>(json, "test");
    EXPECT_EQ(to_json(request)["confounds"]["strategy"]["n_compcor"], text);
    return request.confounds.strategy.n_compcor->n;
  };
  EXPECT_EQ(count_of("all"), 0);
  EXPECT_EQ(count_of("6"), 6);
  for (const char* text : {"0", "-1", "6x", "few", ""}) EXPECT_THROW(count_of(text), Error) << text;
}

TEST(FirstLevelRequests, NoiseModelKeepsAllItsParts) {
  for (const char* name : {"ols", "ar3", "ar2-corrected", "ar4-averaged", "auto", "ar1-nilearn",
                           "arma11", "spm-ar1", "spm-fast", "tukey"}) {
    FitRequest request;
    request.noise_model = parse_noise_model(name);
    EXPECT_EQ(to_json(from_json<FitRequest>(to_json(request), "test")), to_json(request)) << name;
    EXPECT_EQ(to_json(request)["noise_model"]["name"], name);
  }
  FitRequest request;
  NoiseModel& noise = request.noise_model;
  noise = parse_noise_model("arma11");
  noise.arma.search = ArmaOptions::Search::afni;
  noise.arma.grid_level = 3;
  noise.arma.max_a = .7;
  noise.arma.negative = true;
  noise.arma.cutoff = .005;
  noise.arma.fixed = ArmaParameters{.3, -.2};
  noise.run_starts = {0, 60};
  noise.smoothing_fwhm_mm = 5;
  const NoiseModel again = from_json<FitRequest>(to_json(request), "test").noise_model;
  EXPECT_EQ(again.kind, NoiseModel::Kind::arma11);
  EXPECT_EQ(again.arma.search, ArmaOptions::Search::afni);
  EXPECT_EQ(again.arma.grid_level, 3);
  EXPECT_EQ(again.arma.max_a, .7);
  EXPECT_FALSE(again.arma.max_b);
  EXPECT_TRUE(again.arma.negative);
  EXPECT_EQ(again.arma.cutoff, .005);
  EXPECT_EQ(again.arma.fixed->b, -.2);
  EXPECT_EQ(again.run_starts, noise.run_starts);
  EXPECT_EQ(again.smoothing_fwhm_mm, 5);
}

TEST(FirstLevelRequests, DefaultsAreTheEngines) {
  const DesignOptions of_request = design_options(DesignRequest{}), of_engine;
  EXPECT_EQ(to_string(of_request.hrf), to_string(of_engine.hrf));
  EXPECT_EQ(of_request.grid, of_engine.grid);
  EXPECT_EQ(of_request.fine_grid.oversampling, of_engine.fine_grid.oversampling);
  EXPECT_EQ(of_request.drift, of_engine.drift);
  EXPECT_EQ(of_request.high_pass_hz, of_engine.high_pass_hz);
  const FirstLevelPlan of_fit = plan_of(FitRequest{}, 1), of_plan;
  EXPECT_EQ(to_string(of_fit.noise_model), to_string(of_plan.noise_model));
  EXPECT_EQ(of_fit.scaling, of_plan.scaling);
  EXPECT_EQ(of_fit.fixed_effects, of_plan.fixed_effects);
}

TEST(FirstLevelRequests, CheckRefusesBeforeFilesAreRead) {
  const auto refused = [](auto change) {
    FitRequest request;
    request.bold = {"bold.nii.gz"};
    check(request);
    change(request);
    EXPECT_THROW(check(request), Error);
  };
  refused([](FitRequest& r) { r.bold.clear(); });
  refused([](FitRequest& r) { r.mask_fraction = 1; });
  refused([](FitRequest& r) { r.smoothing_fwhm_mm = {1, 2}; });
  refused([](FitRequest& r) { r.smoothing_fwhm_mm = {-1}; });
  refused([](FitRequest& r) { r.runs_at_once = -1; });
  refused([](FitRequest& r) { r.noise_model.run_starts = {0, 5}; });
  refused([](FitRequest& r) { r.noise_model.tukey_lags = 5; });
  refused([](FitRequest& r) { r.noise_model.arma.grid_level = 9; });
  refused([](FitRequest& r) { r.noise_model.arma.fixed = ArmaParameters{1, 0}; });
}

}  // namespace
}  // namespace sociometer::jobs
