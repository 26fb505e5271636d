#include "cli/jobs/trials/trials_request.hpp"

#include "engine/core/error.hpp"
#include "engine/glm/noise_properties.hpp"

namespace sociometer::jobs {
namespace {

void check_design_source(const DesignRequest& a) {
  if (!a.designs.empty())
    fail(ErrorCode::usage,
         "single trials need the events: give --events, --ev, --stim-times or --model instead of "
         "--design");
  if (!a.contrasts.empty() || !a.f_contrasts.empty() || !a.contrast_files.empty())
    fail(ErrorCode::usage, "trials have no contrasts; `fit` has --contrast");
  if (a.hrf && a.hrf->shape == HrfShape::fir)
    fail(ErrorCode::usage,
         "single trials need a response of one shape; --hrf fir has one column per delay: use spm "
         "or glover, with derivatives if the shape varies");
}

void check_method(const TrialsRequest& a) {
  if (a.method == TrialMethod::lsa && a.others != TrialOptions{}.others)
    fail(ErrorCode::usage,
         "--others {} shares columns between the trials that a model of one trial is not about; "
         "--method lsa has a column for every trial: leave one of them out",
         name_of(a.others));
}

void check_shrinkage(const TrialsRequest& a) {
  if (!a.shrinkage_labels.empty() && !a.shrinkage.cross_validated())
    fail(ErrorCode::usage, "--shrinkage-labels belongs to --shrinkage cv");
  if (!a.shrinkage.given()) return;
  if (a.method != TrialMethod::lsa || !is_white(a.fit.noise_model) ||
      a.amplitude != TrialAmplitude::response || a.variance)
    fail(ErrorCode::usage,
         "--shrinkage is ridge regression of all trials together, without a variance: it goes with "
         "--method lsa, --noise-model ols and --amplitude response (given: {}, {}, {}), and "
         "without --variance",
         name_of(a.method), to_string(a.fit.noise_model), name_of(a.amplitude));
}

/// Above the duration of any event: a number in milliseconds, say.
constexpr double kMostUnitDuration_s = 3600;

void check_library(const TrialsRequest& a) {
  const bool of_library = a.fit.design.hrf && a.fit.design.hrf->shape == HrfShape::library;
  if (of_library && a.amplitude == TrialAmplitude::peak)
    fail(ErrorCode::usage,
         "--amplitude peak combines a response with its derivatives, and the library's responses "
         "have none; take --amplitude response");
  if (!a.has_library()) {
    if (a.hrf_choice || !a.hrf_map.empty() || a.unit_duration_s)
      fail(ErrorCode::usage, "{} belongs to --hrf library",
           a.hrf_choice         ? "--hrf-choice"
           : !a.hrf_map.empty() ? "--hrf-map"
                                : "--unit-duration");
    return;
  }
  if (a.hrf_choice && !a.hrf_map.empty())
    fail(ErrorCode::usage,
         "--hrf-choice and --hrf-map exclude each other: with a map no response is chosen");
  if (a.unit_duration_s && !(*a.unit_duration_s >= 0 && *a.unit_duration_s <= kMostUnitDuration_s))
    fail(ErrorCode::usage, "--unit-duration is {} s; it takes 0 to {}", *a.unit_duration_s,
         kMostUnitDuration_s);
  if (a.fit.design.hrf_grid && *a.fit.design.hrf_grid != HrfGrid::nilearn)
    fail(ErrorCode::usage, "--hrf library needs --hrf-grid nilearn, not {}",
         name_of(*a.fit.design.hrf_grid));
}

}  // namespace

void FieldOf<Shrinkage>::read(const Json& json, Shrinkage& shrinkage, const std::string& where) {
  std::string text;
  field_from_json(json, text, where);
  shrinkage = text.empty() ? Shrinkage{} : parsed_in(where, [&] { return parse_shrinkage(text); });
}

void check(const TrialsRequest& a) {
  check(a.fit);
  if (a.wants_regions()) check(a.regions);
  if (a.images == TrialImages::none && !a.wants_regions() && a.average_by.empty())
    fail(ErrorCode::usage,
         "--images none, without --rois, --atlas or --average-by: no amplitude would be written");
  check_design_source(a.fit.design);
  if (!has_one_process(a.fit.noise_model))
    fail(ErrorCode::usage,
         "mixture whitens by several processes per voxel, and single trials need one; use "
         "--noise-model ar1, ar4-averaged or arma11");
  check_method(a);
  check_shrinkage(a);
  check_library(a);
  if (a.fit.log_p || !a.fit.save.empty())
    fail(ErrorCode::usage, "trials write no maps of p and none of --save; `fit` does");
  const HrfModel hrf = a.fit.design.hrf.value_or(HrfModel{});
  // A model's derivatives are known when its columns are.
  if (a.amplitude == TrialAmplitude::peak && !a.fit.design.stats_model.given() &&
      !hrf.time_derivative && !hrf.dispersion_derivative)
    fail(ErrorCode::usage,
         "--amplitude peak combines the response with its derivatives; give --hrf '{} + "
         "derivative'",
         to_string(hrf));
  if (a.amplitude == TrialAmplitude::peak && a.variance)
    fail(ErrorCode::usage,
         "--variance is that of the response's coefficient; --amplitude peak is no linear "
         "function of the series and has none");
}

}  // namespace sociometer::jobs
