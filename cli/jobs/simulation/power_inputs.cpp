#include "cli/jobs/simulation/power_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::cli {
namespace {

constexpr int kRuns = 2, kTrials = 60, kPlayers = 12;

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
  if (r.tr_s || !r.n_scans.empty() || !r.signals.empty())
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

PowerPlan plan_of(const PowerRequest& r) {
  PowerPlan plan = r.plan;
  if (!r.effect_d.empty()) {
    plan.effects = r.effect_d;
    plan.unit = EffectUnit::d;
  }
  return plan;
}

/// "sub-01" of a BIDS file name; empty without it.
std::string person_of(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.rfind("sub-", 0) == 0 ? name.substr(0, name.find('_')) : "";
}

void load_events(const PowerRequest& r, PowerInputs& out, int n_threads) {
  PowerDesignOptions options;
  if (!r.signals.empty()) options.signals = parse_modulators(r.signals);
  options.tr_s = *r.tr_s;
  options.noise_ar = r.noise_ar;
  std::map<std::string, PersonEvents> people;
  for (size_t i = 0; i < r.events.size(); ++i) {
    PersonEvents& person = people[person_of(r.events[i])];
    person.runs.push_back(read_events(r.events[i], options.signals.columns, out.warnings));
    person.n_scans.push_back(r.n_scans.size() == 1 ? r.n_scans[0] : r.n_scans[i]);
    out.files.push_back(input_file(r.events[i], checksum_of_file(r.events[i])));
  }
  std::vector<PersonEvents> all;
  for (auto& [label, person] : people) all.push_back(std::move(person));
  out.source = "events tables";
  out.n_people = all.size();
  out.signals = options.signals;
  out.designs = {designs_of_events(all, options, n_threads)};
}

void load_game(const PowerRequest& r, PowerInputs& out, int n_threads) {
  if (!r.settings.empty()) {
    with_context(r.settings, [&] {
      const Json json = read_json_file(r.settings);
      out.settings = simulation_settings_from_json(json);
      if (json.contains("learning")) out.learning = learning_settings_from_json(json["learning"]);
    });
    out.files.push_back(input_file(r.settings, checksum_of_file(r.settings)));
  }
  const int people = r.people.value_or(kPlayers);
  out.source = "simulated game";
  out.n_people = size_t(people);
  out.signals = PowerDesignOptions().signals;
  for (const int trials : r.trials.empty() ? std::vector<int>{kTrials} : r.trials)
    out.designs.push_back(simulated_designs(out.settings, out.learning, r.runs.value_or(kRuns),
                                            trials, people, r.noise_ar, r.plan.seed, n_threads));
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
  check(plan_of(r));
}

PowerInputs load(const PowerRequest& request, int n_threads) {
  check(request);
  PowerInputs out;
  out.plan = plan_of(request);
  if (request.events.empty())
    load_game(request, out, n_threads);
  else
    load_events(request, out, n_threads);
  return out;
}

}  // namespace sociometer::cli
