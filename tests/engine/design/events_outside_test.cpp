#include "engine/design/events_outside.hpp"

#include <gtest/gtest.h>

namespace sociometer {
namespace {

constexpr double kTr = 2;
constexpr Eigen::Index kScans = 60;  // the last scan is at 118 s

Events events_at(const std::vector<double>& onsets, double duration = 0) {
  Events events;
  for (double onset : onsets) events.push_back({onset, duration, "x", 1, {}});
  return events;
}

DesignMatrix design_of(const Events& events, const DesignOptions& options) {
  return make_design(events, std::nullopt, kTr, kScans, options);
}

std::vector<DesignOptions> both_grids() {
  DesignOptions nilearn, spm;
  spm.grid = HrfGrid::spm;
  return {nilearn, spm};
}

TEST(EventsOutside, LeaveNoTrace) {
  for (const auto& options : both_grids())
    for (const auto& events :
         {events_at({-30}), events_at({-40}, 5), events_at({-1e300}), events_at({119.1}),
          events_at({120}, 3), events_at({1e300}, 1e300), events_at({-25.7, -1000, 500.3}, 0.3)}) {
      const DesignMatrix design = design_of(events, options);
      EXPECT_TRUE((design.values.col(design.find("x")).array() == 0).all());
    }
}

TEST(EventsOutside, ChangeNothingOfThoseInside) {
  for (const auto& options : both_grids()) {
    const DesignMatrix inside = design_of(events_at({0, 33.3, 80}, 2), options),
                       more = design_of(events_at({-50, 0, 33.3, 80, 119, 200}, 2), options);
    EXPECT_EQ(inside.values, more.values);
  }
}

TEST(EventsOutside, ThatReachIntoTheRunStay) {
  for (const auto& options : both_grids())
    for (const auto& events : {events_at({-40}, 60), events_at({117}, 1e300), events_at({-3}, 0)})
      EXPECT_GT(design_of(events, options).values.col(0).cwiseAbs().maxCoeff(), 0);
}

TEST(EventsOutside, AreCountedByType) {
  Events events = events_at({-30, -24, 5, 118, 118.5, 300});
  events.push_back({500, 0, "y", 1, {}});
  events.push_back({10, 0, "z", 1, {}});
  const DesignOptions options;
  const auto counts =
      events_outside(events, design_of(events, options).frame_times_s, kTr, options);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].type, "x");
  EXPECT_EQ(counts[0].total, 6);
  EXPECT_EQ(counts[0].before, 1);
  EXPECT_EQ(counts[0].after, 2);
  EXPECT_EQ(counts[1].type, "y");
  EXPECT_EQ(counts[1].after, 1);
}

TEST(EventsOutside, OfFirReachTheLastScansEnd) {
  DesignOptions options;
  options.hrf = parse_hrf_model("fir");
  options.fine_grid.fir_delays = {0};
  const Events events = events_at({119, 121});
  const DesignMatrix design = design_of(events, options);
  EXPECT_GT(design.values.col(0).maxCoeff(), 0);
  const auto counts = events_outside(events, design.frame_times_s, kTr, options);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].after, 1);
}

}  // namespace
}  // namespace sociometer
