#include "engine/glm/kernels/kernels.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
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
