#pragma once
#include <string>
#include <vector>

#include "engine/learning/learner.hpp"

namespace sociometer {

/// The variable whose density has its mode at the estimate and its curvature in the Laplace
/// approximation. The optimiser moves on transformed parameters either way.
enum class DensitySpace {
  parameter,   ///< density of the parameters themselves: the field's usual MAP
  transformed  ///< density of logit w, log beta, ..: prior times Jacobian
};
DensitySpace parse_density_space(const std::string& text);
std::string to_string(DensitySpace space);

struct FitOptions {
  DensitySpace space = DensitySpace::parameter;
  int n_starts =
      8;  ///< the first at the centre of the ranges, the others spread over them (Halton)
};

/// How a log evidence came about.
enum class EvidenceMethod {
  exact,                ///< no free parameter: the likelihood
  laplace,              ///< in the space asked for
  laplace_transformed,  ///< fallback: the mode asked for has no positive definite Hessian
  bic                   ///< last fallback: -BIC / 2
};
std::string to_string(EvidenceMethod method);

/// Maximum a posteriori estimate of one learner for one participant.
struct LearnerFit {
  std::vector<double> estimate;  ///< as many as the learner's parameters
  std::vector<double>
      standard_error;  ///< from the Hessian of the log posterior; missing without one
  /// Covariance of the transformed parameters at the mode, column after column; empty without one.
  std::vector<double> transformed_covariance;
  double log_likelihood = 0;  ///< at the estimate
  double log_posterior = 0;   ///< plus log prior (with the Jacobian when space is transformed)
  double log_evidence = 0;
  double bic = 0;  ///< -2 log likelihood + K log n_choices
  double aic = 0;
  EvidenceMethod method = EvidenceMethod::exact;
  bool converged = true;  ///< gradient vanishes at the estimate
  int n_choices = 0;
  int n_starts_agreeing = 0;  ///< starts that ended at the same optimum
};

/// Fits by maximum a posteriori with exact gradients from several deterministic starts (NLopt's
/// SLSQP, then Newton steps with the exact Hessian).
///
/// Laplace evidence: log p(D | th) + log p(th) + K/2 log 2 pi - 1/2 log |H|, H the exact Hessian of
/// minus the log posterior at its mode th.
/// @throws Error{bad_input} when there is no response, or no rank or outcome that the learner
/// needs.
/// @cost  some 300 likelihoods with gradient: 0.1 s for 1000 rounds and 3 parameters.
/// @source MacKay 2003, Information Theory, Inference, and Learning Algorithms, 27; Kraft 1988
/// (SLSQP).
LearnerFit fit_learner(const Learner& learner, const LearningSettings& settings,
                       const Participant& participant, const FitOptions& options);

}  // namespace sociometer
