#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/simulation/simulated_study.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/bytes/staging_folder.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"

namespace sociometer::cli {
namespace {

namespace fs = std::filesystem;

struct SimulateArguments {
  std::string folder, settings;
  StudyPlan plan{{}, {}, 12, 2, 60, 1, 1, "3mm"};
  bool print_settings = false;
};

void read_settings(const std::string& path, StudyPlan& plan) {
  with_context(path, [&] {
    const Json json = read_json_file(path);
    plan.settings = simulation_settings_from_json(json);
    Json learning = json.contains("learning") ? json["learning"] : Json::object();
    // People's beliefs are about the ranks that the game gives.
    if (learning.is_object() && !learning.contains("n_ranks"))
      learning["n_ranks"] = plan.settings.game.n_ranks;
    plan.learning = learning_settings_from_json(learning);
    if (plan.learning.n_ranks != plan.settings.game.n_ranks)
      fail(ErrorCode::bad_input, "learning.n_ranks is {} and game.n_ranks {}; give one",
           plan.learning.n_ranks, plan.settings.game.n_ranks);
  });
}

/// A study among other files would be taken for one dataset with them.
/// @param overwrite  a study that `simulate` wrote there may be replaced.
void require_new_folder(const std::string& folder, bool overwrite) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status))
    fail(ErrorCode::cannot_write, "{} is there and is not a folder; name a new one", folder);
  const fs::directory_iterator entries(folder, error);
  // What a simulation that was killed left is no study, and goes when this one is written.
  const bool empty = std::all_of(begin(entries), end(entries), [](const fs::directory_entry& e) {
    return is_staging_name(e.path().filename().string());
  });
  const bool own = fs::exists(fs::path(folder) / ".outputs" / "simulate.txt", error);
  if (own && overwrite) return;
  if (!empty || error)
    fail(ErrorCode::cannot_write, "{} is not empty; name a new folder for the study{}", folder,
         own ? ", or give --overwrite to replace the one that is there" : "");
}

void print_settings(const StudyPlan& plan) {
  Json json = to_json(plan.settings);
  json["learning"] = to_json(plan.learning);
  fmt::print("{}", to_text(json));
}

int run_simulate(SimulateArguments& a, const GlobalOptions& global) {
  StudyPlan& plan = a.plan;
  if (!a.settings.empty()) read_settings(a.settings, plan);
  if (a.print_settings) {
    print_settings(plan);
    return kDone;
  }
  if (a.folder.empty()) fail(ErrorCode::usage, "where is the study to be written? name a folder");
  simulation_grid(plan.grid);
  require_new_folder(a.folder, global.overwrite);
  const int n_threads = global.threads();
  OutputSet outputs(a.folder, {"simulate", global.overwrite, true});
  const SimulatedStudy study = simulate_study(plan, n_threads);
  write_raw_tables(outputs, study);
  write_truth(outputs, study, n_threads);
  write_image_descriptions(outputs, study);
  Progress progress("simulating images");
  const auto n_runs = Eigen::Index(plan.n_runs), n_images = n_runs * plan.n_participants;
  std::mutex guard;
  long done = 0;
  progress.update(0, n_images);
  parallel_for(n_images, n_threads, [&](Eigen::Index i) {
    write_run_images(outputs, study, size_t(i / n_runs), size_t(i % n_runs));
    const std::lock_guard lock(guard);
    progress.update(++done, n_images);
  });
  write_configuration(outputs);
  outputs.commit();
  info(fmt::format("wrote a simulated study of {} participant(s) with {} run(s) to {}",
                   plan.n_participants, plan.n_runs, a.folder));
  return kDone;
}

}  // namespace

void add_simulate_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand(
      "simulate", "A whole simulated study with known truth: choices, events, images, confounds");
  auto a = std::make_shared<SimulateArguments>();
  c->add_option("out", a->folder, "Folder of the study, new or empty");
  c->add_option("--participants", a->plan.n_participants, "Number of participants")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  c->add_option("--runs", a->plan.n_runs, "Runs of each")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  c->add_option("--trials", a->plan.n_rounds, "Rounds of each run")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  c->add_option("--seed", a->plan.seed, "Seed: the same gives the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  c->add_option("--grid", a->plan.grid, "tiny (6 mm, for tests), 3mm or 2mm, in MNI space")
      ->capture_default_str();
  c->add_option("--settings", a->settings,
                "JSON: constants of the game, its timing, the people, their brains and the noise");
  c->add_flag("--print-settings", a->print_settings,
              "Print all settings as JSON, those of --settings included, and stop");
  c->add_option("--optimise-schedule", a->plan.n_candidates,
                "Take the best of this many random schedules: the one whose convolved signals are "
                "least inflated")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer simulate study --participants 2 --trials 30 --grid tiny\n  "
      "events=study/derivatives/truth/sub-01/func/sub-01_task-social_run\n  "
      "images=study/derivatives/fmriprep/sub-01/func/sub-01_task-social_run\n  "
      "sociometer fit --bold $images-*_desc-preproc_bold.nii.gz --events $events-*_events.tsv \\\n"
      "    --confounds $images-*_timeseries.tsv --confound-columns 'trans_?' 'rot_?' \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcomeUpdate=feedback:outcome_update "
      "rankUpdateUnsigned=feedback:rank_update_unsigned -o maps");
  c->callback([a, &global, &exit_code] { exit_code = run_simulate(*a, global); });
}

}  // namespace sociometer::cli
