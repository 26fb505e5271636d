#include "engine/glm/kernels/kernels.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/glm/ar_average.hpp"
#include "engine/glm/arma_point.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using kernels::kTileWidth;

std::vector<double> numbers(size_t n, uint64_t stream) {
  const CounterRandom random(9, stream);
  std::vector<double> out(n);
  for (size_t i = 0; i < n; ++i) out[i] = random.normal(i);
  return out;
}

class Kernels : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    set_ = kernels::find_kernels(GetParam());
    if (!set_) GTEST_SKIP() << "this processor does not run " << GetParam();
  }
  const kernels::KernelSet* set_ = nullptr;
};

TEST_P(Kernels, ProductsEqualTheObviousLoop) {
  for (int rows : {1, 3, 4, 9, 30})
    for (int times : {1, 5, 16}) {
      const auto weights = numbers(size_t(times * (rows + 2)), 1),
                 series = numbers(size_t(times * kTileWidth), 2);
      auto sums = numbers(size_t(rows * kTileWidth), 3);
      Eigen::MatrixXd expected = Eigen::Map<Eigen::MatrixXd>(sums.data(), kTileWidth, rows);
      for (int r = 0; r < rows; ++r)
        for (int t = 0; t < times; ++t)
          for (int v = 0; v < kTileWidth; ++v)
            expected(v, r) +=
                weights[size_t(t * (rows + 2) + r)] * series[size_t(t * kTileWidth + v)];
      set_->accumulate_products(weights.data(), rows + 2, times, rows, series.data(), sums.data());
      // Fused multiply-add rounds once where the loop rounds twice.
      EXPECT_TRUE(testing::close_relative(
          Eigen::Map<Eigen::MatrixXd>(sums.data(), kTileWidth, rows), expected, 1e-14, 1));
    }
}

TEST_P(Kernels, LagsEqualTheObviousLoop) {
  constexpr int kOrder = 5, kTimes = 11;
  const auto series = numbers(size_t((kOrder + kTimes) * kTileWidth), 4);
  std::vector<double> lags(size_t((kOrder + 1) * kTileWidth), 0.25);
  Eigen::MatrixXd expected = Eigen::MatrixXd::Constant(kTileWidth, kOrder + 1, 0.25);
  const double* now = series.data() + kOrder * kTileWidth;
  for (int k = 0; k <= kOrder; ++k)
    for (int t = 0; t < kTimes; ++t)
      for (int v = 0; v < kTileWidth; ++v)
        expected(v, k) += now[t * kTileWidth + v] * now[(t - k) * kTileWidth + v];
  set_->accumulate_lags(now, kTimes, kOrder, lags.data());
  EXPECT_TRUE(testing::close_relative(
      Eigen::Map<Eigen::MatrixXd>(lags.data(), kTileWidth, kOrder + 1), expected, 1e-14, 1));
}

TEST_P(Kernels, SeriesGoIntoTilesAndBack) {
  for (const long times : {1L, 7L, 33L, 100L})
    for (const int lanes : {1, 5, 8, 63, 64}) {
      const auto values = numbers(size_t(times * kTileWidth), 5);
      std::vector<const double*> from;
      for (int lane = 0; lane < lanes; ++lane) from.push_back(values.data() + lane * times);
      std::vector<double> tile(size_t(times * kTileWidth), -1), back(values.size(), -2);
      set_->gather_tile(from.data(), lanes, times, tile.data());
      for (long t = 0; t < times; ++t)
        for (int lane = 0; lane < lanes; ++lane)
          ASSERT_EQ(tile[size_t(t * kTileWidth + lane)], values[size_t(lane * times + t)]);
      std::vector<double*> to;
      for (int lane = 0; lane < lanes; ++lane) to.push_back(back.data() + lane * times);
      set_->scatter_tile(tile.data(), lanes, times, to.data());
      for (size_t i = 0; i < back.size(); ++i)
        ASSERT_EQ(back[i], i < size_t(lanes * times) ? values[i] : -2);
    }
}

TEST_P(Kernels, WhitenADesignAsPlainProductsDo) {
  constexpr Eigen::Index kRows = 90, kRank = 11;
  const auto x = numbers(size_t(kRows * kRank), 6);
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(
                                Eigen::Map<const Eigen::MatrixXd>(x.data(), kRows, kRank))
                                .householderQ() *
                            Eigen::MatrixXd::Identity(kRows, kRank);
  PseudoTimes times;
  for (int i = 0; i < kRows; ++i) times.push_back(i + (i > 40 ? 3 : 0) + (i > 60 ? 1000 : 0));
  const ArmaDesign design(q, times, 0.5);
  for (const auto search : {ArmaOptions::Search::afni, ArmaOptions::Search::continuous})
    for (const ArmaParameters p : {ArmaParameters{0.6, -0.3}, {0.2, 0.4}, {0, 0}}) {
      ArmaOptions options;
      options.search = search;
      const ArmaPoint plain(design, options, p, nullptr), fast(design, options, p, set_);
      ASSERT_TRUE(plain.valid && fast.valid);
      EXPECT_TRUE(testing::close_relative(fast.weights, plain.weights, 1e-12, 1));
      EXPECT_TRUE(testing::close_relative(fast.inverse, plain.inverse, 1e-12, 1));
      EXPECT_TRUE(testing::close_relative(fast.constant_on_q, plain.constant_on_q, 1e-12, 1));
      EXPECT_TRUE(testing::close_number(fast.constant_squares, plain.constant_squares, 1e-12));
      EXPECT_TRUE(testing::close_number(fast.log_determinants, plain.log_determinants, 1e-12, 1));
    }
}

/// Terms of the normal matrix, as the kernel orders them.
Eigen::VectorXd terms_of(const ArCoordinates& eta) {
  const ArPrecision p = ar_precision(ar_coefficients(eta));
  std::vector<double> out(p.w.begin(), p.w.begin() + p.order + 1);
  for (size_t j = 0; j < size_t(p.order); ++j)
    for (size_t i = 0; i <= j; ++i) out.push_back(-p.corner[i][j]);
  return Eigen::Map<Eigen::VectorXd>(out.data(), Eigen::Index(out.size()));
}

TEST_P(Kernels, SpreadsMoveAProcessAlongTheAxesOfItsCovariance) {
  for (Eigen::Index order = 1; order <= kMaxArOrder; ++order) {
    const Eigen::Index n_entries = order * (order + 1) / 2, n_terms = order + 1 + n_entries;
    const auto random = numbers(size_t(kTileWidth * (order + order * order)), uint64_t(order));
    Eigen::MatrixXd phi(kTileWidth, order), covariance(kTileWidth, n_entries),
        expected(kTileWidth, order * n_terms), found(kTileWidth, order * n_terms);
    for (Eigen::Index lane = 0; lane < kTileWidth; ++lane) {
      const double* own = random.data() + lane * (order + order * order);
      const ArCoordinates eta = 0.7 * Eigen::Map<const Eigen::VectorXd>(own, order);
      const Eigen::MatrixXd root =
          0.2 * Eigen::Map<const Eigen::MatrixXd>(own + order, order, order);
      // The last voxel's noise is known.
      const Eigen::MatrixXd spread = (lane + 1 < kTileWidth) * root * root.transpose();
      const Eigen::MatrixXd axes = spread.llt().matrixL();
      phi.row(lane) = ar_coefficients(eta).transpose();
      for (Eigen::Index i = 0, at = 0; i < order; ++i)
        for (Eigen::Index j = 0; j <= i; ++j, ++at) covariance(lane, at) = spread(i, j);
      for (Eigen::Index k = 0; k < order; ++k)
        expected.row(lane).segment(k * n_terms, n_terms) =
            0.5 * (terms_of(eta + axes.col(k)) - terms_of(eta - axes.col(k))).transpose();
    }
    set_->ar_spread(int(order), phi.data(), covariance.data(), found.data());
    EXPECT_TRUE(testing::close_relative(found, expected, 1e-10, 1)) << "order " << order;
    EXPECT_TRUE(found.row(kTileWidth - 1).isZero(0));
  }
}

TEST_P(Kernels, GiveTheSameFitToTwelveDigits) {
  Eigen::MatrixXd x(50, 3), y(50, 130);
  const auto noise = numbers(50 * 133, 5);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = noise[size_t(i)];
  for (Eigen::Index i = 0; i < y.size(); ++i) y.data()[i] = 10000 + 10 * noise[size_t(150 + i)];
  const auto model = parse_noise_model("ar2");
  const auto ours = testing::fit_series(x, y, model, {}, Scaling::none, {}, 1, *set_);
  const auto plain =
      testing::fit_series(x, y, model, {}, Scaling::none, {}, 1, *kernels::find_kernels("sse2"));
  EXPECT_TRUE(testing::close_by_column(ours.estimates.betas, plain.estimates.betas, 1e-12));
  EXPECT_TRUE(testing::close_relative(ours.estimates.residual_variance,
                                      plain.estimates.residual_variance, 1e-12));
}

INSTANTIATE_TEST_SUITE_P(EachLevel, Kernels, ::testing::Values("sse2", "avx2", "avx512"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(Kernels, UnknownNamesGiveNothing) { EXPECT_EQ(kernels::find_kernels("mmx"), nullptr); }

}  // namespace
}  // namespace sociometer
