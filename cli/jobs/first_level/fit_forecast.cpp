#include "cli/jobs/first_level/fit_forecast.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/forecast.hpp"
#include "engine/core/memory.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {
namespace {

/// The maps of a run beside those of the contrasts, without ending.
std::vector<std::string> maps_of_run(const FitRequest& a, const NoiseModel& model,
                                     const std::string& run) {
  const bool noise =
      (a.saves(SavedMap::ar) || a.saves(SavedMap::noise)) && !model.parameter_names().empty();
  const std::pair<bool, const char*> all[] = {
      {a.saves(SavedMap::residual_variance), "residualvariance"},
      {a.saves(SavedMap::r_squared), "rsquared"},
      {a.saves(SavedMap::mean), "mean"},
      {noise, a.saves(SavedMap::ar) ? "ar" : "noise"},
      {a.saves(SavedMap::ljung_box), "ljungbox"},
      {a.saves(SavedMap::betas), "betas"},
      {a.saves(SavedMap::residuals), "errorts"},
      {a.saves(SavedMap::predicted), "predictedts"},
      {a.saves(SavedMap::tsnr), "tsnr"}};
  std::vector<std::string> names;
  for (const auto& [saved, stat] : all)
    if (saved) names.push_back(fmt::format("{}stat-{}_statmap", run, stat));
  return names;
}

std::string run_text(const PreparedRun& run, Eigen::Index n_scans, Eigen::Index n_kept) {
  return fmt::format("{} scans, {} kept, {} columns, rank {}", n_scans, n_kept,
                     run.matrix.n_columns(), run.design.rank());
}

}  // namespace

FirstLevelSize FitForecast::size() const {
  FirstLevelSize size;
  size.n_grid_voxels = headers[0].grid.n_voxels();
  size.n_voxels = n_voxels;
  size.type = headers[0].format.type;
  for (const auto& header : headers)
    if (size_in_bytes(header.format.type) > size_in_bytes(size.type))
      size.type = header.format.type;
  size.computes_mask = computes_mask;
  size.n_series = Eigen::Index(request.saves(SavedMap::residuals)) +
                  Eigen::Index(request.saves(SavedMap::predicted));
  for (const auto& run : first.runs) {
    for (const SavedMap map : {SavedMap::residual_variance, SavedMap::r_squared, SavedMap::mean,
                               SavedMap::ljung_box, SavedMap::tsnr, SavedMap::status})
      size.n_saved += Eigen::Index(request.saves(map));
    if (request.saves(SavedMap::betas)) size.n_saved += run.matrix.n_columns();
    if (request.saves(SavedMap::ar) || request.saves(SavedMap::noise))
      size.n_saved += Eigen::Index(run.noise_model.parameter_names().size());
  }
  if (request.log_p) size.n_saved += Eigen::Index(first.contrasts.usable.size());
  return size;
}

FirstLevelMemory FitForecast::memory() const { return memory_of(first, size()); }

int FitForecast::runs_in(double allowed) const {
  const FirstLevelMemory needed = memory();
  const int n = needed.runs_within(allowed, first.plan.side_by_side(first.runs.size()));
  if (n == 0)
    require_memory(
        needed.peak(1), allowed,
        fmt::format("fitting {} run(s) of {} voxels, one at a time,", first.runs.size(), n_voxels),
        "a smaller --mask, fewer contrasts, or a noise model of lower order");
  return std::max(n, 1);
}

std::vector<std::string> FitForecast::outputs(const Provenance& provenance) const {
  std::vector<std::string> maps, names;
  for (const auto& contrast : first.contrasts.usable)
    for (auto& name :
         contrast_map_names(contrast.spec, request.log_p, has_own_dof(first, contrast)))
      maps.push_back(std::move(name));
  maps.emplace_back("mask");
  if (request.saves(SavedMap::status)) maps.emplace_back("stat-status_statmap");
  for (size_t r = 0; r < first.runs.size(); ++r) {
    const std::string run = first.runs.size() == 1 ? "" : fmt::format("run-{}_", r + 1);
    for (auto& name : maps_of_run(request, first.runs[r].noise_model, run))
      maps.push_back(std::move(name));
    for (const char* ending : {"tsv", "json", "png"})
      names.push_back(fmt::format("{}design.{}", run, ending));
  }
  for (const auto& map : maps)
    for (const char* ending : {".nii.gz", ".json"}) names.push_back(map + ending);
  if (request.estimates)
    for (const char* name : {"estimates.h5", "estimates.json"}) names.emplace_back(name);
  if (!provenance.configuration_name.empty()) names.push_back(provenance.configuration_name);
  for (auto& name : names) name.insert(0, name_prefix(request.prefix));
  names.emplace_back("dataset_description.json");
  std::sort(names.begin(), names.end());
  return names;
}

JobSummary FitForecast::summary(const Session& session) const {
  Forecast forecast(fmt::format("fit would analyse {} run(s)", first.runs.size()));
  for (size_t r = 0; r < first.runs.size(); ++r) {
    const auto& kept = designs.kept[r];
    forecast.add(first.runs[r].name, run_text(first.runs[r], headers[r].n_volumes,
                                              std::count(kept.begin(), kept.end(), 1)));
  }
  forecast.add("voxels", fmt::format("{} of {}", n_voxels, headers[0].grid.n_voxels()));
  forecast.add("noise model", to_string(first.plan.noise_model));
  std::vector<std::string> contrasts;
  for (const auto& contrast : first.contrasts.usable) contrasts.push_back(contrast.spec.name);
  forecast.add("contrasts",
               contrasts.empty() ? "none" : fmt::format("{}", fmt::join(contrasts, ", ")));
  for (const auto& line : first.contrasts.refused) forecast.add("refused", line);
  const int at_once = runs_in(session.memory_bytes);
  forecast.add_memory(memory().peak(at_once), session.memory_bytes,
                      fmt::format("{} run(s) side by side", at_once));
  for (auto& name : outputs(session.provenance)) forecast.add_output(std::move(name));
  return forecast.summary(request.output, first.contrasts.refused);
}

}  // namespace sociometer::jobs
