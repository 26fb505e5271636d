#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/learning/importance.hpp"
#include "engine/learning/learner.hpp"
#include "engine/learning/posterior.hpp"

namespace sociometer {

/// How the integral of the likelihood over the prior is computed.
enum class Evidence {
  importance,  ///< importance sampling: any shape of posterior, with an error estimate
  laplace,     ///< normal approximation around the mode: the usual choice, but about .1 nats
               ///< too small per parameter, which favours models with few parameters
  bic          ///< -BIC / 2: no prior
};
constexpr std::array<Name<Evidence>, 3> names_of(std::type_identity<Evidence>) {
  return {{{Evidence::importance, "importance"},
           {Evidence::laplace, "laplace"},
           {Evidence::bic, "bic"}}};
}

struct FitOptions {
  DensitySpace space = DensitySpace::parameter;  ///< of the estimate
  Evidence evidence = Evidence::importance;
  /// For the Laplace approximation. The evidence is the same integral in any variable, but the
  /// approximation is better in transformed ones: a parameter that the choices do not inform has a
  /// flat density between its bounds, whose curvature suggests far more volume than there is (a
  /// factor of 2.6 each with the default priors, in favour of models with idle parameters).
  DensitySpace evidence_space = DensitySpace::transformed;
  /// Starts across the parameter ranges, the first at their centre; starts near the bounds are
  /// added (see find_modes).
  int n_starts = 8;
  ImportanceOptions importance;
  uint64_t seed = 1;  ///< for the importance samples
};

/// How a log evidence was obtained.
enum class EvidenceMethod {
  exact,                ///< no free parameter: the likelihood
  importance,           ///< importance sampling
  laplace,              ///< in the requested space
  laplace_transformed,  ///< fallback: too few effective points, or no positive definite Hessian at
                        ///< the mode in the requested space
  bic                   ///< requested, or the last fallback: -BIC / 2
};
std::string to_string(EvidenceMethod method);
/// Whether the method differs from the one requested.
bool is_fallback(EvidenceMethod method, const FitOptions& options);

/// Maximum a posteriori estimate of one learner's parameters for one participant.
struct LearnerFit {
  std::vector<double> estimate;  ///< one per parameter of the learner
  std::vector<double>
      standard_error;  ///< from the Hessian of the log posterior; missing if there is none
  /// Covariance of the transformed parameters at the mode, column-major; empty if there is none.
  std::vector<double> transformed_covariance;
  double log_likelihood = 0;  ///< at the estimate
  double log_posterior = 0;   ///< plus log prior (with the Jacobian if space is transformed)
  double log_evidence = 0;
  double evidence_error = kMissing;    ///< standard error of the evidence from importance sampling
  double effective_points = kMissing;  ///< of the importance sample
  /// Posterior mean and covariance (column-major) of the transformed parameters from importance
  /// sampling; empty for other methods.
  std::vector<double> posterior_mean, posterior_covariance;
  double bic = 0;  ///< -2 log likelihood + K log n_choices
  double aic = 0;
  EvidenceMethod method = EvidenceMethod::exact;
  bool converged = true;  ///< gradient vanishes at the estimate
  int n_choices = 0;
  int n_starts_agreeing = 0;  ///< starts that reached the same optimum
};

/// Maximum a posteriori fit with exact gradients from several deterministic starts (NLopt's SLSQP,
/// then Newton steps with the exact Hessian), followed by integration for the evidence.
///
/// Evidence: importance sampling around the maxima over transformed parameters (see
/// sample_posterior), or Laplace's log p(D | th) + log p(th) + K/2 log 2 pi - 1/2 log |H|, where H
/// is the exact Hessian of minus the log posterior at its mode th. The importance samples depend
/// only on the seed, the participant's label and the learner's name.
/// @throws Error{bad_input} if there is no response, or none of the ranks or
/// outcomes that the learner needs.
/// @cost  about 500 likelihoods with gradient and 1000 without.
/// @source MacKay 2003, Information Theory, Inference, and Learning Algorithms, 27 and 29; Kraft
/// 1988 (SLSQP).
LearnerFit fit_learner(const Learner& learner, const LearningSettings& settings,
                       const Participant& participant, const FitOptions& options);

/// Rejects a participant without a response, or without the ranks or outcomes that the learner
/// needs. @return number of responses.
int check_trials(const Learner& learner, const Participant& participant);

/// The random number stream of a participant and model.
uint64_t stream_of(const std::string& participant, const std::string& model);

}  // namespace sociometer
