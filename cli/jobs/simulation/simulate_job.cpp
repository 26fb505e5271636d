#include "cli/jobs/simulation/simulate_job.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include <fmt/format.h>

#include "cli/jobs/simulation/simulated_files.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/bytes/staging_folder.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

void read_settings(const std::string& path, StudyPlan& plan) {
  with_context(path, [&] {
    const Json json = read_json_file(path).value;
    plan.settings = simulation_settings_from_json(json);
    Json learning = json.contains("learning") ? json["learning"] : Json::object();
    // Participants' beliefs refer to the ranks of the game.
    if (learning.is_object() && !learning.contains("n_ranks"))
      learning["n_ranks"] = plan.settings.game.n_ranks;
    plan.learning = learning_settings_from_json(learning);
    if (plan.learning.n_ranks != plan.settings.game.n_ranks)
      fail(ErrorCode::bad_input, "learning.n_ranks is {} and game.n_ranks {}; give one",
           plan.learning.n_ranks, plan.settings.game.n_ranks);
  });
}

StudyPlan plan_of(const SimulateRequest& r) {
  StudyPlan plan;
  if (!r.settings.empty()) read_settings(r.settings, plan);
  plan.n_participants = r.participants;
  plan.n_runs = r.runs;
  plan.n_rounds = r.trials;
  plan.n_candidates = r.schedule_candidates;
  plan.seed = r.seed;
  plan.grid = r.grid;
  return plan;
}

/// Refuses a folder with other files: together they would look like one dataset.
/// @param overwrite  an existing study written by this job may be replaced.
void require_new_folder(const std::string& folder, bool overwrite) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status))
    fail(ErrorCode::cannot_write, "{} is there and is not a folder; name a new one", folder);
  const fs::directory_iterator entries(folder, error);
  // Leftovers of a killed simulation are not a study; they are removed when this one is written.
  const bool empty = std::all_of(begin(entries), end(entries), [](const fs::directory_entry& e) {
    return is_staging_name(e.path().filename().string());
  });
  const bool own = fs::exists(fs::path(folder) / ".outputs" / "simulate.txt", error);
  if (own && overwrite) return;
  if (!empty || error)
    fail(ErrorCode::cannot_write, "{} is not empty; name a new folder for the study{}", folder,
         own ? ", or give --overwrite to replace the one that is there" : "");
}

void write_images(OutputSet& outputs, const SimulatedStudy& study, const Session& session) {
  const auto task = session.journal.start("simulating images");
  const auto n_runs = Eigen::Index(study.plan.n_runs),
             n_images = n_runs * study.plan.n_participants;
  std::mutex guard;
  long done = 0;
  task->update(0, n_images);
  parallel_for(n_images, session.threads, [&](Eigen::Index i) {
    write_run_images(outputs, study, size_t(i / n_runs), size_t(i % n_runs));
    const std::lock_guard lock(guard);
    task->update(++done, n_images);
  });
}

void check_range(const char* option, int value, int most) {
  if (value < 1 || value > most) fail(ErrorCode::usage, "{} is {}; 1 to {}", option, value, most);
}

}  // namespace

void check(const SimulateRequest& r) {
  check_range("--participants", r.participants, kMostSimulatedPeople);
  check_range("--runs", r.runs, kMostSimulatedRuns);
  check_range("--trials", r.trials, kMostSimulatedTrials);
  check_range("--optimise-schedule", r.schedule_candidates, kMostScheduleCandidates);
  if (r.folder.empty()) fail(ErrorCode::usage, "where is the study to be written? name a folder");
}

JobSummary simulate(const SimulateRequest& request, const Session& session) {
  check(request);
  const StudyPlan plan = plan_of(request);
  require_new_folder(request.folder, session.overwrite);
  OutputSet outputs(request.folder, {"simulate", session.overwrite, true});
  const SimulatedStudy study = simulate_study(plan, session.threads);
  write_raw_tables(outputs, study);
  write_truth(outputs, study, session);
  write_image_descriptions(outputs, study);
  write_images(outputs, study, session);
  session.provenance.write_configuration(outputs);
  outputs.commit();
  session.journal.info(
      fmt::format("wrote a simulated study of {} participant(s) with {} run(s) "
                  "to {}",
                  plan.n_participants, plan.n_runs, request.folder));
  return {};
}

std::string simulation_settings_text(const SimulateRequest& request) {
  const StudyPlan plan = plan_of(request);
  Json json = to_json(plan.settings);
  json["learning"] = to_json(plan.learning);
  return to_text(json);
}

}  // namespace sociometer::jobs
