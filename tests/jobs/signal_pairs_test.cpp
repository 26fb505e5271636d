// The first picture of a study's page: two signals, their conjunction and their difference.
#include "cli/jobs/report/signal_pairs.hpp"

#include <cmath>
#include <limits>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace sociometer::jobs {
namespace {

Mask row_of_voxels(Eigen::Index n) {
  Mask mask;
  mask.grid.size = {n, 3, 3};
  mask.grid.world_from_voxel.diagonal() << 3, 3, 3, 1;
  for (Eigen::Index v = 0; v < n; ++v) mask.voxels.push_back(uint32_t(mask.grid.index(v, 1, 1)));
  return mask;
}

ContrastFindings findings_of(const std::string& name, const std::vector<double>& t) {
  ContrastFindings f;
  f.name = f.id = name;
  f.map.mask = row_of_voxels(Eigen::Index(t.size()));
  f.map.map.statistic = Eigen::Map<const Eigen::VectorXd>(t.data(), Eigen::Index(t.size()));
  f.map.map.z = f.map.map.statistic;
  f.map.word = "t";
  f.map.label = "t(19)";
  f.map.two_sided = true;
  f.threshold = 3;
  f.threshold_words = "uncorrected p <= 0.001, two-sided";
  return f;
}

FoundContrast first_level_contrast(const std::string& name, std::vector<double> weights) {
  FoundContrast contrast;
  contrast.name = name;
  contrast.contrast.emplace();
  contrast.contrast->name = name;
  ContrastRun run;
  run.used = true;
  run.weights = {{std::move(weights)}};
  contrast.contrast->runs = {run};
  return contrast;
}

RegionFindings question(const std::vector<std::string>& signals) {
  RegionFindings regions;
  regions.dissociations.resize(1);
  regions.dissociations[0].record.analyses.resize(1);
  regions.dissociations[0].record.analyses[0].subject.signals = signals;
  return regions;
}

TEST(SignalPairs, TheDifferenceIsTheContrastWithTheDifferenceOfTheWeights) {
  FoundResults found;
  found.first_levels.resize(1);
  auto& contrasts = found.first_levels[0].contrasts;
  contrasts = {first_level_contrast("out_come", {0, 1, 0}), first_level_contrast("rank", {0, 0, 1}),
               first_level_contrast("sum", {0, 1, 1}),
               first_level_contrast("half", {0, -0.5, 0.5})};
  const std::vector<double> t{1, 2, 3, 4};
  const ContrastFindings outcome = findings_of("outcome", t), rank = findings_of("rank", t),
                         sum = findings_of("sum", t), half = findings_of("half", t);
  std::vector<GroupMapFindings> maps{
      {nullptr, &sum}, {nullptr, &rank}, {nullptr, &outcome}, {nullptr, &half}};
  const auto pairs = signal_pairs(found, question({"out_come", "rank", "other"}), maps);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].first, &outcome);
  EXPECT_EQ(pairs[0].second, &rank);
  EXPECT_EQ(pairs[0].difference, &half);
  maps.pop_back();
  EXPECT_EQ(signal_pairs(found, question({"out_come", "rank"}), maps)[0].difference, nullptr);
}

TEST(SignalPairs, ADifferenceOfAGroupDesignIsOfOneAnalysis) {
  FoundGroup group, other;
  ContrastFindings a = findings_of("a", {1}), b = a, d = a;
  b.name = "b", d.name = "d";
  a.record.emplace(), b.record.emplace(), d.record.emplace();
  a.record->weights = {{1, 0}}, b.record->weights = {{0, 1}}, d.record->weights = {{1, -1}};
  const FoundResults found;
  const auto difference = [&](const FoundGroup& of_d) {
    return signal_pairs(found, question({"a", "b"}), {{&group, &a}, {&group, &b}, {&of_d, &d}})[0]
        .difference;
  };
  EXPECT_EQ(difference(group), &d);
  EXPECT_EQ(difference(other), nullptr);
}

TEST(SignalPairPart, WithoutAContrastOfTheTwoItShowsSetsAndSaysSo) {
  const ContrastFindings a = findings_of("outcome", {5, 4, -4, 1, 4}),
                         b = findings_of("rank", {4, 1, 4, 1, 6});
  Anatomy anatomy;
  anatomy.mask = a.map.mask;
  const std::string without = signal_pair_part({&a, &b, nullptr}, anatomy, "pair").markup();
  for (const char* words :
       {"Both (conjunction)", "smaller t(19)", "Difference of thresholded sets, not a test",
        "is not a test", "uncorrected for multiple comparisons", "in different units"})
    EXPECT_NE(without.find(words), std::string::npos) << words;
  const ContrastFindings d = findings_of("outcomeMinusRank", {1, 3, -8, 0, -2});
  const std::string with = signal_pair_part({&a, &b, &d}, anatomy, "pair").markup();
  EXPECT_EQ(with.find("not a test"), std::string::npos);
  EXPECT_NE(with.find("outcomeMinusRank: the model"), std::string::npos);
  ContrastFindings elsewhere = b;
  elsewhere.map.mask = row_of_voxels(7);
  EXPECT_TRUE(signal_pair_part({&a, &elsewhere, nullptr}, anatomy, "pair").empty());
}

/// Values of the row of voxels in a layer; those that pass in brackets.
std::string row_in(const MapLayer& layer, const Mask& mask) {
  std::vector<std::string> out;
  for (const uint32_t v : mask.voxels) {
    // All NaN alike, whatever their sign.
    const double t = layer.statistic.values[v];
    const std::string text = std::isnan(t) ? "nan" : fmt::format("{:g}", t);
    out.push_back(layer.passed->values[v] != 0 ? "[" + text + "]" : text);
  }
  return fmt::format("{}", fmt::join(out, " "));
}

TEST(SignalComparison, ShowsWhatPassesForBothAndForOne) {
  // Both; the first; opposite signs; neither; both below 0; the second.
  const ContrastFindings a = findings_of("outcome", {5, 4, -4, 1, -3.5, 2}),
                         b = findings_of("rank", {4, 1, 4, 2, -6, -7});
  const MapComparison shown = signal_comparison({&a, &b, nullptr});
  ASSERT_EQ(shown.maps.size(), 4u);
  EXPECT_EQ(row_in(shown.maps[2], a.map.mask), "[4] 1 nan 1 [-3.5] nan");
  EXPECT_EQ(row_in(shown.maps[3], a.map.mask), "nan [4] nan nan nan [-7]");
}

}  // namespace
}  // namespace sociometer::jobs
