// False positives of mixed models where participants differ and there is no effect on average.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "engine/mixed/mixed_fit.hpp"

namespace sociometer::testing {
namespace mixed_null {

/// Trials whose slope on x differs between participants, with mean 0.
MixedTable null_table(uint64_t study, int people, int trials, bool binary) {
  std::vector<std::string> participant;
  std::vector<double> x, y;
  for (int i = 0; i < people; ++i) {
    const CounterRandom random(study, uint64_t(i));
    const double level = 0.5 * random.normal(100000), slope = 0.5 * random.normal(100001);
    for (int t = 0; t < trials; ++t) {
      participant.push_back(std::to_string(i));
      x.push_back(random.normal(uint64_t(2 * t)));
      const double eta = level + slope * x.back();
      const double u = random.uniform(uint64_t(50000 + t));
      y.push_back(binary ? (u < 1 / (1 + std::exp(-eta)) ? 1 : 0)
                         : eta + random.normal(uint64_t(2 * t + 1)));
    }
  }
  MixedTable out;
  out.add(column_of_words("p", participant));
  out.add(column_of_numbers("x", x));
  out.add(column_of_numbers("y", y));
  return out;
}

/// Share of studies with p < .05 for the slope.
double false_positives(const char* formula, int n_studies, int people, int trials, bool binary) {
  std::vector<int> positive(size_t(n_studies), 0);
  parallel_for(n_studies, available_threads(), [&](Eigen::Index s) {
    const MixedTable table = null_table(1 + uint64_t(s), people, trials, binary);
    MixedCoding coding;
    if (binary) coding.family = MixedFamily::logistic;
    const MixedFit fit = fit_mixed(make_mixed_design(parse_mixed_formula(formula), table, coding),
                                   MixedCriterion::reml);
    positive[size_t(s)] = fit.p[1] < 0.05;
  });
  double sum = 0;
  for (int p : positive) sum += p;
  return sum / n_studies;
}

TEST(MixedNulls, LinearWithRandomSlopes) {
  const double share = false_positives("y ~ x + (1 + x | p)", 1000, 12, 20, false);
  EXPECT_GT(share, 0.03);
  EXPECT_LT(share, 0.07);
}

TEST(MixedNulls, AreTooLiberalWithoutRandomSlopes) {
  EXPECT_GT(false_positives("y ~ x + (1 | p)", 200, 12, 20, false), 0.15);
}

TEST(MixedNulls, LogisticWithRandomSlopes) {
  const double share = false_positives("y ~ x + (1 + x | p)", 200, 24, 24, true);
  EXPECT_GT(share, 0.02);
  EXPECT_LT(share, 0.10);
}

}  // namespace mixed_null
}  // namespace sociometer::testing
