#pragma once
#include <optional>

#include "engine/glm/noise_model.hpp"

/// What checks and records ask of a noise model; each kind's strategy answers.
namespace sociometer {

/// Whether scans are independent, so that their distances do not matter.
bool is_white(const NoiseModel& model);
/// Whether scans must be equally far apart; else lags count scans, whatever their distance.
bool needs_equal_times(const NoiseModel& model);
/// Whether concatenated runs in one image can be modelled separately (run_starts).
bool separates_runs(const NoiseModel& model);
/// Whether autocorrelations are tapered (tukey_lags).
bool tapers(const NoiseModel& model);
/// Whether one process whitens a voxel; else several, weighted (RunEstimates::atoms).
bool has_one_process(const NoiseModel& model);

/// The options that a model has.
struct NoiseDescription {
  bool averages = false;
  std::optional<bool> corrects_bias = {};
  std::optional<ArmaOptions> arma = {};
  std::optional<double> smoothing_fwhm_mm = {};
  std::optional<Eigen::Index> tukey_lags = {};
};
NoiseDescription describe(const NoiseModel& model);

}  // namespace sociometer
