#include "cli/jobs/study/trials_plan.hpp"

#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/planned_fit.hpp"
#include "engine/core/error.hpp"
#include "io/images/region_files.hpp"

namespace sociometer::jobs {
namespace {

/// Runs an action; its errors name the node, and a node's keys instead of options.
template <class Action>
auto in_words_of_node(const StatsNode& node, const Action& action) {
  try {
    return action();
  } catch (const Error& error) {
    std::string message = error.what();
    // A node's keys begin with Trial where the command's options are about nothing else.
    for (const auto& [option, key] : {std::pair{"--shrinkage-labels", "TrialShrinkageLabels"},
                                      {"--shrinkage", "TrialShrinkage"},
                                      {"--method", "Trials"},
                                      {"--amplitude", "TrialAmplitude"},
                                      {"--variance", "TrialVariance"},
                                      {"--others", "TrialOthers"}})
      for (size_t at = message.find(option); at != std::string::npos; at = message.find(option, at))
        message.replace(at, std::string(option).size(), key);
    fail(ErrorCode::bad_input, "{}/Model/Software/Sociometer of node '{}': {}", node.place,
         node.name, in_words_of_models(message));
  }
}

}  // namespace

TrialsRequest trials_request(const StatsNode& node, std::vector<std::string> types,
                             FitRequest fit) {
  const EngineSettings& s = node.settings;
  TrialsRequest request;
  // What contrasts have and trials have not.
  fit.save.clear();
  fit.log_p = false;
  fit.estimates = true;
  // Trials have a default of their own.
  fit.noise_model = request.fit.noise_model;
  apply_noise_settings(s, fit.noise_model);
  request.fit = std::move(fit);
  request.method = s.trials.value_or(request.method);
  request.others = s.trial_others.value_or(request.others);
  request.amplitude = s.trial_amplitude.value_or(request.amplitude);
  request.types = std::move(types);
  request.shrinkage = s.trial_shrinkage.value_or(request.shrinkage);
  request.shrinkage_labels = s.trial_shrinkage_labels;
  request.average_by = s.trial_average_by;
  request.images = s.trial_images.value_or(request.images);
  request.variance = s.trial_variance.value_or(request.variance);
  request.regions = regions_of_trials(node);
  return request;
}

void check_trials(const StatsNode& node, const TrialsRequest& request) {
  in_words_of_node(node, [&] {
    check(request);
    return 0;
  });
}

RegionRequest regions_of_trials(const StatsNode& node) {
  const EngineSettings& s = node.settings;
  RegionRequest regions;
  regions.rois = s.rois;
  regions.atlas = {s.atlas, s.atlas_label_table, s.atlas_labels};
  return regions;
}

std::vector<std::string> region_files(const RegionRequest& regions, const std::string& output) {
  std::vector<std::string> files;
  for (const auto& roi : regions.rois) {
    const std::string path = file_in_word(roi);
    files.push_back(path);
    if (is_region_table(path) && !path.starts_with(output + "/"))
      for (auto& mask : files_in_region_table(path)) files.push_back(std::move(mask));
  }
  for (const auto& path : {regions.atlas.image, regions.atlas.label_table})
    if (!path.empty()) files.push_back(path);
  return files;
}

}  // namespace sociometer::jobs
