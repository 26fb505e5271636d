#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/learning/importance.hpp"
#include "engine/learning/learner.hpp"
#include "engine/learning/posterior.hpp"

namespace sociometer {

/// How the integral of the likelihood over the prior is found.
enum class Evidence {
  importance,  ///< importance sampling: any shape of posterior, with its error
  laplace,     ///< a normal density around the mode: the field's usual one, short by about .1 nats
               ///< a parameter, which favours models with few
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
  /// Of the Laplace approximation. An evidence is the same integral over any variable, and the
  /// approximation is better over transformed ones: a parameter that the choices say nothing of has
  /// a flat density between its bounds, whose curvature promises far more room than there is (a
  /// factor 2.6 each with the default priors, in favour of models with idle parameters).
  DensitySpace evidence_space = DensitySpace::transformed;
  /// Starts over the ranges of the parameters, the first at their centre; those near the bounds
  /// come on top (see find_modes).
  int n_starts = 8;
  ImportanceOptions importance;
  uint64_t seed = 1;  ///< of the importance samples
};

/// How a log evidence came about.
enum class EvidenceMethod {
  exact,                ///< no free parameter: the likelihood
  importance,           ///< importance sampling
  laplace,              ///< in the space asked for
  laplace_transformed,  ///< fallback: too few effective points, or the mode in the space asked for
                        ///< has no positive definite Hessian
  bic                   ///< asked for, or the last fallback: -BIC / 2
};
std::string to_string(EvidenceMethod method);
/// Whether the method is not the one asked for.
bool is_fallback(EvidenceMethod method, const FitOptions& options);

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
  double evidence_error = kMissing;    ///< standard error of an evidence by importance sampling
  double effective_points = kMissing;  ///< of the importance sample
  /// Mean and covariance (column after column) of the transformed parameters' posterior, by
  /// importance sampling; empty without.
  std::vector<double> posterior_mean, posterior_covariance;
  double bic = 0;  ///< -2 log likelihood + K log n_choices
  double aic = 0;
  EvidenceMethod method = EvidenceMethod::exact;
  bool converged = true;  ///< gradient vanishes at the estimate
  int n_choices = 0;
  int n_starts_agreeing = 0;  ///< starts that ended at the same optimum
};

/// Fits by maximum a posteriori with exact gradients from several deterministic starts (NLopt's
/// SLSQP, then Newton steps with the exact Hessian), and integrates for the evidence.
///
/// Evidence: importance sampling around the maxima over transformed parameters (see
/// sample_posterior), or Laplace's log p(D | th) + log p(th) + K/2 log 2 pi - 1/2 log |H|, H the
/// exact Hessian of minus the log posterior at its mode th. The points of an importance sample
/// depend on seed, participant's label and learner's name only.
/// @throws Error{bad_input} when there is no response, or no rank or outcome that the learner
/// needs.
/// @cost  about 500 likelihoods with gradient and 1000 without.
/// @source MacKay 2003, Information Theory, Inference, and Learning Algorithms, 27 and 29; Kraft
/// 1988 (SLSQP).
LearnerFit fit_learner(const Learner& learner, const LearningSettings& settings,
                       const Participant& participant, const FitOptions& options);

/// Refuses a participant without a response, or without the ranks or outcomes that the learner
/// needs. @return number of responses.
int check_trials(const Learner& learner, const Participant& participant);

/// The stream of random numbers of a person and a model.
uint64_t stream_of(const std::string& participant, const std::string& model);

}  // namespace sociometer
