#pragma once
#include "cli/jobs/request_json.hpp"
#include "engine/roi/dissociation.hpp"
#include "engine/roi/individual_differences.hpp"
#include "engine/roi/value_table.hpp"

/// Fields of the engine's options used in requests about region values.
namespace sociometer {

SOCIOMETER_FIELDS(ValueChoice) {
  visit("statistic", self.statistic);
  visit("session", self.session);
  visit("rois", self.rois);
  visit("contrasts", self.contrasts);
  visit("min_coverage", self.min_coverage);
}

SOCIOMETER_FIELDS(RegionTestOptions) {
  visit("null_value", self.null_value);
  visit("alternative", self.alternative);
  visit("level", self.level);
  visit("equal_variances", self.equal_variances);
  visit("cauchy_scale", self.cauchy_scale);
  visit("regression_scale", self.regression_scale);
  visit("permutations", self.permutations);
  visit("seed", self.seed);
}

/// Without the scale of the prior, which is that of the tests.
SOCIOMETER_FIELDS(EvidenceRule) {
  visit("alpha", self.alpha);
  visit("evidence", self.evidence);
  visit("equivalence_d", self.equivalence_d);
}

SOCIOMETER_FIELDS(DissociationOptions) {
  visit("tests", self.tests);
  visit("interval", self.interval);
  visit("bootstraps", self.bootstraps);
  visit("rule", self.rule);
}

/// Without the regressor properties, which come from the table.
SOCIOMETER_FIELDS(IndividualOptions) {
  visit("tests", self.tests);
  visit("alpha", self.alpha);
  visit("evidence", self.evidence);
  visit("together", self.together);
  visit("units", self.units);
}

}  // namespace sociometer
