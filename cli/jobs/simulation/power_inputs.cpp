#include "cli/jobs/simulation/power_inputs.hpp"

#include <filesystem>
#include <map>

#include "engine/core/error.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {
namespace {

constexpr int kRuns = 2, kTrials = 60, kPlayers = 12;

/// "sub-01" of a BIDS file name; empty without it.
std::string person_of(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.rfind("sub-", 0) == 0 ? name.substr(0, name.find('_')) : "";
}

void load_events(const PowerRequest& r, PowerRecord& out, const Session& session) {
  PowerDesignOptions options;
  if (!r.modulators.empty()) options.signals = parse_modulators(r.modulators);
  options.tr_s = *r.tr_s;
  options.noise_ar = r.noise_ar;
  Warnings warnings;
  std::map<std::string, PersonEvents> people;
  for (size_t i = 0; i < r.events.size(); ++i) {
    PersonEvents& person = people[person_of(r.events[i])];
    const Table table = read_table(r.events[i]);
    person.runs.push_back(read_events(table, options.signals.columns, warnings));
    person.n_scans.push_back(r.n_scans.size() == 1 ? r.n_scans[0] : r.n_scans[i]);
    out.files.push_back(table.file());
  }
  std::vector<PersonEvents> all;
  for (auto& [label, person] : people) all.push_back(std::move(person));
  for (const auto& line : warnings) session.journal.warn(line);
  out.source = DesignSource::events;
  out.n_people = all.size();
  out.signals = options.signals;
  out.designs = {designs_of_events(all, options, session.threads)};
}

void load_game(const PowerRequest& r, PowerRecord& out, const Session& session) {
  if (!r.settings.empty()) {
    with_context(r.settings, [&] {
      const auto [json, file] = read_json_file(r.settings);
      out.game.settings = simulation_settings_from_json(json);
      if (json.contains("learning"))
        out.game.learning = learning_settings_from_json(json["learning"]);
      out.files.push_back(file);
    });
  }
  const int people = r.people.value_or(kPlayers);
  out.n_people = size_t(people);
  out.signals = PowerDesignOptions().signals;
  for (const int trials : r.trials.empty() ? std::vector<int>{kTrials} : r.trials)
    out.designs.push_back(simulated_designs(out.game.settings, out.game.learning,
                                            r.runs.value_or(kRuns), trials, people, r.noise_ar,
                                            r.seed, session.threads));
}

}  // namespace

PowerRecord load_power_designs(const PowerRequest& request, const Session& session) {
  PowerRecord out;
  out.plan = power_plan(request);
  out.noise_ar = request.noise_ar;
  out.target = request.target;
  out.provenance = session.provenance;
  if (request.events.empty())
    load_game(request, out, session);
  else
    load_events(request, out, session);
  return out;
}

}  // namespace sociometer::jobs
