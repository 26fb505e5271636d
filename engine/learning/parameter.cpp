#include "engine/learning/parameter.hpp"

#include <algorithm>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;

bool fits(PriorFamily family, Transform transform) {
  if (family == PriorFamily::gamma) return transform == Transform::log;
  if (family == PriorFamily::beta) return transform == Transform::logit;
  if (family == PriorFamily::normal) return transform == Transform::identity;
  return true;
}

}  // namespace

std::string to_string(Transform transform) {
  if (transform == Transform::log) return "log";
  if (transform == Transform::logit) return "logit";
  return "identity";
}

std::string to_string(const Prior& prior) {
  const char* family = prior.family == PriorFamily::gamma    ? "gamma"
                       : prior.family == PriorFamily::beta   ? "beta"
                       : prior.family == PriorFamily::normal ? "normal"
                                                             : "normal_transformed";
  return fmt::format("{}({}, {})", family, prior.first, prior.second);
}

void check_prior(const Parameter& p) {
  const Prior& prior = p.prior;
  if (!fits(prior.family, p.transform))
    fail(ErrorCode::bad_input,
         "prior {} of parameter '{}' has another range than the parameter; use {} or "
         "normal_transformed",
         to_string(prior), p.name,
         p.transform == Transform::log     ? "gamma"
         : p.transform == Transform::logit ? "beta"
                                           : "normal");
  const bool shapes = prior.family == PriorFamily::beta;
  const bool shape = shapes || prior.family == PriorFamily::gamma;
  if (!std::isfinite(prior.first) || !std::isfinite(prior.second) || !(prior.second > 0) ||
      (shape && prior.first < 1) || (shapes && prior.second < 1))
    fail(
        ErrorCode::bad_input,
        "prior {} of parameter '{}' cannot be used: shapes must be at least 1, scales and standard "
        "deviations above 0",
        to_string(prior), p.name);
}

double transformed(Transform transform, double x) {
  if (transform == Transform::log) return std::log(x);
  if (transform == Transform::logit) return std::log(x) - std::log1p(-x);
  return x;
}

double log_prior_constant(const Prior& prior) {
  const double a = prior.first, b = prior.second;
  if (prior.family == PriorFamily::gamma) return -boost::math::lgamma(a) - a * std::log(b);
  if (prior.family == PriorFamily::beta)
    return boost::math::lgamma(a + b) - boost::math::lgamma(a) - boost::math::lgamma(b);
  return -kLogSqrtTwoPi - std::log(b);
}

double transformed_prior_quantile(const Parameter& parameter, double p) {
  const Prior& prior = parameter.prior;
  switch (prior.family) {
    case PriorFamily::gamma:
      return std::log(std::max(
          quantile(boost::math::gamma_distribution<double>(prior.first, prior.second), p), 1e-300));
    case PriorFamily::beta: {
      // From the nearer end, so that values close to 1 keep their digits.
      const boost::math::beta_distribution<double> beta(prior.first, prior.second);
      const double x = quantile(beta, p),
                   rest = quantile(complement(
                       boost::math::beta_distribution<double>(prior.second, prior.first), p));
      return std::log(std::max(x, 1e-300)) - std::log(std::max(rest, 1e-300));
    }
    case PriorFamily::normal:
    case PriorFamily::normal_transformed:
      return prior.first +
             prior.second * quantile(boost::math::normal_distribution<double>(0, 1), p);
  }
  return std::nan("");
}

}  // namespace sociometer
