#include "cli/jobs/trials/trials_forecast.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/first_level/fit_forecast.hpp"
#include "cli/jobs/forecast.hpp"
#include "cli/jobs/trials/trial_images.hpp"
#include "engine/core/memory.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {
namespace {

long n_trials_of(const std::vector<ListedTrial>& trials, size_t run, bool with_amplitude) {
  return std::count_if(trials.begin(), trials.end(), [&](const ListedTrial& t) {
    return t.run == run && (!with_amplitude || t.why_not.empty());
  });
}

/// Columns of each response in the model that chooses.
Eigen::Index columns_of_choice(const TrialsRequest& a, const RunDesigns& designs) {
  if (a.hrf_choice.value_or(HrfChoice::all_events) == HrfChoice::all_events) return 1;
  Eigen::Index most = 1;
  for (const auto& design : designs.designs)
    most = std::max(
        most, Eigen::Index(std::count(design.roles.begin(), design.roles.end(), ColumnRole::task)));
  return most;
}

/// Maps without ending.
std::vector<std::string> maps_of(const TrialsForecast& f) {
  const TrialsRequest& a = f.request;
  std::vector<std::string> maps{"mask"};
  if (a.writes_nifti()) {
    maps.emplace_back("desc-trials_stat-effect_statmap");
    if (a.variance) maps.emplace_back("desc-trials_stat-variance_statmap");
  }
  if (a.shrinkage.given()) maps.emplace_back("desc-shrinkage_stat-fraction_statmap");
  if (a.has_library()) {
    maps.emplace_back("desc-hrf_stat-index_statmap");
    if (a.hrf_map.empty())
      for (const char* stat : {"rsquared", "gain"})
        maps.push_back(fmt::format("desc-hrf_stat-{}_statmap", stat));
  }
  const Eigen::MatrixXd no_voxels(0, Eigen::Index(f.trials.size()));
  for (const auto& column : a.average_by)
    for (const auto& label :
         average_trials(column, values_of_trials(column, f.runs, f.trials), f.trials, no_voxels)
             .labels)
      maps.push_back(average_map_name(label));
  return maps;
}

}  // namespace

FirstLevelMemory TrialsForecast::memory() const {
  const FirstLevel& first = runs.first;
  FirstLevelSize size = FitForecast{request.fit,  first,           runs.designs,
                                    runs.headers, mask.n_voxels(), runs.masks.files.empty()}
                            .size();
  FirstLevelMemory needed = memory_of(first, size);
  if (!request.has_library() || !request.hrf_map.empty()) return needed;
  size.n_candidates = columns_of_choice(request, runs.designs) * (kHrfLibrarySize + 1);
  const FirstLevelMemory choice = memory_of_choice(first, size);
  needed.results = std::max(needed.results, choice.results);
  needed.reading = std::max(needed.reading, choice.reading);
  return needed;
}

int TrialsForecast::runs_in(double allowed) const {
  const FirstLevelMemory needed = memory();
  const int n = needed.runs_within(allowed, runs.first.plan.side_by_side(runs.inputs.size()));
  if (n == 0)
    require_memory(needed.peak(1), allowed,
                   fmt::format("fitting {} trials of {} voxels, one run at a time,", trials.size(),
                               mask.n_voxels()),
                   "a smaller --mask, fewer --trial-types, or a noise model of lower order");
  return std::max(n, 1);
}

std::vector<std::string> TrialsForecast::outputs(const Provenance& provenance) const {
  std::vector<std::string> names{"trials.tsv", "trials.json"};
  for (const auto& map : maps_of(*this))
    for (const char* ending : {".nii.gz", ".json"}) names.push_back(map + ending);
  if (request.writes_hdf5()) names.emplace_back("trials.h5");
  if (request.wants_regions())
    for (const char* name : {"trialRegions.tsv", "trialRegions.json"}) names.emplace_back(name);
  if (!provenance.configuration_name.empty()) names.push_back(provenance.configuration_name);
  for (auto& name : names) name.insert(0, name_prefix(request.fit.prefix));
  names.emplace_back("dataset_description.json");
  std::sort(names.begin(), names.end());
  return names;
}

JobSummary TrialsForecast::summary(const Session& session,
                                   std::vector<std::string> failures) const {
  Forecast forecast(fmt::format("trials would analyse {} trials of {} run(s)", trials.size(),
                                runs.inputs.size()));
  for (size_t r = 0; r < runs.inputs.size(); ++r) {
    const auto& kept = runs.designs.kept[r];
    const long n = n_trials_of(trials, r, false);
    forecast.add(
        runs.inputs[r].name,
        fmt::format("{} scans, {} kept, {} trials, {} with an amplitude", runs.headers[r].n_volumes,
                    std::count(kept.begin(), kept.end(), 1), n, n_trials_of(trials, r, true)));
  }
  forecast.add("voxels", fmt::format("{} of {}", mask.n_voxels(), runs.headers[0].grid.n_voxels()));
  forecast.add("method", std::string(name_of(request.method)));
  if (request.has_library())
    forecast.add("response",
                 request.hrf_map.empty()
                     ? fmt::format("each voxel's own of {}, chosen by {}", kHrfLibrarySize,
                                   name_of(request.hrf_choice.value_or(HrfChoice::all_events)))
                     : "each voxel's own, by " + request.hrf_map);
  forecast.add("noise model", to_string(runs.first.plan.noise_model));
  const int at_once = runs_in(session.memory_bytes);
  forecast.add_memory(memory().peak(at_once), session.memory_bytes,
                      fmt::format("{} run(s) side by side", at_once));
  for (auto& name : outputs(session.provenance)) forecast.add_output(std::move(name));
  return forecast.summary(request.fit.output, std::move(failures));
}

}  // namespace sociometer::jobs
