#include "engine/simulate/feedback_example.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

TEST(FeedbackExample, IsTheSameForTheSameSeed) {
  const FeedbackExample a = make_feedback_example(4), b = make_feedback_example(4),
                        c = make_feedback_example(5);
  EXPECT_EQ(a.runs[1].bold, b.runs[1].bold);
  EXPECT_NE(a.runs[1].bold, c.runs[1].bold);
}

TEST(FeedbackExample, HasRunsThatDifferAndRegionsThatDoNotOverlapEntirely) {
  const FeedbackExample e = make_feedback_example(1);
  ASSERT_EQ(e.runs.size(), 2u);
  EXPECT_NE(e.runs[0].bold, e.runs[1].bold);
  EXPECT_GT(e.brain.n_voxels(), 1000);
  for (const char* name : {"choice", "feedback:match", "feedback:rank"}) {
    const auto inside = (e.true_effects.at(name).array() != 0).count();
    EXPECT_GT(inside, 20) << name;
    EXPECT_LT(inside, e.brain.n_voxels() / 10) << name;
  }
}

TEST(FeedbackExample, HidesSomeRanksAndShowsEveryMatch) {
  const FeedbackExample e = make_feedback_example(1);
  int hidden = 0, feedback = 0;
  for (const auto& event : e.runs[0].events) {
    if (event.type != "feedback") continue;
    ++feedback;
    hidden += std::isnan(event.values.at("rank"));
    EXPECT_FALSE(std::isnan(event.values.at("match")));
  }
  EXPECT_EQ(feedback, 30);
  EXPECT_EQ(hidden, 3);
}

TEST(FeedbackExample, IsZeroOutsideTheBrain) {
  const FeedbackExample e = make_feedback_example(1);
  std::vector<bool> inside(size_t(e.brain.grid.n_voxels()), false);
  for (uint32_t v : e.brain.voxels) inside[v] = true;
  for (Eigen::Index v = 0; v < e.runs[0].bold.rows(); ++v)
    EXPECT_EQ(e.runs[0].bold.row(v).isZero(0), !inside[size_t(v)]);
}

}  // namespace
}  // namespace sociometer
