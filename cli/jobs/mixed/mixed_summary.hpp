#pragma once
#include <string>
#include <vector>

#include "cli/jobs/mixed/mixed_inputs.hpp"
#include "engine/mixed/mediation.hpp"
#include "engine/mixed/mixed_fit.hpp"

namespace sociometer::jobs {

/// The model in words, one sentence per line: what was fitted to how many rows, a sentence per
/// fixed effect with its figures, and what limits them.
///
/// An effect is said to be positive or negative only if its p is below alpha, and the fit has
/// converged and no response is separated; otherwise that it is not shown to differ from 0.
std::vector<std::string> mixed_sentences(const MixedDesign& design, const MixedFit& fit,
                                         const MixedRequest& request);

/// What a reader of the figures must know: rows left out, a singular or unconverged fit, separated
/// responses, effects without a random slope over participants.
std::vector<std::string> mixed_cautions(const MixedDesign& design, const MixedFit& fit,
                                        const MixedRequest& request);

/// The mediation in words; "is carried" only if the interval of the indirect path excludes 0.
std::vector<std::string> mediation_sentences(const Mediation& mediation, const MediationPlan& plan);

}  // namespace sociometer::jobs
