// Tails of null distributions against PALM (tests/golden/palm/group) and SciPy 1.10.
#include "engine/group/tail_approximation.hpp"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/random.hpp"
#include "engine/stats/distributions.hpp"
#include "tests/engine/group/group_goldens.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// Numbers in the lines that do not start with "#"; bars between them are ignored.
std::vector<std::vector<double>> rows_of(const std::string& name) {
  std::istringstream text(read_bytes(golden("palm/group/" + name)));
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("#")) continue;
    std::replace(line.begin(), line.end(), '|', ' ');
    std::istringstream cells(line);
    rows.emplace_back();
    for (double x; cells >> x;) rows.back().push_back(x);
  }
  return rows;
}

std::vector<double> null_values(bool without_first = false) {
  std::vector<double> values;
  for (const auto& row : rows_of("inputs/gd.txt")) values.push_back(row.at(0));
  if (without_first) values.erase(values.begin());
  std::sort(values.begin(), values.end());
  return values;
}

double share_reached(const std::vector<double>& sorted, double x) {
  return double(sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), x)) /
         double(sorted.size());
}

TEST(ParetoTail, HasPalmsParametersAndP) {
  const auto rows = rows_of("tailfn/palm_pareto.tsv");
  ASSERT_EQ(rows.size(), 36u);
  for (const auto& row : rows) {
    const auto null = null_values(row[3] == 1);
    const double x = row[0];
    const NullTail tail(TailMethod::gpd, null, row[2]);
    ASSERT_TRUE(tail.pareto());
    EXPECT_TRUE(close_number(tail.p(x, share_reached(null, x)), row[4], 1e-11)) << x;
    EXPECT_TRUE(close_number(tail.pareto()->scale, row[5], 1e-11));
    EXPECT_TRUE(close_number(tail.pareto()->shape, row[6], 1e-11));
    EXPECT_TRUE(close_number(tail.pareto()->threshold, row[7], 1e-11));
  }
}

TEST(ParetoTail, NeedsNoMoreThanTheLargestQuarter) {
  const auto null = null_values();
  const auto all = fit_pareto_tail(null, null.size());
  const auto quarter = fit_pareto_tail(std::span(null).last(126), null.size());
  ASSERT_TRUE(all && quarter);
  EXPECT_EQ(all->scale, quarter->scale);
  EXPECT_EQ(all->threshold, quarter->threshold);
}

TEST(ParetoTail, IsScipysGenpareto) {
  struct Case {
    double c, scale, from, x, sf;
  };
  for (const Case& k : {Case{-.24, 1.02, 2.584, 2.684, 0.9055515836704783},
                        {-.24, 1.02, 2.584, 3.584, 0.3270093187412851},
                        {-.24, 1.02, 2.584, 4.484, 0.08468936650402428},
                        {.3, .7, 1, 2, 0.30455107259771197},
                        {.3, .7, 1, 2.9, 0.137292789858418},
                        {0, 2, 0, 1.9, 0.38674102345450123},
                        {-.5, 1, 0, 1.9, 0.0025},
                        {-.5, 1, 0, 2.1, 0}})
    EXPECT_TRUE(close_number(ParetoTail{k.from, k.scale, -k.c, 1, 10}.p(k.x), k.sf, 1e-12));
}

/// Values at the quantiles of a known tail give its shape and scale, and its p far out.
TEST(ParetoTail, FindsTheTailThatMadeTheValues) {
  for (const double shape : {0.2, 0.0, -0.2}) {
    const ParetoTail truth{0, 1.5, shape, 1, 0};
    std::vector<double> values;
    constexpr int kN = 20000;
    for (int i = kN; i-- > 0;) {
      const double p = (i + 0.5) / kN;
      values.push_back(shape == 0 ? -1.5 * std::log(p) : 1.5 / shape * (1 - std::pow(p, shape)));
    }
    const auto fit = fit_pareto_tail(values, values.size());
    ASSERT_TRUE(fit) << shape;
    EXPECT_EQ(fit->n_above, 20000 - 15019);
    EXPECT_NEAR(fit->shape, shape, 0.02);
    // A tail of a tail has scale - shape * threshold.
    EXPECT_TRUE(close_number(fit->scale, 1.5 - shape * fit->threshold, 0.03));
    const double x = shape > 0 ? 4.5 : 9;
    EXPECT_TRUE(close_number(std::log(fit->p(x)), std::log(truth.p(x)), 0.03));
  }
}

TEST(ParetoTail, IsNotFittedToTiesOrFewValues) {
  std::vector<double> values(400, 0.0);
  for (size_t i = 0; i < values.size(); ++i) values[i] = double(i / 40);
  EXPECT_FALSE(fit_pareto_tail(values, values.size()));
  EXPECT_FALSE(fit_pareto_tail(std::vector<double>{1, 2, 3, 4, 7}, 5));
  const NullTail none(TailMethod::gpd, values, 0.1);
  EXPECT_EQ(none.p(9, 0.05), 0.05);
}

TEST(ParetoTail, LeavesLargePAndValuesBelowItsThreshold) {
  const auto null = null_values();
  const NullTail tail(TailMethod::gpd, null, 0.1);
  EXPECT_EQ(tail.p(1.5, 0.654), 0.654);
  EXPECT_EQ(tail.p(2.5, 0.05), 0.05);
  EXPECT_NE(tail.p(4, 0.05), 0.05);
}

RC_GTEST_PROP(ParetoTail, FallsAndFollowsScale, ()) {
  const CounterRandom random(uint64_t(*rc::gen::inRange(0, 1000)), 5);
  std::vector<double> values(300), scaled;
  for (size_t i = 0; i < values.size(); ++i) values[i] = -std::log(random.uniform(i));
  std::sort(values.begin(), values.end());
  for (const double x : values) scaled.push_back(3 * x - 7);
  const auto fit = fit_pareto_tail(values, 300), other = fit_pareto_tail(scaled, 300);
  RC_ASSERT(fit.has_value() == other.has_value());
  if (!fit) return;
  double last = 1;
  // The largest value, being among those fitted, has a p above 0.
  for (double x = fit->threshold; x <= values.back(); x += 0.25) {
    RC_ASSERT(fit->p(x) <= last && fit->p(x) > 0);
    last = fit->p(x);
    RC_ASSERT(std::abs(other->p(3 * x - 7) - fit->p(x)) < 1e-9);
  }
}

TEST(PearsonThree, HasPalmsMomentsAndP) {
  const auto fit = fit_pearson_three(null_values());
  ASSERT_TRUE(fit);
  EXPECT_TRUE(close_number(fit->mean, 2.009871074458, 1e-12));
  EXPECT_TRUE(close_number(fit->sd * fit->sd, 0.989510531474409, 1e-12));
  EXPECT_TRUE(close_number(fit->skewness, 0.80306622954619, 1e-11));
  const auto rows = rows_of("tailfn/palm_gamma.tsv");
  ASSERT_EQ(rows.size(), 9u);
  for (const auto& row : rows) EXPECT_TRUE(close_number(fit->p(row[0]), row[1], 1e-10)) << row[0];
}

TEST(PearsonThree, IsScipysPearson3) {
  struct Case {
    double skewness, z, sf;
  };
  for (const Case& k : {Case{.8, -1.5, 0.9675817915213518},
                        {.8, 3.9, 0.0018328583430236023},
                        {-.5, -1.5, 0.9231083999496388},
                        {-.5, 2, 0.008231010986844867},
                        {-.5, 4.1, 0},
                        {.01, 2, 0.023019409367184607},
                        {.01, 3.9, 5.296347374306176e-05},
                        {3, -1.5, 1},
                        {3, 2, 0.050137480840698245},
                        {0, 3.9, 4.8096344017589665e-05}})
    EXPECT_TRUE(close_number(p_from_pearson3(2 * k.z + 1, 1, 2, k.skewness), k.sf, 1e-11))
        << k.skewness << " " << k.z;
}

TEST(PearsonThree, IsNotFittedToOneValueAndSumsGiveTheSame) {
  EXPECT_FALSE(fit_pearson_three(std::vector<double>(10, 2.5)));
  const auto values = null_values();
  double sum = 0, squares = 0, cubes = 0;
  for (const double x : values) {
    sum += x;
    squares += x * x;
    cubes += x * x * x;
  }
  const auto a = fit_pearson_three(values),
             b = fit_pearson_three(0, double(values.size()), sum, squares, cubes);
  EXPECT_TRUE(close_number(b->sd, a->sd, 1e-12));
  EXPECT_TRUE(close_number(b->skewness, a->skewness, 1e-10));
}

}  // namespace
}  // namespace sociometer::testing
