// Each instruction set compared with plain loops.
#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/group/kernels/kernels.hpp"

namespace sociometer::testing {
namespace {

using shuffle_kernels::kTile;

class ShuffleKernels : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    set_ = shuffle_kernels::find_kernels(GetParam());
    if (!set_) GTEST_SKIP() << "this processor or build has no " << GetParam();
  }
  const shuffle_kernels::KernelSet* set_ = nullptr;
};

std::vector<float> noise(size_t n, uint64_t seed, double sd) {
  const CounterRandom random(seed, 8);
  std::vector<float> out(n);
  for (size_t i = 0; i < n; ++i) out[i] = float(sd * random.normal(i));
  return out;
}

TEST_P(ShuffleKernels, StatisticsAreThoseOfPlainLoops) {
  constexpr int kParticipants = 23, kShuffles = 16;
  for (const auto& [is_t, n_tested, n_nuisance] :
       {std::tuple{true, 1, 0}, {true, 1, 3}, {false, 2, 0}, {false, 3, 2}}) {
    const int n_columns = kShuffles * (n_tested + n_nuisance);
    shuffle_kernels::TileStatistics task{kParticipants, kShuffles, n_tested, n_nuisance,
                                         is_t,          17,        nullptr};
    const auto weights = noise(size_t(kParticipants * n_columns), 1, 0.2),
               residuals = noise(size_t(kParticipants * kTile), 2, 0.2);
    task.weights = weights.data();
    std::vector<float> products(size_t(n_columns * kTile)), out(size_t(kShuffles * kTile));
    set_->compute_statistics(task, residuals.data(), products.data(), out.data());
    const auto product = [&](int column, int v) {
      double sum = 0;
      for (int i = 0; i < kParticipants; ++i)
        sum += double(weights[size_t(i * n_columns + column)]) *
               double(residuals[size_t(i * kTile + v)]);
      return sum;
    };
    for (int b = 0; b < kShuffles; ++b)
      for (int v = 0; v < kTile; ++v) {
        double explained = 0, moved = 0;
        for (int k = 0; k < n_tested; ++k) explained += std::pow(product(b * n_tested + k, v), 2);
        for (int k = 0; k < n_nuisance; ++k)
          moved += std::pow(product(kShuffles * n_tested + b * n_nuisance + k, v), 2);
        const double left = std::max(1 - explained - moved, 1.1920929e-7);
        if (left < 1e-3) continue;  // rounding decides there
        const double expected = is_t ? product(b, v) * std::sqrt(17 / left) : explained * 17 / left;
        EXPECT_NEAR(out[size_t(b * kTile + v)], expected,
                    1e-4 * std::max(1.0, std::abs(expected)) / left)
            << b << " " << v;
      }
  }
}

TEST_P(ShuffleKernels, WhatIsLeftIsNeverNegative) {
  // One participant with weight and residual 1.01: more than everything is explained.
  std::vector<float> weights(16, 1.01F), residuals(kTile, 1.0F), products(16 * kTile),
      out(16 * kTile);
  const shuffle_kernels::TileStatistics task{1, 16, 1, 0, true, 4, weights.data()};
  set_->compute_statistics(task, residuals.data(), products.data(), out.data());
  for (const float x : out) EXPECT_NEAR(x, 1.01 * std::sqrt(4 / 1.1920929e-7), 1);
}

TEST_P(ShuffleKernels, MapsAreComparedAsByPlainLoops) {
  for (const long n : {1L, 15L, 64L, 1003L})
    for (const bool two_sided : {false, true}) {
      const auto values = noise(size_t(n), 3, 1);
      auto bar = noise(size_t(n), 4, 0.5);
      bar[0] = two_sided ? std::abs(values[0]) : values[0];  // just reached
      std::vector<uint32_t> reached(size_t(n), 7);
      const float largest =
          set_->compare_map(values.data(), bar.data(), n, two_sided, reached.data());
      float expected = -HUGE_VALF;
      for (size_t v = 0; v < size_t(n); ++v) {
        const float x = two_sided ? std::abs(values[v]) : values[v];
        expected = std::max(expected, x);
        EXPECT_EQ(reached[v], 7u + (x >= bar[v])) << v;
      }
      EXPECT_EQ(largest, expected);
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, ShuffleKernels, ::testing::Values("sse2", "avx2", "avx512"));

}  // namespace
}  // namespace sociometer::testing
