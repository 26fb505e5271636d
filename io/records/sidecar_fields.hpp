#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/trial_records.hpp"

/// What readers of images take from their sidecars, as FitRecord and TrialFitRecord have it. Each
/// field may be missing: sidecars may be of other programs or of earlier versions.
namespace sociometer {

struct SidecarRun {
  std::optional<std::string> bold, checksum;
  std::optional<double> scans, censored, dof;
  std::optional<ByName<double>> modulator_sd;
};
SOCIOMETER_RECORD(SidecarRun) {
  visit("Bold", self.bold);
  visit("XXH3", self.checksum);
  visit("Scans", self.scans);
  visit("CensoredScans", self.censored);
  visit("DegreesOfFreedom", self.dof);
  visit("ModulatorSD", self.modulator_sd);
}

struct SidecarDesign {
  std::optional<std::string> hrf;
};
SOCIOMETER_RECORD(SidecarDesign) { visit("HRF", self.hrf); }

struct SidecarContrast {
  std::optional<std::vector<std::string>> expressions;
};
SOCIOMETER_RECORD(SidecarContrast) { visit("Expressions", self.expressions); }

struct SidecarFields {
  std::optional<std::string> noise_model, scaling, method, amplitude;
  std::optional<std::vector<double>> smoothing_fwhm_mm;
  std::optional<SidecarDesign> design;
  std::optional<SidecarContrast> contrast;
  std::optional<std::vector<SidecarRun>> runs;
  std::optional<TrialVolumesRecord> volumes;
};
SOCIOMETER_RECORD(SidecarFields) {
  visit("NoiseModel", self.noise_model);
  visit("Scaling", self.scaling);
  visit("Method", self.method);
  visit("Amplitude", self.amplitude);
  visit("SmoothingFWHM", self.smoothing_fwhm_mm);
  visit("Design", self.design);
  visit("Contrast", self.contrast);
  visit("Runs", self.runs);
  visit("Volumes", self.volumes);
}

/// How the values of an image came about, in words: what makes those of two people comparable.
/// Empty if nothing is known.
std::string settings_text(const SidecarFields& fields);

}  // namespace sociometer
