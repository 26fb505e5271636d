#include "engine/learning/fit.hpp"

#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Laplace approximation around a mode. For the density of the parameters x themselves, the Hessian
/// over x is D H D with D = diag(du/dx), exactly, because the gradient is 0 at the mode.
double laplace_evidence(const Mode& mode, const Learner& learner, DensitySpace space) {
  double sum = mode.log_mass();
  if (space == DensitySpace::parameter)
    for (Eigen::Index i = 0; i < mode.u.size(); ++i)
      sum += log_jacobian(learner.parameters()[size_t(i)].transform, mode.u[i]);
  return sum;
}

/// Inputs for the evidence of one fit.
struct Case {
  const Learner& learner;
  const LearningSettings& settings;
  const Participant& participant;
  const FitOptions& options;
  const Mode& estimate;  ///< in options.space

  std::vector<Mode> modes(DensitySpace space) const {
    return find_modes(Posterior(learner, settings, participant, space), options.n_starts,
                      {estimate.u});
  }
};

/// False if there are too few effective points.
bool set_importance(LearnerFit& fit, const Case& c, const std::vector<Mode>& modes) {
  const Posterior posterior(c.learner, c.settings, c.participant, DensitySpace::transformed);
  const auto sample =
      sample_posterior(posterior, modes, c.options.seed,
                       stream_of(c.participant.label, c.learner.name()), c.options.importance);
  fit.evidence_error = sample.error;
  fit.effective_points = sample.effective;
  fit.posterior_mean.assign(sample.mean.data(), sample.mean.data() + sample.mean.size());
  fit.posterior_covariance.assign(sample.covariance.data(),
                                  sample.covariance.data() + sample.covariance.size());
  if (!(sample.effective >= c.options.importance.least_effective)) return false;
  fit.method = EvidenceMethod::importance;
  fit.log_evidence = sample.log_evidence;
  return true;
}

/// False if the mode has no positive definite Hessian.
bool set_laplace(LearnerFit& fit, const Case& c, const Mode& mode, DensitySpace space,
                 EvidenceMethod method) {
  if (!mode.positive_definite) return false;
  fit.method = method;
  fit.log_evidence = laplace_evidence(mode, c.learner, space);
  return true;
}

/// Computes the requested evidence, or the best fallback available.
void set_evidence(LearnerFit& fit, const Case& c) {
  fit.method = EvidenceMethod::bic;
  fit.log_evidence = -0.5 * fit.bic;
  if (c.options.evidence == Evidence::bic) return;
  if (c.options.evidence == Evidence::laplace) {
    const DensitySpace space = c.options.evidence_space;
    const Mode mode = space == c.options.space ? c.estimate : c.modes(space).front();
    if (set_laplace(fit, c, mode, space, EvidenceMethod::laplace)) return;
    if (space == DensitySpace::transformed) return;
  }
  const auto modes = c.modes(DensitySpace::transformed);
  if (c.options.evidence == Evidence::importance && set_importance(fit, c, modes)) return;
  set_laplace(fit, c, modes.front(), DensitySpace::transformed,
              EvidenceMethod::laplace_transformed);
}

void fill(LearnerFit& fit, const Mode& mode, const Learner& learner) {
  const auto n = size_t(mode.u.size());
  fit.log_posterior = mode.log_density;
  fit.converged = mode.converged;
  fit.n_starts_agreeing = mode.n_starts_agreeing;
  fit.standard_error.assign(n, kMissing);
  for (size_t i = 0; i < n; ++i)
    fit.estimate.push_back(
        parameter_of(learner.parameters()[i].transform, mode.u[Eigen::Index(i)]));
  if (!mode.positive_definite) return;
  const Eigen::MatrixXd covariance = mode.covariance();
  fit.transformed_covariance.assign(covariance.data(), covariance.data() + covariance.size());
  for (size_t i = 0; i < n; ++i) {
    const auto k = Eigen::Index(i);
    fit.standard_error[i] = std::sqrt(covariance(k, k)) *
                            std::exp(log_jacobian(learner.parameters()[i].transform, mode.u[k]));
  }
}

}  // namespace

bool is_fallback(EvidenceMethod method, const FitOptions& options) {
  if (method == EvidenceMethod::laplace_transformed) return true;
  return method == EvidenceMethod::bic && options.evidence != Evidence::bic;
}

std::string to_string(EvidenceMethod method) {
  switch (method) {
    case EvidenceMethod::exact:
      return "exact";
    case EvidenceMethod::importance:
      return "importance";
    case EvidenceMethod::laplace:
      return "laplace";
    case EvidenceMethod::laplace_transformed:
      return "laplace_transformed";
    case EvidenceMethod::bic:
      return "bic";
  }
  return "";
}

LearnerFit fit_learner(const Learner& learner, const LearningSettings& settings,
                       const Participant& participant, const FitOptions& options) {
  LearnerFit fit;
  fit.n_choices = check_trials(learner, participant);
  const auto n_parameters = double(learner.parameters().size());
  Mode mode;
  if (n_parameters > 0) {
    mode = find_modes(Posterior(learner, settings, participant, options.space), options.n_starts)
               .front();
    fill(fit, mode, learner);
  }
  fit.log_likelihood = log_likelihood<double>(learner, settings, participant, fit.estimate);
  fit.bic = -2 * fit.log_likelihood + n_parameters * std::log(double(fit.n_choices));
  fit.aic = -2 * fit.log_likelihood + 2 * n_parameters;
  if (n_parameters > 0)
    set_evidence(fit, {learner, settings, participant, options, mode});
  else
    fit.log_posterior = fit.log_evidence = fit.log_likelihood;
  return fit;
}

int check_trials(const Learner& learner, const Participant& participant) {
  int n_choices = 0, n_ranks = 0, n_outcomes = 0;
  for (const auto& trial : participant.trials) {
    if (trial.chosen < 0) continue;
    ++n_choices;
    n_ranks += !std::isnan(trial.rank);
    n_outcomes += !std::isnan(trial.outcome);
  }
  const auto refuse = [&](const char* what) {
    fail(ErrorCode::bad_input, "participant {} has no {}, which model '{}' needs",
         participant.label, what, learner.name());
  };
  if (n_choices == 0) refuse("response");
  if (learner.needs_rank() && n_ranks == 0) refuse("visible rank");
  if (learner.needs_outcome() && n_outcomes == 0) refuse("outcome");
  return n_choices;
}

uint64_t stream_of(const std::string& participant, const std::string& model) {
  // FNV-1a, which gives the same value on every machine.
  uint64_t hash = 14695981039346656037ull;
  for (const auto& text : {participant, model})
    for (char c : text + '\n') hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash >> 8;
}

}  // namespace sociometer
