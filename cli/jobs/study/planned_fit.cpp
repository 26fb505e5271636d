#include "cli/jobs/study/planned_fit.hpp"

#include <fmt/format.h>

#include "engine/core/error.hpp"

namespace sociometer::jobs {

void apply_noise_settings(const EngineSettings& s, NoiseModel& noise) {
  if (s.noise_model) noise = *s.noise_model;
  if (s.tukey_lags) noise.tukey_lags = *s.tukey_lags;
  if (s.arma_grid) noise.arma.grid_level = *s.arma_grid;
  if (s.arma_search) noise.arma.search = *s.arma_search;
  if (s.noise_smoothing_fwhm_mm) noise.smoothing_fwhm_mm = *s.noise_smoothing_fwhm_mm;
}

void apply_settings(const EngineSettings& s, FitRequest& fit) {
  apply_noise_settings(s, fit.noise_model);
  if (!s.smoothing_fwhm_mm.empty()) fit.smoothing_fwhm_mm = s.smoothing_fwhm_mm;
  if (s.scaling) fit.scaling = *s.scaling;
  if (!s.mask.empty()) fit.mask = s.mask;
  if (s.mask_fraction) fit.mask_fraction = *s.mask_fraction;
  // What pages of reports show of the data, as far as it costs nothing: tsnr is a pass over the
  // images of its own.
  const std::vector<SavedMap> for_pages{SavedMap::mean, SavedMap::residual_variance};
  const auto& save = s.save.empty() ? for_pages : s.save;
  fit.save.insert(fit.save.end(), save.begin(), save.end());
  if (s.estimates) fit.estimates = *s.estimates;
  if (s.log_p) fit.log_p = *s.log_p;
  if (s.slice_time_ref) fit.design.slice_time_ref = *s.slice_time_ref;
}

StatsNode without_trials(StatsNode node) {
  EngineSettings& s = node.settings;
  s.trials.reset();
  s.trial_types.clear();
  s.trial_others.reset();
  s.trial_amplitude.reset();
  s.trial_shrinkage.reset();
  s.trial_shrinkage_labels.clear();
  s.trial_average_by.clear();
  s.trial_images.reset();
  s.trial_variance.reset();
  // At a Run node, regions are those of trials.
  s.rois.clear();
  s.atlas.clear();
  s.atlas_label_table.clear();
  s.atlas_labels.clear();
  return node;
}

StatsNode without_contrasts(StatsNode node) {
  node.contrasts.clear();
  node.dummies.reset();
  EngineSettings& s = node.settings;
  s.save.clear();
  s.estimates.reset();
  s.log_p.reset();
  s.fixed_effects.reset();
  return node;
}

void check_mask(const StatsNode& node) {
  for (const auto& [key, labels] : node.mask) {
    const bool usual = (key == "desc" || key == "description")
                           ? labels == std::vector<std::string>{"brain"}
                       : key == "suffix" ? labels == std::vector<std::string>{"mask"}
                                         : true;
    if (!usual)
      fail(ErrorCode::bad_input,
           "{}/Model/Options/Mask of node '{}' asks for {} {}, which only Software.Sociometer.Mask "
           "can name, as a file",
           node.place, node.name, key, fmt::join(labels, ", "));
  }
}

std::vector<std::string> paths_of(const std::vector<const StudyRun*>& runs,
                                  std::string RunFiles::*member) {
  std::vector<std::string> paths;
  for (const auto* run : runs)
    if (!(run->files.*member).empty()) paths.push_back(run->files.*member);
  return paths;
}

std::vector<std::vector<double>> onsets_of_volumes(const std::vector<const StudyRun*>& runs) {
  std::vector<std::vector<double>> onsets;
  bool any = false;
  for (const auto* run : runs) {
    any |= run->timing.is_uneven();
    onsets.push_back(run->timing.is_uneven() ? run->timing.volume_timing_s : std::vector<double>{});
  }
  return any ? onsets : std::vector<std::vector<double>>{};
}

}  // namespace sociometer::jobs
