#include "engine/roi/region_tests.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "tests/engine/roi/r_figures.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::RFigures;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

RegionTestOptions without_permutations() {
  RegionTestOptions o;
  o.permutations = 0;
  return o;
}

void expect_t_test(const RFigures& r, const std::string& test, const std::string& column,
                   const RegionTestResult& found) {
  SCOPED_TRACE(test + " " + column);
  EXPECT_TRUE(close_number(found.t, r(test, column, "t"), 1e-11, 1e-3));
  EXPECT_TRUE(close_number(found.dof, r(test, column, "dof"), 1e-11));
  EXPECT_TRUE(close_number(found.p, r(test, column, "p"), 1e-10));
  EXPECT_TRUE(close_number(found.estimate, r(test, column, "estimate"), 1e-11, 1e-3));
  for (const auto& [what, value] : {std::pair{"lower", found.lower}, {"upper", found.upper}}) {
    const double expected = r(test, column, what);
    if (std::isinf(expected))
      EXPECT_EQ(value, expected);
    else
      EXPECT_TRUE(close_number(value, expected, 1e-10, 1e-2)) << what;
  }
}

TEST(OneSample, HasTheFiguresOfR) {
  const RFigures r;
  const auto found = test_one_sample(r.cells(), without_permutations());
  RegionTestOptions wide = without_permutations();
  wide.cauchy_scale = 1;
  const auto with_wide_prior = test_one_sample(r.cells(), wide);
  for (size_t c = 0; c < 6; ++c) {
    const std::string& name = r.columns[c];
    expect_t_test(r, "one", name, found[c]);
    EXPECT_TRUE(close_number(found[c].p_holm, r("one", name, "p_holm"), 1e-10));
    EXPECT_TRUE(close_number(found[c].p_fdr, r("one", name, "p_fdr"), 1e-10));
    EXPECT_TRUE(close_number(found[c].log_bf10, r("one", name, "log_bf10"), 1e-5, 1));
    EXPECT_TRUE(
        close_number(with_wide_prior[c].log_bf10, r("one", name, "log_bf10_wide"), 1e-5, 1));
  }
}

TEST(OneSample, HasTheOneSidedFiguresOfR) {
  const RFigures r;
  RegionTestOptions o = without_permutations();
  o.null_value = 0.25;
  o.alternative = Alternative::less;
  const auto less = test_one_sample(r.cells(), o);
  o.alternative = Alternative::greater;
  o.level = 0.9;
  const auto greater = test_one_sample(r.cells(), o);
  for (size_t c = 0; c < 6; ++c) {
    expect_t_test(r, "less", r.columns[c], less[c]);
    expect_t_test(r, "greater", r.columns[c], greater[c]);
  }
}

TEST(OneSample, LeavesOutMissingValuesColumnByColumn) {
  const RFigures r;
  Eigen::MatrixXd y = r.cells();
  y(2, 0) = y(6, 0) = y(19, 3) = kNaN;
  const auto found = test_one_sample(y, without_permutations());
  for (size_t c = 0; c < 6; ++c) expect_t_test(r, "missing", r.columns[c], found[c]);
  EXPECT_EQ(found[0].n, 22);
}

TEST(OneSample, OfPairedDifferencesHasTheFiguresOfR) {
  const RFigures r;
  const Eigen::MatrixXd d = r.column("A_x") - r.column("A_y");
  const auto found = test_one_sample(d, without_permutations());
  expect_t_test(r, "paired", "A_x-A_y", found[0]);
  EXPECT_TRUE(close_number(found[0].log_bf10, r("paired", "A_x-A_y", "log_bf10"), 1e-5, 1));
}

TEST(TwoSamples, HasTheFiguresOfR) {
  const RFigures r;
  std::vector<uint8_t> second;
  for (const auto& row : r.data.rows)
    second.push_back(row[size_t(r.data.find("group"))] == "control");
  RegionTestOptions o = without_permutations();
  const auto welch = test_two_samples(r.cells(), second, o);
  o.equal_variances = true;
  const auto pooled = test_two_samples(r.cells(), second, o);
  for (size_t c = 0; c < 6; ++c) {
    expect_t_test(r, "welch", r.columns[c], welch[c]);
    expect_t_test(r, "pooled", r.columns[c], pooled[c]);
    for (const auto& found : {welch[c], pooled[c]})
      EXPECT_TRUE(close_number(found.log_bf10, r("pooled", r.columns[c], "log_bf10"), 1e-5, 1));
    EXPECT_EQ(welch[c].n, 11);
    EXPECT_EQ(welch[c].n_second, 13);
  }
}

TEST(Regression, HasTheFiguresOfR) {
  const RFigures r;
  Eigen::MatrixXd covariates(24, 2);
  covariates << r.column("anxiety"), r.column("depression");
  const auto found = test_regression(r.cells(), covariates, without_permutations());
  const char* terms[] = {"anxiety", "depression"};
  for (size_t k = 0; k < 2; ++k)
    for (size_t c = 0; c < 6; ++c) {
      expect_t_test(r, terms[k], r.columns[c], found[k][c]);
      EXPECT_TRUE(close_number(found[k][c].standard_error,
                               r(terms[k], r.columns[c], "standard_error"), 1e-10));
      EXPECT_TRUE(
          close_number(found[k][c].log_bf10, r(terms[k], r.columns[c], "log_bf10"), 1e-5, 1));
      const double t = found[k][c].t;
      EXPECT_TRUE(close_number(found[k][c].partial_r, t / std::sqrt(t * t + 21), 1e-12));
    }
}

/// Every sign pattern, by hand.
std::pair<double, double> exhaustive_flips(const Eigen::MatrixXd& y, Eigen::Index column) {
  const auto t = [](const Eigen::VectorXd& v) {
    return std::abs(v.mean()) / std::sqrt((v.array() - v.mean()).square().sum() /
                                          double(v.size() - 1) / double(v.size()));
  };
  const Eigen::Index n = y.rows(), patterns = Eigen::Index(1) << n;
  const double observed = t(y.col(column));
  double one = 0, largest = 0;
  for (Eigen::Index k = 0; k < patterns; ++k) {
    Eigen::MatrixXd flipped = y;
    for (Eigen::Index i = 0; i < n; ++i)
      if ((k >> i) & 1) flipped.row(i) *= -1;
    double max = 0;
    for (Eigen::Index c = 0; c < y.cols(); ++c) max = std::max(max, t(flipped.col(c)));
    one += t(flipped.col(column)) >= observed * (1 - 1e-9);
    largest += max >= observed * (1 - 1e-9);
  }
  return {one / double(patterns), largest / double(patterns)};
}

TEST(OneSample, PermutesAllSignsOfASmallGroupForAllColumnsAtOnce) {
  const RFigures r;
  const Eigen::MatrixXd y = r.cells(4).topRows(9);
  const auto found = test_one_sample(y, {});
  for (Eigen::Index c = 0; c < 4; ++c) {
    const auto [one, largest] = exhaustive_flips(y, c);
    EXPECT_TRUE(close_number(found[size_t(c)].p_permutation, one, 1e-12)) << c;
    EXPECT_TRUE(close_number(found[size_t(c)].p_fwe, largest, 1e-12)) << c;
  }
}

TEST(TwoSamples, PermutesAllGroupingsOfASmallGroup) {
  const RFigures r;
  const Eigen::MatrixXd y = r.cells(2).topRows(8);
  const std::vector<uint8_t> second{0, 0, 0, 0, 1, 1, 1, 1};
  RegionTestOptions o;
  o.equal_variances = true;
  const auto found = test_two_samples(y, second, o);
  for (Eigen::Index c = 0; c < 2; ++c) {
    // With equal sizes t increases with |difference of means|.
    const Eigen::VectorXd v = y.col(c);
    const double observed = std::abs(v.head(4).sum() - v.tail(4).sum());
    double count = 0, all = 0;
    for (int bits = 0; bits < 256; ++bits) {
      if (__builtin_popcount(unsigned(bits)) != 4) continue;
      double difference = 0;
      for (int i = 0; i < 8; ++i) difference += (bits >> i) & 1 ? -v[i] : v[i];
      count += std::abs(difference) >= observed - 1e-9;
      all += 1;
    }
    EXPECT_EQ(all, 70);
    EXPECT_TRUE(close_number(found[size_t(c)].p_permutation, count / all, 1e-12));
  }
}

/// On normal data permutation and parametric p are close, also with missing values.
TEST(Regression, PermutationAgreesWithTheModelOnNormalData) {
  const RFigures r;
  Eigen::MatrixXd covariates(24, 2), y = r.cells();
  covariates << r.column("anxiety"), r.column("depression");
  y(4, 1) = y(11, 1) = kNaN;
  const auto found = test_regression(y, covariates, {});
  for (const auto& term : found)
    for (const auto& test : term) {
      EXPECT_NEAR(test.p_permutation, test.p, 0.03);
      EXPECT_GE(test.p_fwe, test.p_permutation);
    }
  EXPECT_EQ(found[0][1].n, 22);
}

TEST(RegionTests, DoNotDependOnTheNumberOfThreads) {
  const RFigures r;
  RegionTestOptions o;
  o.permutations = 500;
  const auto one = test_one_sample(r.cells(), o, 1);
  for (int n_threads : {2, 7}) {
    const auto many = test_one_sample(r.cells(), o, n_threads);
    for (size_t c = 0; c < one.size(); ++c) EXPECT_EQ(one[c].p_fwe, many[c].p_fwe);
  }
}

TEST(RegionTests, AreMissingWhereNothingCanBeTested) {
  Eigen::MatrixXd y(5, 3);
  y << 2, 1, kNaN, 2, kNaN, kNaN, 2, kNaN, kNaN, 2, kNaN, kNaN, 2, kNaN, 1;
  const auto found = test_one_sample(y, {});
  for (const auto& test : found) {
    EXPECT_TRUE(std::isnan(test.t));
    EXPECT_TRUE(std::isnan(test.p));
    EXPECT_TRUE(std::isnan(test.p_fwe));
    EXPECT_TRUE(std::isnan(test.p_holm));
  }
  EXPECT_EQ(found[0].estimate, 2);
  EXPECT_EQ(found[1].n, 1);
  Eigen::MatrixXd constant_covariate = Eigen::MatrixXd::Ones(5, 1);
  EXPECT_TRUE(std::isnan(test_regression(y, constant_covariate, {})[0][0].t));
  RegionTestOptions shifted;
  shifted.null_value = 1;
  EXPECT_TRUE(testing::refuses(ErrorCode::usage, {"slopes", "1"},
                               [&] { test_regression(y, constant_covariate, shifted); }));
}

/// The numbers below /Matrix of an FSL design.
Eigen::MatrixXd fsl_matrix(const std::string& path) {
  std::istringstream text(read_text(path));
  std::string word;
  while (text >> word && word != "/Matrix") {
  }
  std::vector<double> numbers;
  for (double x; text >> x;) numbers.push_back(x);
  constexpr Eigen::Index kColumns = 8;
  return Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, kColumns, Eigen::RowMajor>>(
      numbers.data(), Eigen::Index(numbers.size()) / kColumns, kColumns);
}

double only_number(const std::string& path) { return std::stod(read_text(path)); }

/// Ventral striatum of 44 participants: PALM's t to its four digits, its p up to Monte Carlo error.
TEST(Regression, HasTheFiguresOfPalmOnRealRegionValues) {
  SOCIOMETER_NEEDS_DATA(folder, "palm_roi_istart");
  const Eigen::MatrixXd design = fsl_matrix(folder + "/design_contrast.mat");
  std::istringstream text(read_text(folder + "/data/test_data/act_model_3_VS.csv"));
  std::vector<double> numbers;
  for (double x; text >> x;) numbers.push_back(x);
  const Eigen::MatrixXd y =
      Eigen::Map<Eigen::VectorXd>(numbers.data(), Eigen::Index(numbers.size()));
  ASSERT_EQ(y.rows(), 44);
  RegionTestOptions o;
  o.alternative = Alternative::greater;
  const auto found = test_regression(y, design.rightCols(7), o);
  // Contrasts 3, 5, .. of design.con are columns 4 to 8; the even ones are their negatives.
  for (int k = 0; k < 5; ++k) {
    const std::string stem = folder + "/test_data/act_VS_model_3_output/act_VS_model_3_dat_tstat";
    const std::string end = "_c" + std::to_string(2 * k + 3) + ".csv";
    const RegionTestResult& test = found[size_t(k) + 2][0];
    EXPECT_NEAR(test.t, only_number(stem + end), 6e-5);
    // Both from 10,000 permutations: five standard errors of their difference.
    const double p = only_number(stem + "_uncp" + end);
    EXPECT_NEAR(test.p_permutation, p, 5 * std::sqrt(2 * p * (1 - p) / 10000));
  }
}

/// Family-wise error over 20 independent columns stays at its level under the null.
TEST(OneSample, HoldsTheFamilyWiseErrorUnderTheNull) {
  constexpr int kStudies = 400;
  RegionTestOptions o;
  o.permutations = 199;
  int rejected = 0;
  for (int study = 0; study < kStudies; ++study) {
    const CounterRandom random(77, uint64_t(study));
    Eigen::MatrixXd y(15, 20);
    for (Eigen::Index i = 0; i < y.size(); ++i) y.data()[i] = random.normal(uint64_t(i));
    const auto found = test_one_sample(y, o);
    rejected += std::any_of(found.begin(), found.end(),
                            [](const RegionTestResult& t) { return t.p_fwe <= 0.05; });
  }
  // Four standard errors of a rate of .05.
  EXPECT_NEAR(rejected / double(kStudies), 0.05, 4 * std::sqrt(0.05 * 0.95 / kStudies));
}

}  // namespace
}  // namespace sociometer
