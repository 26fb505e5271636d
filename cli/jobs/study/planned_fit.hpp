#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/study/study_inputs.hpp"
#include "engine/stats_models/stats_model.hpp"

/// Parts of the request of a first level that a study plans.
namespace sociometer::jobs {

/// What of a Run node's settings goes into the request of a fit.
void apply_noise_settings(const EngineSettings& settings, NoiseModel& noise);
void apply_settings(const EngineSettings& settings, FitRequest& fit);

/// A Run node without what single trials alone need: their settings change no first level.
StatsNode without_trials(StatsNode node);

/// A Run node without what contrasts alone need: they change no single trials.
StatsNode without_contrasts(StatsNode node);

/// The mask that Model.Options.Mask asks for: fMRIPrep's brain mask, which is the default too.
/// @throws Error{bad_input} for another.
void check_mask(const StatsNode& node);

/// The files of a kind that runs have.
std::vector<std::string> paths_of(const std::vector<const StudyRun*>& runs,
                                  std::string RunFiles::*member);

/// VolumeTiming of runs whose volumes are not a TR apart; empty if there are none.
std::vector<std::vector<double>> onsets_of_volumes(const std::vector<const StudyRun*>& runs);

}  // namespace sociometer::jobs
