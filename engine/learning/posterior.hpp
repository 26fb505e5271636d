#pragma once
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/learning/learner.hpp"

namespace sociometer {

/// The variable whose posterior density is maximised by the estimate, or approximated by a normal
/// density for the evidence. The optimiser works on transformed parameters in either case.
enum class DensitySpace {
  parameter,   ///< density of the parameters themselves: the field's usual MAP
  transformed  ///< density of logit w, log beta, ..: prior times Jacobian
};
constexpr std::array<Name<DensitySpace>, 2> names_of(std::type_identity<DensitySpace>) {
  return {{{DensitySpace::parameter, "parameter"}, {DensitySpace::transformed, "transformed"}}};
}

/// Log posterior density (unnormalised) of one learner's parameters given one participant's
/// choices, as a function of the transformed parameters u.
///
/// Holds references: learner, settings and participant must outlive it.
class Posterior {
 public:
  Posterior(const Learner& learner, const LearningSettings& settings,
            const Participant& participant, DensitySpace space)
      : learner_(learner), settings_(settings), participant_(participant), space_(space) {}
  Posterior(const Learner&, LearningSettings&&, const Participant&, DensitySpace) = delete;

  size_t size() const { return learner_.parameters().size(); }
  const Learner& learner() const { return learner_; }
  const std::vector<Parameter>& parameters() const { return learner_.parameters(); }

  template <class T>
  T log_density(const std::vector<T>& u) const {
    std::vector<T> x;
    const T prior = log_prior(u, x);
    return prior + log_likelihood<T>(learner_, settings_, participant_, x);
  }
  /// Prior density alone, in the same space.
  double log_prior(const Eigen::VectorXd& u) const;
  double log_likelihood_at(const Eigen::VectorXd& u) const;

  /// @param gradient  size() elements, or nullptr.
  double value_and_gradient(const double* u, double* gradient) const;
  /// Value, gradient and Hessian.
  double expand(const Eigen::VectorXd& u, Eigen::VectorXd& gradient,
                Eigen::MatrixXd& hessian) const;

 private:
  /// @param x  output: the parameters.
  template <class T>
  T log_prior(const std::vector<T>& u, std::vector<T>& x) const {
    T sum(0.0);
    for (size_t i = 0; i < u.size(); ++i) {
      const Parameter& p = parameters()[i];
      x.push_back(parameter_of(p.transform, u[i]));
      sum = sum + log_prior_kernel(p, x[i], u[i]) + log_prior_constant(p.prior);
      const bool of_u = p.prior.family == PriorFamily::normal_transformed;
      if (of_u && space_ == DensitySpace::parameter) sum = sum - log_jacobian(p.transform, u[i]);
      if (!of_u && space_ == DensitySpace::transformed) sum = sum + log_jacobian(p.transform, u[i]);
    }
    return sum;
  }

  const Learner& learner_;
  const LearningSettings& settings_;
  const Participant& participant_;
  DensitySpace space_;
};

/// A local maximum of a posterior.
struct Mode {
  Eigen::VectorXd u;
  double log_density = -std::numeric_limits<double>::infinity();
  Eigen::MatrixXd hessian;  ///< of minus the log density, with respect to u
  bool converged = false;   ///< the gradient vanishes
  bool positive_definite = false;
  int n_starts_agreeing = 0;  ///< starts that ended at this density
  Eigen::MatrixXd covariance() const;
  /// Laplace approximation of the log integral of the density over u.
  double log_mass() const;
};

/// Local maxima, best first, from n_starts deterministic starts plus those near the bounds.
///
/// The starts: the centre of the ranges; each logit parameter near 0 and near 1, with the log
/// parameters low, medium and high; corners of the box of two or three logit parameters; the rest
/// spread over the ranges (Halton). A density between bounds that the choices hardly inform has
/// maxima close to a bound, which central starts do not reach. Each start is optimised by NLopt's
/// SLSQP with exact gradients; distinct end points are polished by Newton
/// steps with the exact Hessian.
/// @param n_starts  number of central and spread starts, at least 1.
/// @param hints  additional starts, tried last.
/// @param most  maximum number of maxima to return.
/// @cost  about 20 likelihoods with gradient per start.
std::vector<Mode> find_modes(const Posterior& posterior, int n_starts,
                             const std::vector<Eigen::VectorXd>& hints = {}, size_t most = 3);

/// Local maxima reached from the given starts, best first.
std::vector<Mode> modes_from(const Posterior& posterior, const std::vector<Eigen::VectorXd>& starts,
                             size_t most = 3);

}  // namespace sociometer
