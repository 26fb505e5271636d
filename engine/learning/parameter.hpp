#pragma once
#include <cmath>
#include <string>

#include "engine/learning/dual.hpp"

namespace sociometer {

/// How a parameter's range is mapped to the real line, on which the optimiser works.
enum class Transform {
  identity,  ///< (-inf, inf): u = x
  log,       ///< (0, inf): u = log x
  logit      ///< (0, 1): u = log x - log(1 - x)
};

/// Families of prior densities. `normal_transformed` is a normal density of the transformed value
/// u, as for empirical-Bayes group priors; the others are densities of the parameter itself.
enum class PriorFamily { normal, gamma, beta, normal_transformed };

struct Prior {
  PriorFamily family = PriorFamily::normal;
  double first = 0;   ///< mean; gamma: shape; beta: a
  double second = 1;  ///< standard deviation; gamma: scale; beta: b
};

/// A free parameter of a learner.
struct Parameter {
  std::string name;
  Transform transform = Transform::identity;
  Prior prior;
  std::string meaning;  ///< short description, with its unit
};

/// A gamma prior requires a parameter above 0, a beta prior one between 0 and 1; both need a mode,
/// i.e. shapes of at least 1.
/// @throws Error{bad_input} naming the parameter if its prior is invalid.
void check_prior(const Parameter& parameter);
std::string to_string(Transform transform);
/// "gamma(1.2, 5)", as in sidecars.
std::string to_string(const Prior& prior);

double transformed(Transform transform, double x);

/// Parameter from its transformed value.
template <class T>
T parameter_of(Transform transform, const T& u) {
  using std::exp;
  if (transform == Transform::log) return exp(u);
  if (transform == Transform::logit) return logistic(u);
  return u;
}

/// log |dx/du| as a function of u: converts a density of x into one of u.
template <class T>
T log_jacobian(Transform transform, const T& u) {
  if (transform == Transform::log) return u;
  if (transform == Transform::logit) return log_logistic(u) + log_logistic(-1.0 * u);
  return T(0.0);
}

/// log density of the prior, up to log_prior_constant.
/// @param x  the parameter; u its transformed value.
/// @return for normal_transformed the density of u, else of x.
template <class T>
T log_prior_kernel(const Parameter& p, const T& x, const T& u) {
  using std::log;
  using std::log1p;
  const Prior& prior = p.prior;
  switch (prior.family) {
    case PriorFamily::gamma:
      return (prior.first - 1) * log(x) - x / prior.second;
    case PriorFamily::beta:
      return (prior.first - 1) * log_logistic(u) + (prior.second - 1) * log_logistic(-1.0 * u);
    case PriorFamily::normal: {
      const T z = (x - prior.first) / prior.second;
      return -0.5 * z * z;
    }
    case PriorFamily::normal_transformed: {
      const T z = (u - prior.first) / prior.second;
      return -0.5 * z * z;
    }
  }
  return T(0.0);
}
double log_prior_constant(const Prior& prior);

/// The p-quantile of the prior, as a transformed parameter.
double transformed_prior_quantile(const Parameter& parameter, double p);

}  // namespace sociometer
