#include "tests/support/matchers.hpp"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace sociometer::testing {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

/// `scale(i, j)` is the value relative to which the difference is measured.
template <typename Scale>
AssertionResult compare(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, double tolerance,
                        Scale scale) {
  if (a.rows() != b.rows() || a.cols() != b.cols())
    return AssertionFailure() << fmt::format("shape {}x{} differs from expected {}x{}", a.rows(),
                                             a.cols(), b.rows(), b.cols());
  double worst = -1;
  Eigen::Index wi = 0, wj = 0, n_bad = 0;
  for (Eigen::Index j = 0; j < a.cols(); ++j)
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
      if (std::isnan(a(i, j)) && std::isnan(b(i, j))) continue;
      double error = a(i, j) == b(i, j) ? 0 : std::abs(a(i, j) - b(i, j)) / scale(i, j);
      if (std::isnan(error)) error = INFINITY;
      n_bad += !(error <= tolerance);
      if (error > worst) worst = error, wi = i, wj = j;
    }
  const std::string what = fmt::format(
      "{}x{}: worst at ({}, {}): {:.17g}, expected {:.17g}, relative error {:.3g}, tolerance "
      "{:.3g}, {} beyond it",
      a.rows(), a.cols(), wi, wj, a.size() ? a(wi, wj) : 0.0, b.size() ? b(wi, wj) : 0.0, worst,
      tolerance, n_bad);
  return n_bad == 0 ? AssertionSuccess() << what : AssertionFailure() << what;
}

}  // namespace

AssertionResult close_by_column(const Eigen::MatrixXd& actual, const Eigen::MatrixXd& expected,
                                double tolerance) {
  Eigen::RowVectorXd size = expected.size()
                                ? Eigen::RowVectorXd(expected.cwiseAbs().colwise().maxCoeff())
                                : Eigen::RowVectorXd();
  return compare(actual, expected, tolerance,
                 [&](Eigen::Index, Eigen::Index j) { return std::max(size[j], 1e-300); });
}

AssertionResult close_relative(const Eigen::MatrixXd& actual, const Eigen::MatrixXd& expected,
                               double tolerance, double floor) {
  return compare(actual, expected, tolerance, [&](Eigen::Index i, Eigen::Index j) {
    return std::max({std::abs(expected(i, j)), floor, 1e-300});
  });
}

AssertionResult close_number(double actual, double expected, double tolerance, double floor) {
  return close_relative(Eigen::MatrixXd::Constant(1, 1, actual),
                        Eigen::MatrixXd::Constant(1, 1, expected), tolerance, floor);
}

AssertionResult same_bits(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return AssertionFailure() << "shapes differ";
  for (Eigen::Index i = 0; i < a.size(); ++i)
    if (std::memcmp(a.data() + i, b.data() + i, sizeof(double)) != 0)
      return AssertionFailure() << fmt::format("element {} differs: {:.17g} and {:.17g}", i,
                                               a.data()[i], b.data()[i]);
  return AssertionSuccess();
}

double correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  const Eigen::VectorXd x = a.array() - a.mean(), y = b.array() - b.mean();
  return x.dot(y) / (x.norm() * y.norm());
}

}  // namespace sociometer::testing
