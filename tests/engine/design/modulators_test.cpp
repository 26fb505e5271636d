#include "engine/design/modulators.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

Events trials(const std::vector<double>& values) {
  Events events;
  for (size_t i = 0; i < values.size(); ++i)
    events.push_back(
        {double(i) * 10, 0, "feedback", 1, {{"rank", values[i]}, {"match", double(i % 2)}}});
  events.push_back({3, 1, "choice", 1, {{"rank", 100}, {"match", 100}}});
  return events;
}
using W = std::vector<double>;

TEST(Modulators, AreCentredOverTheTrialsThatHaveAValue) {
  const auto s = stimuli_of_type(trials({1, kMissing, 5, 0}), "feedback", {"rank"}, {});
  ASSERT_EQ(s.size(), 2u);
  EXPECT_EQ(s[0].weight, (W{1, 1, 1, 1}))
      << "a trial without a value still counts in the main effect";
  EXPECT_EQ(s[1].weight, (W{-1, 0, 3, -2})) << "missing contributes 0, a true zero is a value";
  EXPECT_EQ(s[1].name, "feedback:rank");
}

TEST(Modulators, CanStayUncentred) {
  ModulatorPolicy policy;
  policy.center = Centering::none;
  EXPECT_EQ(stimuli_of_type(trials({1, kMissing, 5, 0}), "feedback", {"rank"}, policy)[1].weight,
            (W{1, 0, 5, 0}));
}

TEST(Modulators, CanBeCentredOverAllRuns) {
  const std::vector<Events> runs{trials({1, 3}), trials({8, kMissing})};
  ModulatorPolicy policy;
  policy.center = Centering::all;
  policy.means_over_runs = modulator_means(runs, {{"feedback", {"rank"}}});
  EXPECT_EQ(policy.means_over_runs.at("feedback:rank"), 4);
  EXPECT_EQ(stimuli_of_type(runs[1], "feedback", {"rank"}, policy)[1].weight, (W{4, 0}));
}

/// Centred to -1, 3, -2: a standard deviation of sqrt 7.
TEST(Modulators, CanBeScaledByTheirSpreadOverTrials) {
  const Events events = trials({1, kMissing, 5, 0});
  EXPECT_DOUBLE_EQ(stimuli_of_type(events, "feedback", {"rank"}, {})[1].trial_sd, std::sqrt(7.0));
  EXPECT_TRUE(std::isnan(stimuli_of_type(events, "feedback", {"rank"}, {})[0].trial_sd));
  ModulatorPolicy policy;
  policy.scaling = ModulatorScaling::sd;
  const Stimulus scaled = stimuli_of_type(events, "feedback", {"rank"}, policy)[1];
  EXPECT_DOUBLE_EQ(scaled.weight[2], 3 / std::sqrt(7.0));
  EXPECT_EQ(scaled.weight[1], 0);
  EXPECT_DOUBLE_EQ(scaled.trial_sd, 1);
  EXPECT_EQ(stimuli_of_type(trials({2, 2, 2}), "feedback", {"rank"}, policy)[1].weight,
            (W{0, 0, 0}));
}

/// 1, 3 and 8: a standard deviation of sqrt 13 about their mean; each run is centred separately.
TEST(Modulators, CanBeScaledOverAllRuns) {
  const std::vector<Events> runs{trials({1, 3}), trials({8, kMissing})};
  ModulatorPolicy policy;
  policy.scaling = ModulatorScaling::sd_all;
  policy.sds_over_runs = modulator_sds(runs, {{"feedback", {"rank"}}});
  EXPECT_DOUBLE_EQ(policy.sds_over_runs.at("feedback:rank"), std::sqrt(13.0));
  EXPECT_DOUBLE_EQ(stimuli_of_type(runs[0], "feedback", {"rank"}, policy)[1].weight[1],
                   1 / std::sqrt(13.0));
}

TEST(Modulators, OrthogonalisedSeriallyLoseWhatEarlierOnesExplain) {
  ModulatorPolicy policy;
  policy.orthogonalise = Orthogonalisation::serial;
  const auto s = stimuli_of_type(trials({1, 2, 5, 9}), "feedback", {"match", "rank"}, policy);
  const Eigen::Map<const Eigen::Vector4d> match(s[1].weight.data()), rank(s[2].weight.data());
  EXPECT_LT(std::abs(match.dot(rank)), 1e-13);
  EXPECT_LT(std::abs(rank.sum()), 1e-13);
  EXPECT_GT(rank.norm(), 1);
}

TEST(Modulators, ThatDoNotVaryBecomeExactlyZero) {
  // Centring 0.1 leaves a rounding error of 1e-17, which must not become a regressor.
  for (double value : {0.1, 0.5, 0.7, 3.3})
    for (size_t n : {3u, 7u, 10u})
      EXPECT_EQ(stimuli_of_type(trials(std::vector<double>(n, value)), "feedback", {"rank"}, {})[1]
                    .weight,
                W(n, 0.0))
          << value;
}

TEST(Modulators, ThatEarlierOnesExplainBecomeExactlyZero) {
  Events events = trials({0.3, 2.3, 0.3, 2.3});  // 0.3 + 2 match
  ModulatorPolicy policy;
  policy.orthogonalise = Orthogonalisation::serial;
  EXPECT_EQ(stimuli_of_type(events, "feedback", {"match", "rank"}, policy)[2].weight,
            (W{0, 0, 0, 0}));
}

TEST(Modulators, OfAbsoluteValuesAreThoseOfAColumnOfThem) {
  const std::vector<Events> signed_runs{trials({-1, kMissing, 5, 0}), trials({-7, 2})},
      unsigned_runs{trials({1, kMissing, 5, 0}), trials({7, 2})};
  for (Centering center : {Centering::run, Centering::all, Centering::none}) {
    ModulatorPolicy ours, theirs;
    ours.center = theirs.center = center;
    ours.means_over_runs =
        modulator_means(signed_runs, {parse_modulators("feedback:match,abs(rank)")});
    theirs.means_over_runs = modulator_means(unsigned_runs, {parse_modulators("feedback:rank")});
    for (size_t run : {0u, 1u}) {
      const auto a = stimuli_of_type(signed_runs[run], "feedback", {"abs(rank)"}, ours);
      const auto b = stimuli_of_type(unsigned_runs[run], "feedback", {"rank"}, theirs);
      EXPECT_EQ(a[1].weight, b[1].weight);
      EXPECT_EQ(a[1].name, "feedback:abs(rank)");
    }
  }
  EXPECT_THROW(parse_modulators("feedback:abs()"), Error);
}

TEST(Modulators, MultiplyTheAmplitude) {
  Events events = trials({1, 3});
  events[1].amplitude = 2;
  const auto s = stimuli_of_type(events, "feedback", {"rank"}, {});
  EXPECT_EQ(s[0].weight, (W{1, 2}));
  EXPECT_EQ(s[1].weight, (W{-1, 2}));
}

TEST(Modulators, RefuseTextWithoutTypeOrColumn) {
  for (const char* text : {"rank", "feedback:", ":rank", "feedback:rank,,match"})
    EXPECT_THROW(parse_modulators(text), Error) << text;
  for (const char* text : {"feedback:match,rank", "feedback:match rank", "feedback: match , rank"})
    EXPECT_EQ(parse_modulators(text).columns, (std::vector<std::string>{"match", "rank"})) << text;
}

}  // namespace
}  // namespace sociometer
