#include "engine/learning/placeholder_signals.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

TEST(PlaceholderSignals, AreThoseThatARoundCanHaveAndDiffer) {
  const Trial whole{0, {0, 1}, 1, 2, 1}, hidden{0, {0, 1}, 1, kMissing, 0};
  const TrialSignals a = placeholder_signals(0, whole), b = placeholder_signals(1, whole);
  EXPECT_TRUE(std::isfinite(a.outcome_update) && std::isfinite(a.rank_update_unsigned));
  EXPECT_NE(b.outcome_update, b.rank_update);
  EXPECT_NE(b.value_chosen, placeholder_signals(2, whole).value_chosen);
  const TrialSignals unranked = placeholder_signals(1, hidden);
  EXPECT_TRUE(std::isnan(unranked.rank_update));
  EXPECT_TRUE(std::isfinite(unranked.outcome_update));
  Trial missed = whole;
  missed.chosen = -1;
  EXPECT_TRUE(std::isnan(placeholder_signals(1, missed).value_chosen));
}

}  // namespace
}  // namespace sociometer
