#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/session.hpp"
#include "engine/simulate/effect_recovery.hpp"

namespace sociometer::jobs {

/// A small simulated participant with known truth: written, or compared with a fit to it.
struct ExampleRequest {
  std::string folder;  ///< where the example is or will be written
  uint64_t seed = 1;
  std::string verify;  ///< folder of a fit to compare; empty: write the example
  std::string prefix;  ///< of the fit
};
SOCIOMETER_FIELDS(ExampleRequest) {
  visit("folder", self.folder);
  visit("seed", self.seed);
  visit("verify", self.verify);
  visit("prefix", self.prefix);
}

/// @throws Error{usage} without a folder.
void check(const ExampleRequest& request);

/// Compares the fitted effect of a contrast with the truth.
struct ContrastRecovery {
  std::string contrast;
  EffectRecovery effect;
};

/// Summary of `example`; with `verify`, the comparison for each contrast.
struct ExampleSummary : JobSummary {
  std::vector<ContrastRecovery> recoveries;
};

/// Writes the example or, with `verify`, only compares.
/// @throws Error{bad_input} for maps that are missing or from other images.
ExampleSummary example(const ExampleRequest& request, const Session& session);

/// The comparison as a table.
std::string recovery_table(const std::vector<ContrastRecovery>& recoveries);
/// @throws Error{bad_input} unless every effect was recovered.
void require_recovered(const ExampleRequest& request, const ExampleSummary& summary);

}  // namespace sociometer::jobs
