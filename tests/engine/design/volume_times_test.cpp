// Volumes that are not a repetition time apart: designs are those of a scan without gaps, at the
// volumes that there are.
#include "engine/core/volume_times.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "engine/design/design_matrix.hpp"
#include "engine/design/subspace.hpp"
#include "tests/io/refusal.hpp"

namespace sociometer {
namespace {

using testing::refuses;

constexpr double kTr = 2;

/// Clusters of four volumes, with gaps of six volumes between.
std::vector<Eigen::Index> clustered(Eigen::Index n) {
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < n; ++i)
    if (i % 10 < 4) kept.push_back(i);
  return kept;
}

std::vector<double> onsets_of(const std::vector<Eigen::Index>& volumes) {
  std::vector<double> onsets;
  for (auto i : volumes) onsets.push_back(kTr * double(i));
  return onsets;
}

Events some_events() {
  Events events;
  for (double onset : {3.3, 17.9, 41.2, 70.05, 88.8}) {
    Event event;
    event.type = "go";
    event.onset_s = onset;
    event.duration_s = 1.5;
    events.push_back(event);
  }
  return events;
}

TEST(VolumeTimes, SpacingDistanceAndGaps) {
  EXPECT_NEAR(even_spacing({0, 1.5, 3, 4.5}).value(), 1.5, 1e-12);
  EXPECT_FALSE(even_spacing({0, 1, 6}).has_value());
  EXPECT_FALSE(even_spacing({1, 2, 3}).has_value()) << "a TR counts from 0";
  EXPECT_NEAR(equal_distance({1, 2, 3}).value(), 1, 1e-12) << "wherever the first one is";
  EXPECT_FALSE(equal_distance({1, 2, 4}).has_value());
  EXPECT_EQ(shortest_distance({0, 2, 10, 11.5}), 1.5);
  EXPECT_EQ(n_gaps({0, 1.5, 3, 11, 12.5, 30}), 2u);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.json", "0.5 after 1"}, [] {
    check_volume_times({0, 1, 0.5}, 3, "x.json");
  }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"2 onsets", "3 volumes"}, [] {
    check_volume_times({0, 1}, 3, "x.json");
  }));
}

/// The response at a volume does not depend on whether others were taken.
void expect_rows_of_whole_scan(const std::string& hrf) {
  DesignOptions options;
  options.hrf = parse_hrf_model(hrf);
  options.drift = DriftModel::none;
  options.start_time_s = 0.7;
  constexpr Eigen::Index kScans = 54;
  const auto kept = clustered(kScans);
  const DesignMatrix whole =
      make_design(some_events(), std::nullopt, kTr, kept.back() + 1, options);
  const DesignMatrix sparse = make_design(some_events(), std::nullopt, onsets_of(kept), options);
  ASSERT_EQ(sparse.n_scans(), Eigen::Index(kept.size()));
  EXPECT_EQ(sparse.names, whole.names);
  const Eigen::VectorXd response = whole.values(kept, 0);
  EXPECT_GT(response.cwiseAbs().maxCoeff(), 0.01);
  EXPECT_LT((sparse.values.col(0) - response).cwiseAbs().maxCoeff(), 1e-12) << hrf;
  for (size_t i = 0; i < kept.size(); ++i)
    EXPECT_NEAR(sparse.frame_times_s[Eigen::Index(i)], whole.frame_times_s[kept[i]], 1e-12);
}

TEST(VolumeTimes, ResponsesAreThoseOfAScanWithoutGaps) {
  expect_rows_of_whole_scan("spm");
  expect_rows_of_whole_scan("glover");
}

TEST(VolumeTimes, DerivativesSpanTheSameAsThoseOfAScanWithoutGaps) {
  DesignOptions options;
  options.hrf = parse_hrf_model("spm + derivative");
  options.drift = DriftModel::none;
  const auto kept = clustered(54);
  const DesignMatrix whole =
      make_design(some_events(), std::nullopt, kTr, kept.back() + 1, options);
  const DesignMatrix sparse = make_design(some_events(), std::nullopt, onsets_of(kept), options);
  // Each derivative is orthogonal to its response over its own volumes.
  Eigen::MatrixXd basis = whole.values(kept, std::vector<int>{0, 1});
  orthogonalise_serially(basis);
  EXPECT_LT((basis.col(1) - sparse.values.col(1)).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(VolumeTimes, DriftsAreFunctionsOfRealTime) {
  constexpr double kHighPass = 0.01;
  std::vector<double> even;
  for (int i = 0; i < 90; ++i) even.push_back(kTr * i);
  EXPECT_LT(
      (cosine_drift(even, kHighPass) - cosine_drift(90, kTr, kHighPass)).cwiseAbs().maxCoeff(),
      1e-12);
  // 200 s, of which every second half is missing: as many cosines as of 200 s.
  const auto kept = clustered(94);
  const auto onsets = onsets_of(kept);
  const double whole = onsets.back() + kTr;
  const Eigen::MatrixXd drift = cosine_drift(onsets, kHighPass);
  ASSERT_EQ(drift.cols(), Eigen::Index(std::floor(2 * whole * kHighPass)));
  for (Eigen::Index t = 0; t < drift.rows(); ++t)
    EXPECT_NEAR(drift(t, 2),
                std::sqrt(2. / double(drift.rows())) *
                    std::cos(std::numbers::pi * 3 * (onsets[size_t(t)] + kTr / 2) / whole),
                1e-12);
  EXPECT_TRUE(
      refuses(ErrorCode::usage, {"high-pass", "Nyquist"}, [&] { cosine_drift(onsets, 0.4); }));
}

TEST(VolumeTimes, AGridOfRepetitionTimesIsRefused) {
  DesignOptions options;
  options.grid = HrfGrid::spm;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"VolumeTiming", "spm"}, [&] {
    make_design(some_events(), std::nullopt, onsets_of(clustered(54)), options);
  }));
}

}  // namespace
}  // namespace sociometer
