#include "engine/group/evidence_maps.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "engine/stats/effect_sizes.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using testing::close_number;

GroupContrast contrast_of(const GroupDesign& design, const std::string& text) {
  ContrastSpec spec;
  spec.name = "c";
  spec.rows = {text};
  return resolve_group_contrast(spec, design);
}

/// 16 participants, one of them missing in 100 voxels; voxels repeated three
/// times so that tables are used.
struct Fitted {
  testing::GroupGolden group;
  GroupDesign design;
  GroupContrast contrast;
  Eigen::MatrixXd values;
  std::vector<PresencePattern> patterns;
  GroupMaps maps;
  Eigen::VectorXd unit;
  explicit Fitted(GroupDesign d, const std::string& text)
      : design(std::move(d)), contrast(contrast_of(design, text)) {
    values = group.effects.replicate(1, 3);
    values.block(5, 0, 1, 100).setConstant(NAN);
    patterns = presence_patterns(values, 3);
    maps = fit_ols(values, patterns, design, contrast, 2);
    unit = unit_variances(patterns, design, contrast, values.cols());
  }
};

TEST(EvidenceMaps, OneSampleEqualsTheStatisticsOfItsValues) {
  const Fitted fit(one_sample_design(16), "intercept");
  const EffectSizeMaps sizes = effect_size_maps(fit.maps, fit.unit, 0.95, 2);
  const Eigen::VectorXd bf = log_bayes_factor_map(fit.maps, fit.unit, kMediumCauchyScale, 2);
  for (Index v = 0; v < fit.values.cols(); v += 37) {
    std::vector<double> y;
    for (const double x : fit.values.col(v))
      if (std::isfinite(x)) y.push_back(x);
    const EffectSize one = one_sample_effect_size(y);
    EXPECT_TRUE(close_number(sizes.d[v], one.d, 1e-10));
    EXPECT_TRUE(close_number(sizes.g[v], one.g, 1e-10));
    EXPECT_TRUE(close_number(sizes.d_lower[v], one.d_lower, 1e-7, 1));
    EXPECT_TRUE(close_number(sizes.d_upper[v], one.d_upper, 1e-7, 1));
    EXPECT_TRUE(close_number(sizes.g_upper[v], one.g_upper, 1e-7, 1));
    EXPECT_TRUE(close_number(
        bf[v], log_bayes_factor_one_sample(fit.maps.statistic[v], double(y.size())), 1e-9, 1));
  }
}

/// A covariate's unit does not matter, and the factor is that of the regression on it.
TEST(EvidenceMaps, SlopesHaveTheBayesFactorOfTheirRegression) {
  GroupDesign design;
  design.names = {"one", "age"};
  design.values = testing::fsl_matrix(testing::golden("fsl/group/age16.mat"));
  GroupDesign months = design;
  months.values.col(1) *= 12;
  const Fitted years(design, "age"), of_months(months, "age");
  EXPECT_FALSE(is_of_means(design, years.contrast));
  EXPECT_TRUE(is_of_means(design, contrast_of(design, "one")));
  const double scale = std::numbers::sqrt2 / 4;
  const auto factor = [&](const Fitted& f) {
    return log_bayes_factor_map(
        f.maps, bayes_units(f.patterns, f.design, f.contrast, f.values.cols()), scale, 1);
  };
  const Eigen::VectorXd a = factor(years), b = factor(of_months);
  for (Index v = 0; v < a.size(); v += 37) {
    EXPECT_TRUE(close_number(a[v], b[v], 1e-9, 1));
    const double t = years.maps.statistic[v], dof = years.maps.dof[v];
    EXPECT_TRUE(close_number(
        a[v], log_bayes_factor_regression(t * t / (t * t + dof), dof + 2, 1, scale), 1e-7, 1));
  }
}

TEST(EvidenceMaps, TwoSamplesEqualTheStatisticsOfTheirValues) {
  GroupDesign design;
  design.names = {"a", "b"};
  design.values = testing::fsl_matrix(testing::golden("fsl/group/two16.mat"));
  const Fitted fit(design, "a - b");
  const EffectSizeMaps sizes = effect_size_maps(fit.maps, fit.unit, 0.9, 1);
  for (Index v = 200; v < fit.values.cols(); v += 371) {
    const Eigen::VectorXd y = fit.values.col(v);
    const EffectSize two =
        two_sample_effect_size(std::span(y.data(), 8), std::span(y.data() + 8, 8), 0.9);
    EXPECT_TRUE(close_number(sizes.d[v], two.d, 1e-10));
    EXPECT_TRUE(close_number(sizes.d_lower[v], two.d_lower, 1e-7, 1));
    EXPECT_TRUE(close_number(1 / fit.unit[v], 4, 1e-12));
  }
}

TEST(SharedStatistic, IsTheSmallerWhereSignsAgree) {
  Eigen::VectorXd a(6), b(6);
  a << 3, -2, 4, -5, std::nan(""), 0;
  b << 2, -6, -4, -1, 3, 2;
  const Eigen::VectorXd both = shared_statistic(a, b);
  EXPECT_EQ(both[0], 2);
  EXPECT_EQ(both[1], -2);
  EXPECT_EQ(both[3], -1);
  for (const int v : {2, 4, 5}) EXPECT_TRUE(std::isnan(both[v])) << v;
  EXPECT_THROW(shared_statistic(a, b.head(3)), std::logic_error);
}

TEST(EvidenceMaps, ConjunctionIsTheLeastZAndTheLargestP) {
  GroupMaps a, b;
  a.z = Eigen::Vector4d(3, 1, NAN, 2);
  a.p = Eigen::Vector4d(0.001, 0.2, NAN, 0.02);
  b.z = Eigen::Vector4d(2, 4, 5, NAN);
  b.p = Eigen::Vector4d(0.02, 1e-5, 1e-7, NAN);
  const Conjunction both = conjunction({&a, &b});
  EXPECT_EQ(both.z[0], 2);
  EXPECT_EQ(both.p[0], 0.02);
  EXPECT_EQ(both.z[1], 1);
  EXPECT_EQ(both.p[1], 0.2);
  EXPECT_TRUE(std::isnan(both.z[2]) && std::isnan(both.p[3]));
}

}  // namespace
}  // namespace sociometer
