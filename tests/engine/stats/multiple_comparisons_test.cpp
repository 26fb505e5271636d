#include "engine/stats/multiple_comparisons.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/missing.hpp"
#include "engine/stats/distributions.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

TEST(MultipleComparisons, EqualRsPAdjust) {
  const Eigen::MatrixXd table = testing::tsv_values(testing::golden("r/stats/adjusted_p.tsv"));
  ASSERT_EQ(table.cols(), 5);
  const std::vector<double> p(table.col(0).begin(), table.col(0).end());
  const Adjustment kinds[] = {Adjustment::bonferroni, Adjustment::holm,
                              Adjustment::benjamini_hochberg, Adjustment::benjamini_yekutieli};
  for (int k = 0; k < 4; ++k) {
    const std::vector<double> adjusted = adjusted_p(p, kinds[k]);
    EXPECT_TRUE(testing::close_relative(Eigen::Map<const Eigen::VectorXd>(adjusted.data(), 12),
                                        table.col(k + 1), 1e-14))
        << "method " << k;
  }
  EXPECT_EQ(adjusted_p(p, Adjustment::none), p);
}

TEST(MultipleComparisons, BenjaminiHochbergEqualsSpmAndNilearn) {
  const Eigen::MatrixXd in = testing::number_table(testing::golden("spm/group/fdr_in.tsv")),
                        out = testing::number_table(
                            testing::golden("spm/group/fdr_out_spm_P_FDR.tsv"));
  const std::vector<double> q =
      adjusted_p(std::span(in.data(), size_t(in.size())), Adjustment::benjamini_hochberg);
  for (size_t i = 0; i < q.size(); ++i)
    EXPECT_TRUE(testing::close_number(q[i], out.data()[i], 1e-10)) << i;
  // nilearn's fdr_threshold: the smallest z that is rejected, minus 1e-12.
  const Mask mask = read_mask(testing::golden("nilearn/data/mask.nii.gz"));
  const Eigen::VectorXd z =
      testing::masked(testing::golden("nilearn/first_level/spm_cosine_ar1/a-b_z_score.nii.gz"),
                      mask)
          .col(0);
  std::vector<double> p;
  for (const double value : z) p.push_back(std::exp(log_sf_normal(value)));
  for (const auto& [level, threshold] : {std::pair{0.2, 2.115721920295717},
                                         {0.1, 2.6656854084065076},
                                         {0.05, 3.1415715930700276},
                                         {0.01, 3.9720838539478596}})
    EXPECT_TRUE(testing::close_number(
        z_from_log_sf(std::log(p_threshold(p, Adjustment::benjamini_hochberg, level))), threshold,
        1e-9))
        << level;
}

TEST(MultipleComparisons, MissingValuesAreNoTests) {
  const std::vector<double> with = {0.01, kNaN, 0.02, kNaN}, without = {0.01, 0.02};
  for (const Adjustment kind : {Adjustment::bonferroni, Adjustment::holm,
                                Adjustment::benjamini_hochberg, Adjustment::benjamini_yekutieli}) {
    const std::vector<double> a = adjusted_p(with, kind), b = adjusted_p(without, kind);
    EXPECT_EQ(a[0], b[0]);
    EXPECT_EQ(a[2], b[1]);
    EXPECT_TRUE(std::isnan(a[1]) && std::isnan(a[3]));
  }
  EXPECT_TRUE(adjusted_p({}, Adjustment::holm).empty());
}

TEST(MultipleComparisons, ThresholdIsTheLargestRejectedP) {
  const std::vector<double> p = {0.2, 0.001, 0.012, 0.014, 0.9};
  // BH: the third smallest, .014 <= .05 * 3/5, implies rejection of the two before it.
  EXPECT_EQ(p_threshold(p, Adjustment::benjamini_hochberg, 0.05), 0.014);
  EXPECT_EQ(p_threshold(p, Adjustment::bonferroni, 0.05), 0.001);
  // Holm: .001 <= .05/5, .012 <= .05/4, .014 <= .05/3, .2 > .05/2.
  EXPECT_EQ(p_threshold(p, Adjustment::holm, 0.05), 0.014);
  EXPECT_TRUE(std::isnan(p_threshold(p, Adjustment::bonferroni, 0.001)));
}

TEST(MultipleComparisons, RefusesWhatIsNoProbability) {
  EXPECT_THROW(adjusted_p(std::vector<double>{0.1, 1.5}, Adjustment::holm), std::logic_error);
}

RC_GTEST_PROP(MultipleComparisons, OrderOfPowerHolds, ()) {
  const auto raw =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1001)));
  std::vector<double> p;
  for (int v : raw) p.push_back(v / 1000.0);
  const auto bonferroni = adjusted_p(p, Adjustment::bonferroni),
             holm = adjusted_p(p, Adjustment::holm),
             bh = adjusted_p(p, Adjustment::benjamini_hochberg),
             by = adjusted_p(p, Adjustment::benjamini_yekutieli);
  for (size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT(p[i] <= bh[i] && bh[i] <= holm[i] && holm[i] <= bonferroni[i] && bonferroni[i] <= 1);
    RC_ASSERT(bh[i] <= by[i]);
    for (size_t j = 0; j < p.size(); ++j) RC_ASSERT(p[i] > p[j] || bh[i] <= bh[j]);
  }
}

}  // namespace
}  // namespace sociometer
