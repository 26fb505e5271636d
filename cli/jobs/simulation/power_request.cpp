#include "cli/jobs/simulation/power_request.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace {

void check_events(const PowerRequest& r) {
  if (!r.trials.empty() || r.runs || r.people || !r.settings.empty())
    fail(ErrorCode::usage,
         "--events are the design; --runs, --trials, --schedules and --settings are of the "
         "simulated game");
  if (!r.tr_s) fail(ErrorCode::usage, "--events need --tr, the repetition time in seconds");
  if (!(*r.tr_s > 0) || !std::isfinite(*r.tr_s))
    fail(ErrorCode::bad_input, "--tr is {}; a repetition time is above 0 s", *r.tr_s);
  if (r.n_scans.size() != 1 && r.n_scans.size() != r.events.size())
    fail(ErrorCode::usage,
         "{} value(s) of --n-scans for {} table(s) of --events; one for all or "
         "one each",
         r.n_scans.size(), r.events.size());
  for (const auto n : r.n_scans)
    if (n < 10) fail(ErrorCode::bad_input, "--n-scans is {}; a run has at least 10 scans", n);
}

void check_game(const PowerRequest& r) {
  if (r.tr_s || !r.n_scans.empty() || !r.modulators.empty())
    fail(ErrorCode::usage,
         "--tr, --n-scans and --modulators go with --events; the timing of the "
         "simulated game is in --settings");
  if (r.runs && (*r.runs < 1 || *r.runs > 100))
    fail(ErrorCode::bad_input, "--runs is {}; 1 to 100", *r.runs);
  if (r.people && (*r.people < 1 || *r.people > 1000))
    fail(ErrorCode::bad_input, "--schedules is {}; 1 to 1000", *r.people);
  for (const int trials : r.trials) {
    if (trials < 2 || trials > 10000)
      fail(ErrorCode::bad_input, "--trials is {}; 2 to 10000 per run", trials);
    if (std::count(r.trials.begin(), r.trials.end(), trials) > 1)
      fail(ErrorCode::usage, "--trials names {} twice", trials);
  }
}

}  // namespace

void check(const PowerRequest& r) {
  if (r.events.empty())
    check_game(r);
  else
    check_events(r);
  if (!(r.noise_ar > -1 && r.noise_ar < 1))
    fail(ErrorCode::bad_input,
         "--noise-ar is {}; the correlation of one scan with the next lies between -1 and 1",
         r.noise_ar);
  if (!(r.target > 0 && r.target < 1))
    fail(ErrorCode::bad_input, "--power is {}; it lies between 0 and 1", r.target);
  if (r.studies < 1 || r.studies > kMostPowerStudies)
    fail(ErrorCode::usage, "--studies is {}; 1 to {}", r.studies, kMostPowerStudies);
  check(power_plan(r));
}

PowerPlan power_plan(const PowerRequest& r) {
  PowerPlan plan;
  plan.participants = r.participants;
  plan.effects = r.effects;
  plan.unit = r.unit;
  plan.people = {r.effect_ratio,
                 {r.shared_effect.first, r.shared_effect.second},
                 r.between_sd,
                 {r.noise_sd.first, r.noise_sd.second},
                 r.region_correlation,
                 r.signal_correlation,
                 r.noise_correlation,
                 r.score_correlation,
                 r.other_score_correlation};
  plan.rule = {r.alpha, r.evidence, r.cauchy_scale, r.equivalence_d};
  plan.slope_tests = r.slope_tests;
  plan.studies = r.studies;
  plan.seed = r.seed;
  return plan;
}

}  // namespace sociometer::jobs
