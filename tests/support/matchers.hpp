#pragma once
#include <string>

#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace sociometer::testing {

/// Largest |a - b| within `tolerance` times the largest |b| of the same column. Prints shape, worst
/// element and both values. NaN equals NaN.
::testing::AssertionResult close_by_column(const Eigen::MatrixXd& actual,
                                           const Eigen::MatrixXd& expected, double tolerance);

/// |a - b| <= tolerance * max(|b|, floor), element by element.
::testing::AssertionResult close_relative(const Eigen::MatrixXd& actual,
                                          const Eigen::MatrixXd& expected, double tolerance,
                                          double floor = 0);

/// A single number, by the same rule.
::testing::AssertionResult close_number(double actual, double expected, double tolerance,
                                        double floor = 0);

/// Bitwise equality.
::testing::AssertionResult same_bits(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b);

double correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b);

}  // namespace sociometer::testing
