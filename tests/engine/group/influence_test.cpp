#include "engine/group/influence.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::close_number;
using testing::close_relative;

GroupContrast column_contrast(Index column, Index n_columns) {
  GroupContrast c;
  c.spec.name = "c";
  c.spec.kind = ContrastKind::t;
  c.rows = MatrixXd::Identity(n_columns, n_columns).row(column);
  return c;
}

MatrixXd normal_matrix(Index rows, Index columns, uint64_t seed) {
  const CounterRandom random(seed, 0);
  MatrixXd out(rows, columns);
  for (Index k = 0; k < out.size(); ++k) out.data()[k] = random.normal(uint64_t(k));
  return out;
}

/// The slow twin: t of an ordinary least squares fit by the normal equations.
double refitted_t(const VectorXd& y, const MatrixXd& x, const VectorXd& c) {
  const MatrixXd inverse = (x.transpose() * x).inverse();
  const VectorXd beta = inverse * x.transpose() * y;
  const double sse = (y - x * beta).squaredNorm();
  return c.dot(beta) / std::sqrt(sse / double(x.rows() - x.cols()) * c.dot(inverse * c));
}

std::vector<Index> all_but(Index n, Index left_out, const VectorXd& y) {
  std::vector<Index> rows;
  for (Index i = 0; i < n; ++i)
    if (i != left_out && !std::isnan(y[i])) rows.push_back(i);
  return rows;
}

TEST(Influence, EqualsR) {
  const MatrixXd data = testing::tsv_values(testing::golden("r/influence/data.tsv"));
  const MatrixXd r = testing::tsv_values(testing::golden("r/influence/figures.tsv"));
  const Index n = data.rows();
  MatrixXd design(n, 3);
  design << VectorXd::Ones(n), data.leftCols(2);
  for (Index v = 0; v < 3; ++v) {
    const VoxelInfluence one = voxel_influence(data.col(2 + v), design, column_contrast(1, 3));
    const auto figures = r.middleRows(v * n, n);
    EXPECT_TRUE(close_relative(one.leverage, figures.col(2), 1e-10));
    EXPECT_TRUE(close_relative(one.cooks_distance, figures.col(3), 1e-9, 1e-6));
    EXPECT_TRUE(close_relative(one.studentised, figures.col(4), 1e-9, 1e-6));
    EXPECT_TRUE(close_number(one.t, figures(0, 5), 1e-10));
    EXPECT_TRUE(close_relative(one.t_without, figures.col(6), 1e-9, 1e-6));
  }
}

/// A group with a hole here and there, and one participant far off.
MatrixXd uneven_group(Index n, Index n_voxels) {
  MatrixXd y = normal_matrix(n, n_voxels, 5);
  y.row(3) *= 4;
  y.col(700).array() += 3;
  for (Index v = 0; v < n_voxels; v += 7) y(v % n, v) = kNaN;
  for (Index v = 0; v < n_voxels; v += 11) y((v + 2) % n, v) = kNaN;
  return y;
}

TEST(Influence, EqualsRefitsWithoutEachParticipant) {
  const Index n = 11, n_voxels = 1200;
  const MatrixXd y = uneven_group(n, n_voxels);
  MatrixXd design(n, 2);
  design << VectorXd::Ones(n), normal_matrix(n, 1, 9);
  const VectorXd c = VectorXd::Unit(2, 0);
  const GroupInfluence found = group_influence(GroupMatrix(y), design, column_contrast(0, 2));
  double peak = 0;
  Index at = -1;
  for (Index v = 0; v < n_voxels; ++v) {
    const auto rows = all_but(n, -1, y.col(v));
    const double t = refitted_t(y.col(v)(rows), design(rows, Eigen::all), c);
    if (std::abs(t) > std::abs(peak)) peak = t, at = v;
  }
  EXPECT_EQ(found.peak_voxel, at);
  EXPECT_TRUE(close_number(found.peak_t, peak, 1e-9));
  EXPECT_EQ(found.n_voxels, n_voxels);
  for (Index i = 0; i < n; ++i) {
    double largest = 0, squares = 0, count = 0;
    Index where = -1;
    for (Index v = 0; v < n_voxels; ++v) {
      const auto rows = all_but(n, i, y.col(v));
      const VectorXd values = y.col(v)(rows);
      const MatrixXd x = design(rows, Eigen::all);
      const double t = refitted_t(values, x, c);
      if (std::abs(t) > std::abs(largest)) largest = t, where = v;
      if (std::isnan(y(i, v))) continue;
      // What the others predict for the one left out, in standard deviations of a new value.
      const MatrixXd inverse = (x.transpose() * x).inverse();
      const VectorXd beta = inverse * x.transpose() * values, row = design.row(i).transpose();
      const double s2 = (values - x * beta).squaredNorm() / double(x.rows() - 2);
      const double error = y(i, v) - row.dot(beta);
      squares += error * error / (s2 * (1 + row.dot(inverse * row)));
      ++count;
    }
    const ParticipantInfluence& p = found.participants[size_t(i)];
    EXPECT_EQ(p.peak_voxel, where);
    EXPECT_TRUE(close_number(p.peak_t, largest, 1e-8));
    EXPECT_EQ(p.n_voxels, Index(count));
    EXPECT_TRUE(close_number(p.distance, std::sqrt(squares / count), 1e-8));
    const auto rows = all_but(n, i, y.col(at));
    EXPECT_TRUE(
        close_number(p.t_at_peak, refitted_t(y.col(at)(rows), design(rows, Eigen::all), c), 1e-8));
  }
}

TEST(Influence, CooksDistanceIsTheMoveOfAllFittedValues) {
  const Index n = 9;
  const VectorXd y = normal_matrix(n, 1, 3);
  MatrixXd x(n, 2);
  x << VectorXd::Ones(n), normal_matrix(n, 1, 4);
  const VoxelInfluence one = voxel_influence(y, x, column_contrast(1, 2));
  const MatrixXd inverse = (x.transpose() * x).inverse();
  const VectorXd beta = inverse * x.transpose() * y;
  const double s2 = (y - x * beta).squaredNorm() / double(n - 2);
  for (Index i = 0; i < n; ++i) {
    const auto rows = all_but(n, i, y);
    const MatrixXd rest = x(rows, Eigen::all);
    const VectorXd other =
        (rest.transpose() * rest).inverse() * rest.transpose() * VectorXd(y(rows));
    EXPECT_TRUE(
        close_number(one.cooks_distance[i], (x * (beta - other)).squaredNorm() / (2 * s2), 1e-8));
  }
}

TEST(Influence, NamesTheOneWhoIsFarAway) {
  const Index n = 20;
  MatrixXd y = normal_matrix(n, 3000, 1);
  y.row(6) *= 3;
  const GroupInfluence found =
      group_influence(GroupMatrix(y), MatrixXd::Ones(n, 1), column_contrast(0, 1));
  for (Index i = 0; i < n; ++i) {
    const ParticipantInfluence& p = found.participants[size_t(i)];
    EXPECT_EQ(p.far_away, i == 6) << i << " " << p.distance_z;
    EXPECT_TRUE(close_number(p.leverage, 1.0 / double(n), 1e-12));
  }
  EXPECT_GT(found.participants[6].distance, 2.5);
  EXPECT_TRUE(close_number(found.mean_leverage, 1.0 / double(n), 1e-12));
}

TEST(Influence, NamesTheOneWhoCarriesThePeak) {
  const Index n = 12;
  MatrixXd y = normal_matrix(n, 400, 2), design(n, 2);
  design << VectorXd::Ones(n), VectorXd::LinSpaced(n, -1, 1);
  // The slope at one voxel rests on the last participant's value.
  design(n - 1, 1) = 8;
  y(n - 1, 99) = 12;
  const GroupInfluence found = group_influence(GroupMatrix(y), design, column_contrast(1, 2));
  ASSERT_EQ(found.peak_voxel, 99);
  EXPECT_TRUE(found.participants[size_t(n - 1)].peak_lost);
  EXPECT_NE(found.participants[size_t(n - 1)].peak_voxel, 99);
  EXPECT_GT(found.participants[size_t(n - 1)].leverage, 3 * found.mean_leverage);
}

TEST(Influence, OfOneWhoAloneHasAColumnIsUnknown) {
  const Index n = 8;
  MatrixXd y = normal_matrix(n, 30, 2), design(n, 2);
  design << VectorXd::Ones(n), VectorXd::Unit(n, 0);
  const GroupInfluence found = group_influence(GroupMatrix(y), design, column_contrast(1, 2));
  EXPECT_TRUE(close_number(found.participants[0].leverage, 1, 1e-12));
  EXPECT_TRUE(std::isnan(found.participants[0].t_at_peak));
  EXPECT_TRUE(std::isnan(found.participants[0].distance));
  EXPECT_FALSE(found.participants[0].peak_lost);
  EXPECT_FALSE(std::isnan(found.participants[1].t_at_peak));
}

TEST(Influence, RefusesAnFContrastAndOtherRows) {
  const MatrixXd y = normal_matrix(6, 3, 2);
  GroupContrast f = column_contrast(0, 1);
  f.spec.kind = ContrastKind::F;
  EXPECT_THROW(group_influence(GroupMatrix(y), MatrixXd::Ones(6, 1), f), Error);
  EXPECT_THROW(group_influence(GroupMatrix(y), MatrixXd::Ones(5, 1), column_contrast(0, 1)), Error);
}

}  // namespace
}  // namespace sociometer
