#include "engine/group/welch.hpp"

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/stats/distributions.hpp"
#include "tests/engine/group/group_goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

WelchModel model_of(const std::vector<int>& sizes, const std::string& contrast) {
  std::vector<int> groups;
  for (size_t g = 0; g < sizes.size(); ++g)
    for (int i = 0; i < sizes[g]; ++i) groups.push_back(int(g));
  Eigen::MatrixXd design =
      Eigen::MatrixXd::Zero(Eigen::Index(groups.size()), Eigen::Index(sizes.size()));
  for (size_t i = 0; i < groups.size(); ++i) design(Eigen::Index(i), groups[i]) = 1;
  return WelchModel(design, contrast_of(contrast, design_of(design)), groups);
}

/// Welch's t of two groups, from their means and variances.
TEST(Welch, IsWelchsTestOfTwoGroups) {
  const WelchModel model = model_of({5, 8}, "[1, -1]");
  auto work = model.workspace();
  const double m1 = 1.3, m2 = 0.4, v1 = 2, v2 = 0.5;
  const Eigen::VectorXd means =
      (Eigen::VectorXd(13) << Eigen::VectorXd::Constant(5, m1), Eigen::VectorXd::Constant(8, m2))
          .finished();
  const Eigen::VectorXd coordinates = model.basis().transpose() * means;
  const auto found =
      model(std::span(coordinates.data(), 2), std::vector<double>{v1 * 4, v2 * 7}, work);
  const double a = v1 / 5, b = v2 / 8;
  EXPECT_TRUE(close_number(found.statistic, (m1 - m2) / std::sqrt(a + b), 1e-12));
  EXPECT_TRUE(close_number(found.dof, (a + b) * (a + b) / (a * a / 4 + b * b / 7), 1e-12));
}

TEST(Welch, OfOneGroupIsTheT) {
  const WelchModel model = model_of({9}, "[1]");
  auto work = model.workspace();
  const double mean = 0.7, variance = 1.9;
  const std::vector<double> coordinates{model.basis().sum() * mean};
  const auto found = model(coordinates, std::vector<double>{variance * 8}, work);
  EXPECT_TRUE(close_number(found.statistic, mean / std::sqrt(variance / 9), 1e-12));
  EXPECT_EQ(found.dof, 8);
}

TEST(Welch, DegreesOfFreedomStayWithinTheirLimits) {
  for (const auto& model : {model_of({5, 8}, "[1, -1]"), model_of({4, 6, 9}, "[1, 0, -1]"),
                            model_of({4, 6, 9}, "[1, -1, 0]; [0, 1, -1]")}) {
    auto work = model.workspace();
    const CounterRandom random(1, 2);
    for (uint64_t k = 0; k < 2000; ++k) {
      std::vector<double> coordinates, squares;
      for (uint64_t c = 0; c < 3; ++c) {
        coordinates.push_back(random.normal(10 * k + c));
        squares.push_back(std::exp(3 * random.normal(10 * k + 5 + c)));
      }
      coordinates.resize(size_t(model.rank()));
      squares.resize(size_t(model.n_groups()));
      const double dof = model(coordinates, squares, work).dof;
      EXPECT_GE(dof, model.least_dof() * (1 - 1e-9));
      EXPECT_LE(dof, model.most_dof() * (1 + 1e-9));
    }
  }
}

TEST(Welch, InterpolatedZIsTheExactOne) {
  for (const auto& model :
       {model_of({5, 5}, "[1, -1]"), model_of({8, 30}, "[1, -1]"),
        model_of({12, 12, 20}, "[1, -1, 0]; [0, 1, -1]"), model_of({3, 3}, "[1, -1]")}) {
    const WelchTails tails(model);
    double worst = 0;
    for (double at = 0; at <= 1; at += 0.0371) {
      const double dof =
          1 / (1 / model.least_dof() + at * (1 / model.most_dof() - 1 / model.least_dof()));
      for (double x = model.is_t() ? -40 : 0.01; x < 40; x += 0.173) {
        const double exact =
            model.is_t() ? z_from_t(x, dof) : z_from_f(x, double(model.n_rows()), dof);
        worst = std::max(worst, std::abs(tails.z(x, dof) - exact) / std::max(1.0, std::abs(exact)));
      }
    }
    EXPECT_LT(worst, 1e-7);
  }
}

}  // namespace
}  // namespace sociometer::testing
