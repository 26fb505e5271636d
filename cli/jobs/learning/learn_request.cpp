#include "cli/jobs/learning/learn_request.hpp"

#include <algorithm>

#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace {

void check_priors(const LearnRequest& r) {
  const auto refuse = [&](const char* option, const std::string& value, const char* only) {
    fail(ErrorCode::usage, "{} {} goes with fixed priors; --group-priors {} takes {}", option,
         value, name_of(r.group_priors), only);
  };
  const auto other_than = [](const auto& choice, auto only) { return choice && *choice != only; };
  if (r.group_priors == GroupPriors::hbi && other_than(r.evidence, Evidence::laplace))
    refuse("--evidence", name_of(*r.evidence), "laplace");
  if (r.group_priors == GroupPriors::none) return;
  if (other_than(r.density_space, DensitySpace::transformed))
    refuse("--density-space", name_of(*r.density_space), "transformed values");
  if (other_than(r.evidence_space, DensitySpace::transformed))
    refuse("--evidence-space", name_of(*r.evidence_space), "transformed values");
}

void check_range(const char* option, int value, int least, int most) {
  if (value < least || value > most)
    fail(ErrorCode::usage, "{} is {}; {} to {}", option, value, least, most);
}

}  // namespace

void check(const LearnRequest& r) {
  check_priors(r);
  check_range("--evidence-points", r.evidence_points, kFewestEvidencePoints, kMostEvidencePoints);
  check_range("--starts", r.starts, 1, kMostStarts);
  for (const auto& [option, n] : {std::pair{"--recover", r.checks.parameter_recovery},
                                  {"--confusion", r.checks.model_recovery},
                                  {"--predictive", r.checks.predictive}})
    if (n < 0)
      fail(ErrorCode::usage, "{} is {}; a number of simulations is not negative", option, n);
  for (const auto& model : r.models)
    if (std::count(r.models.begin(), r.models.end(), model) > 1)
      fail(ErrorCode::usage, "model '{}' is named twice", model);
}

FitOptions fit_options(const LearnRequest& r) {
  FitOptions o;
  o.space = r.density_space.value_or(
      r.group_priors == GroupPriors::none ? DensitySpace::parameter : DensitySpace::transformed);
  o.evidence_space = r.evidence_space.value_or(DensitySpace::transformed);
  o.evidence = r.evidence.value_or(r.group_priors == GroupPriors::hbi ? Evidence::laplace
                                                                      : Evidence::importance);
  o.importance.n_points = r.evidence_points;
  o.importance.most_points = std::max(r.evidence_points, o.importance.most_points);
  o.n_starts = r.starts;
  o.seed = r.seed;
  return o;
}

}  // namespace sociometer::jobs
