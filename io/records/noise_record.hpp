#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/glm/noise_properties.hpp"
#include "io/records/record_fields.hpp"

namespace sociometer {

/// How the parameters of ARMA(1,1) were searched for.
struct ArmaRecord {
  std::string search;
  int grid_level = 0;
  double largest_a = 0, largest_b = 0;
  bool negative = false, white_noise_plus = false;
  std::optional<double> cutoff;                 ///< of AFNI's search
  std::optional<std::array<double, 2>> fixed;   ///< a and b of every voxel
  std::optional<std::vector<long>> run_starts;  ///< of concatenated runs
  bool operator==(const ArmaRecord&) const = default;
};
SOCIOMETER_RECORD(ArmaRecord) {
  visit("Search", self.search);
  visit("Grid", self.grid_level);
  visit("MaxA", self.largest_a);
  visit("MaxB", self.largest_b);
  visit("NegativeCorrelations", self.negative);
  visit("WhiteNoisePlus", self.white_noise_plus);
  visit("CorrelationCutoff", self.cutoff);
  visit("Fixed", self.fixed);
  visit("RunStarts", self.run_starts);
}

/// The noise model of a fit, with those of its options that it has.
struct NoiseRecord {
  std::string model;
  std::optional<std::string> averaged;  ///< over what
  std::optional<bool> corrects_bias;
  std::optional<ArmaRecord> arma;
  std::optional<double> smoothing_fwhm_mm;
  bool operator==(const NoiseRecord&) const = default;
};
SOCIOMETER_RECORD(NoiseRecord) {
  visit("NoiseModel", self.model);
  visit("NoiseAveraged", self.averaged);
  visit("BiasCorrection", self.corrects_bias);
  visit("ARMA", self.arma);
  visit("NoiseSmoothingFWHM", self.smoothing_fwhm_mm);
}

NoiseRecord noise_record(const NoiseModel& model);

}  // namespace sociometer
