#include "cli/options/simulation_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/jobs/session.hpp"
#include "cli/options/bind.hpp"

namespace sociometer::cli {

void add_simulate_options(CLI::App& c, SimulateRequest& r) {
  c.add_option("out", r.folder, "Folder of the study, new or empty");
  c.add_option("--participants", r.participants, "Number of participants")
      ->check(CLI::Range(1, kMostSimulatedPeople))
      ->capture_default_str();
  c.add_option("--runs", r.runs, "Runs of each")
      ->check(CLI::Range(1, kMostSimulatedRuns))
      ->capture_default_str();
  c.add_option("--trials", r.trials, "Rounds of each run")
      ->check(CLI::Range(1, kMostSimulatedTrials))
      ->capture_default_str();
  c.add_option("--seed", r.seed, "Seed: the same gives the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_choice(c, "--grid", r.grid, "tiny (6 mm, for tests), 3mm or 2mm, in MNI space");
  c.add_option("--settings", r.settings,
               "JSON: constants of the game, its timing, the people, their brains and the noise");
  c.add_option("--optimise-schedule", r.schedule_candidates,
               "Take the best of this many random schedules: the one whose convolved signals are "
               "least inflated")
      ->check(CLI::Range(1, kMostScheduleCandidates))
      ->capture_default_str();
}

void add_example_options(CLI::App& c, ExampleRequest& r) {
  c.add_option("folder", r.folder, "Where the example is written, or was")->required();
  c.add_option("--seed", r.seed, "Seed of the simulation")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  c.add_option("--verify", r.verify,
               "Compare the fit in this folder with the example's truth instead of writing it");
  c.add_option("--prefix", r.prefix, "The fit's --prefix");
}

}  // namespace sociometer::cli
