#include "engine/mixed/smooth_minimum.hpp"

#include <cmath>
#include <memory>

#include <nlopt.h>

namespace sociometer {
namespace {

struct CountedFunction {
  const ParameterFunction& function;
  int n = 0;
};

double counted_value(unsigned n, const double* x, double*, void* data) {
  auto& counted = *static_cast<CountedFunction*>(data);
  ++counted.n;
  const double value = counted.function(Eigen::Map<const Eigen::VectorXd>(x, n));
  return std::isfinite(value) ? value : 1e300;
}

bool search_once(CountedFunction& counted, Eigen::VectorXd& x, const std::vector<double>& low,
                 double first_step, double& value) {
  const auto method = x.size() == 1 ? NLOPT_LN_SBPLX : NLOPT_LN_BOBYQA;
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimiser(
      nlopt_create(method, unsigned(x.size())), nlopt_destroy);
  nlopt_set_lower_bounds(optimiser.get(), low.data());
  nlopt_set_min_objective(optimiser.get(), counted_value, &counted);
  nlopt_set_initial_step1(optimiser.get(), first_step);
  nlopt_set_xtol_abs1(optimiser.get(), 1e-8);
  nlopt_set_ftol_abs(optimiser.get(), 1e-11);
  nlopt_set_maxeval(optimiser.get(), 20000);
  const nlopt_result result = nlopt_optimize(optimiser.get(), x.data(), &value);
  return result == NLOPT_SUCCESS || result == NLOPT_FTOL_REACHED || result == NLOPT_XTOL_REACHED ||
         result == NLOPT_ROUNDOFF_LIMITED;
}

}  // namespace

SmoothMinimum minimise_smooth(const ParameterFunction& function, const Eigen::VectorXd& start,
                              const std::vector<double>& low, double first_step) {
  SmoothMinimum out;
  out.at = start;
  CountedFunction counted{function};
  double before = 0;
  for (int search = 0; search < 6; ++search) {
    // BOBYQA stops when its trust region is small: a new one shows whether that was a minimum.
    out.stopped_well =
        search_once(counted, out.at, low, search == 0 ? first_step : 0.1 * first_step, out.value);
    if (search > 0 && before - out.value < 1e-9) break;
    before = out.value;
  }
  out.n_evaluations = counted.n;
  return out;
}

Eigen::VectorXd numerical_gradient(const ParameterFunction& function, const Eigen::VectorXd& at,
                                   const Eigen::VectorXd& steps) {
  Eigen::VectorXd out(at.size());
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    const auto f = [&](double by) {
      Eigen::VectorXd x = at;
      x[i] += by * steps[i];
      return function(x);
    };
    out[i] = (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * steps[i]);
  }
  return out;
}

Eigen::MatrixXd numerical_hessian(const ParameterFunction& function, const Eigen::VectorXd& at,
                                  const Eigen::VectorXd& steps) {
  Eigen::MatrixXd out(at.size(), at.size());
  const double here = function(at);
  for (Eigen::Index i = 0; i < at.size(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) {
      const auto f = [&](double by_i, double by_j) {
        Eigen::VectorXd x = at;
        x[i] += by_i * steps[i];
        x[j] += by_j * steps[j];
        return function(x);
      };
      if (i == j) {
        out(i, i) = (16 * (f(1, 0) + f(-1, 0)) - (f(2, 0) + f(-2, 0)) - 30 * here) /
                    (12 * steps[i] * steps[i]);
        continue;
      }
      const auto crossed = [&](double h) {
        return (f(h, h) - f(h, -h) - f(-h, h) + f(-h, -h)) / (4 * h * h * steps[i] * steps[j]);
      };
      out(i, j) = out(j, i) = (4 * crossed(1) - crossed(2)) / 3;
    }
  return out;
}

Eigen::MatrixXd positive_inverse(const Eigen::MatrixXd& matrix, double least) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(matrix);
  const Eigen::VectorXd inverse =
      eigen.eigenvalues().unaryExpr([&](double v) { return v > least ? 1 / v : 0.0; });
  return eigen.eigenvectors() * inverse.asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace sociometer
