#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/commands.hpp"
#include "cli/jobs/first_level/design_inputs.hpp"
#include "cli/options/cli11_declarations.hpp"
#include "engine/core/scalar_type.hpp"
#include "engine/glm/run_analysis.hpp"

namespace sociometer::cli {

struct ArmaArguments {
  int grid = 5;
  std::string search = "continuous";
  std::optional<double> max_a, max_b;
  double cutoff = 1e-4;
  std::vector<double> fixed;
  bool negative = false, white_noise_plus = false;
};

struct FitArguments {
  DesignArguments design;
  std::vector<std::string> bold, save, mask;
  std::string output, prefix, noise_model = "ar4-averaged", scaling = "none",
                              fixed_effects = "precision", map_type = "float32";
  std::vector<double> smoothing_fwhm_mm;
  ArmaArguments arma;
  std::vector<long> run_starts;
  double mask_fraction = 0.5, noise_smoothing_fwhm_mm = 0;
  long tukey_lags = 0;
  int runs_at_once = 0;  ///< 0: as the noise model suggests
  bool no_estimates = false, log_p = false;
};

struct FirstLevelOptions {
  FirstLevelPlan plan;
  ScalarType map_type = ScalarType::float32;
};

void add_fit_options(CLI::App& command, FitArguments& arguments);

/// @throws Error{usage} for options that contradict each other or are out of range.
FirstLevelOptions parse_options(const FitArguments& arguments, const GlobalOptions& global);

}  // namespace sociometer::cli
