#include "engine/mixed/wald_tests.hpp"

#include <cmath>
#include <limits>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>

#include "engine/core/missing.hpp"
#include "engine/mixed/scaled_effects.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr double kInfiniteDof = std::numeric_limits<double>::infinity();

/// Satterthwaite's degrees of freedom of l'b.
double satterthwaite_dof(const Eigen::VectorXd& l, const Eigen::MatrixXd& covariance,
                         const VarianceUncertainty& u) {
  Eigen::VectorXd gradient(Eigen::Index(u.derivatives.size()));
  for (size_t i = 0; i < u.derivatives.size(); ++i)
    gradient[Eigen::Index(i)] = l.dot(u.derivatives[i] * l);
  const double variance = l.dot(covariance * l);
  return 2 * variance * variance / gradient.dot(u.covariance * gradient);
}

/// Denominator of an F of several t with different degrees of freedom.
double combined_dof(const Eigen::VectorXd& dof) {
  if (dof.size() == 1) return dof[0];
  if ((dof.array() - dof.mean()).abs().maxCoeff() < 1e-8 * dof.mean()) return dof.mean();
  if (!(dof.minCoeff() > 2)) return 2;
  const double expected = (dof.array() / (dof.array() - 2)).sum();
  return 2 * expected / (expected - double(dof.size()));
}

/// The columns of a term in directions that are uncorrelated: F is the mean of their squared t.
TermTest term_test(const FixedTerm& term, const MixedFit& fit, const VarianceUncertainty* u) {
  const Eigen::MatrixXd own = fit.covariance.block(term.first, term.first, term.n, term.n);
  if (!own.allFinite()) return {term.name, kNaN, double(term.n), kInfiniteDof, kNaN};
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(own);
  TermTest out{term.name, 0, double(term.n), kInfiniteDof, 0};
  Eigen::VectorXd dof(term.n);
  for (Eigen::Index k = 0; k < term.n; ++k) {
    Eigen::VectorXd l = Eigen::VectorXd::Zero(fit.effects.size());
    l.segment(term.first, term.n) = eigen.eigenvectors().col(k);
    const double estimate = l.dot(fit.effects);
    out.f += estimate * estimate / eigen.eigenvalues()[k] / double(term.n);
    if (u) dof[k] = satterthwaite_dof(l, fit.covariance, *u);
  }
  if (u) {
    out.dof2 = combined_dof(dof);
    out.p = p_from_f(out.f, out.dof1, out.dof2);
  } else if (std::isfinite(out.f)) {
    const boost::math::chi_squared distribution(double(term.n));
    out.p = cdf(complement(distribution, out.f * double(term.n)));
  } else {
    out.p = kNaN;
  }
  return out;
}

void set_statistics(MixedFit& fit) {
  fit.standard_error = fit.covariance.diagonal().cwiseSqrt();
  fit.statistic = fit.effects.cwiseQuotient(fit.standard_error);
  for (Eigen::Index i = 0; i < fit.effects.size(); ++i)
    if (!std::isfinite(fit.standard_error[i])) fit.statistic[i] = kNaN;
}

void set_term_tests(const MixedDesign& d, const VarianceUncertainty* u, MixedFit& fit) {
  for (const auto& term : d.terms)
    if (!(d.formula.intercept && term.first == 0)) fit.tests.push_back(term_test(term, fit, u));
}

}  // namespace

void set_t_tests(const MixedDesign& d, const VarianceUncertainty& u, MixedFit& fit) {
  set_statistics(fit);
  fit.dof.resize(fit.effects.size());
  fit.p.resize(fit.effects.size());
  for (Eigen::Index i = 0; i < fit.effects.size(); ++i) {
    fit.dof[i] = satterthwaite_dof(Eigen::VectorXd::Unit(fit.effects.size(), i), fit.covariance, u);
    fit.p[i] = std::isnan(fit.dof[i]) ? kNaN : 2 * p_from_t(std::abs(fit.statistic[i]), fit.dof[i]);
  }
  set_term_tests(d, &u, fit);
}

void set_z_tests(const MixedDesign& d, MixedFit& fit) {
  set_statistics(fit);
  fit.dof = Eigen::VectorXd::Constant(fit.effects.size(), kInfiniteDof);
  fit.p =
      fit.statistic.unaryExpr([](double z) { return 2 * std::exp(log_sf_normal(std::abs(z))); });
  set_term_tests(d, nullptr, fit);
}

double MixedFit::bic(Eigen::Index n) const {
  return -2 * log_likelihood + double(n_parameters) * std::log(double(n));
}

MixedFit fit_mixed(const MixedDesign& design, MixedCriterion criterion) {
  return design.family == MixedFamily::linear ? fit_linear_mixed(design, criterion)
                                              : fit_logistic_mixed(design);
}

EffectInterval effect_interval(const MixedFit& fit, Eigen::Index i, double level) {
  const double tail = (1 - level) / 2;
  if (!std::isfinite(fit.standard_error[i]) || std::isnan(fit.dof[i])) return {kNaN, kNaN};
  double width = 0;
  if (std::isfinite(fit.dof[i]))
    width = quantile(complement(boost::math::students_t(fit.dof[i]), tail));
  else
    width = quantile(complement(boost::math::normal(), tail));
  width *= fit.standard_error[i];
  return {fit.effects[i] - width, fit.effects[i] + width};
}

std::vector<std::string> singular_words(const MixedDesign& d, const MixedFit& fit) {
  std::vector<std::string> out;
  if (!fit.singular) return out;
  const ScaledEffects scaled(d);
  for (size_t k = 0; k < d.random.size(); ++k) {
    const size_t f = scaled.place[k];
    const RandomFactor& factor = d.random[f];
    const Eigen::MatrixXd back = scaled.to_design[k].inverse();
    const Eigen::MatrixXd s = back * fit.random[f].covariance * back.transpose();
    const double unit = d.family == MixedFamily::linear ? fit.residual_sd : 1;
    const auto sd = [&](Eigen::Index c) { return std::sqrt(std::max(0.0, s(c, c))); };
    for (Eigen::Index c = 0; c < s.cols(); ++c)
      if (sd(c) < kLeastRelative * unit)
        out.push_back(fmt::format("the variance of {} over {} is estimated as 0",
                                  factor.columns[size_t(c)], factor.name));
    for (Eigen::Index c = 0; c < s.cols(); ++c)
      for (Eigen::Index b = 0; b < c; ++b) {
        if (sd(c) < kLeastRelative * unit || sd(b) < kLeastRelative * unit) continue;
        const double r = s(c, b) / std::sqrt(s(c, c) * s(b, b));
        if (std::abs(r) > 0.9999)
          out.push_back(fmt::format("the correlation of {} and {} over {} is estimated as {}1",
                                    factor.columns[size_t(b)], factor.columns[size_t(c)],
                                    factor.name, r < 0 ? "-" : "+"));
      }
  }
  if (out.empty())
    out.push_back(
        "a combination of the random effects has no variance: there are more of them "
        "than the data can identify");
  return out;
}

}  // namespace sociometer
