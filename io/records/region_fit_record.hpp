#pragma once
#include <string>
#include <vector>

#include "io/records/first_level_records.hpp"

namespace sociometer {

/// A run whose regions were fitted.
struct RegionFitRun {
  InputFile bold;
  ScanCounts scans;
  RunSettings settings;
  double dof = 0;
  bool operator==(const RegionFitRun&) const = default;
};
SOCIOMETER_RECORD(RegionFitRun) {
  visit("Bold", self.bold.path);
  visit("XXH3", self.bold.checksum);
  visit_record(self.scans, visit);
  visit_record(self.settings, visit);
  visit("DegreesOfFreedom", self.dof);
}

/// What the record of region values says of `roi fit`.
struct RegionFitRecord {
  std::string order, summary, noise_model;
  FitChoices choices;
  DesignSettings design;
  std::vector<RegionFitRun> runs;
  std::vector<InputFile> inputs;
  bool operator==(const RegionFitRecord&) const = default;
};
SOCIOMETER_RECORD(RegionFitRecord) {
  visit("Order", self.order);
  visit("Summary", self.summary);
  visit("NoiseModel", self.noise_model);
  visit_record(self.choices, visit);
  visit("Design", self.design);
  visit("Runs", self.runs);
  visit("Inputs", self.inputs);
}

}  // namespace sociometer
