#include "engine/stats/density.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "io/tables/table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Eigen::VectorXd sample_of(const std::string& name) {
  const Table table = read_table(golden("r/density/data.tsv"));
  std::vector<double> values;
  for (size_t r = 0; r < table.rows.size(); ++r)
    if (table.rows[r][0] == name) values.push_back(number_in(table, r, 1));
  return Eigen::Map<Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

TEST(KernelDensity, EqualsRsDensity) {
  const Table table = read_table(golden("r/density/figures.tsv"));
  ASSERT_EQ(table.rows.size(), 15u);
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const Eigen::VectorXd values = sample_of(table.rows[r][0]);
    const double bandwidth = silverman_bandwidth(values);
    EXPECT_TRUE(close_number(bandwidth, number_in(table, r, 1), 1e-12)) << table.rows[r][0];
    const Eigen::VectorXd at = Eigen::VectorXd::Constant(1, number_in(table, r, 2));
    const double density = kernel_density(values, at, bandwidth)[0];
    EXPECT_TRUE(close_number(density, number_in(table, r, 3), 1e-10)) << table.rows[r][0];
    EXPECT_TRUE(close_number(density, number_in(table, r, 4), 5e-3, 0.1)) << table.rows[r][0];
  }
}

TEST(KernelDensity, IntegratesToOne) {
  const Eigen::VectorXd values = sample_of("skewed");
  const Eigen::VectorXd at = Eigen::VectorXd::LinSpaced(4001, -5, 15);
  const double step = at[1] - at[0];
  EXPECT_TRUE(close_number(kernel_density(values, at, 0.4).sum() * step, 1, 1e-9));
}

TEST(KernelDensity, HasNoBandwidthWithoutSpread) {
  EXPECT_EQ(silverman_bandwidth(Eigen::VectorXd::Constant(5, 3)), 0);
  // The quartiles coincide, the values do not.
  Eigen::VectorXd tied = Eigen::VectorXd::Zero(9);
  tied[0] = 1;
  EXPECT_TRUE(close_number(silverman_bandwidth(tied), 0.9 / 3 * std::pow(9, -0.2), 1e-12));
}

}  // namespace
}  // namespace sociometer::testing
