// Tables of `roi test` and `roi individual`, written and read back.
#include "io/records/stored_regions.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "io/records/individual_differences.hpp"
#include "io/records/individual_record.hpp"
#include "io/records/region_tests.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

Eigen::MatrixXd random_normal(Eigen::Index rows, Eigen::Index columns, uint64_t seed) {
  const CounterRandom random(seed, 0);
  Eigen::MatrixXd out(rows, columns);
  for (Eigen::Index k = 0; k < out.size(); ++k) out.data()[k] = random.normal(uint64_t(k));
  return out;
}

TEST(StoredRegions, TestsAreReadBack) {
  RegionTestRecord record;
  record.test = "one-sample";
  record.statistic = "mean";
  record.map_statistic = "effect";
  record.participants = {"sub-01", "sub-02"};
  record.left_out = 3;
  record.options.permutations = 20;
  TestedTerm term{"mean", {{"dACC", "rank"}, {"vS", "rank"}}, {}};
  term.results = test_one_sample(random_normal(12, 2, 1), record.options);
  // A Bayes factor that no double holds.
  term.results[1].log_bf10 = 1000;
  record.terms = {term};
  const TemporaryFolder folder;
  OutputSet outputs(folder / "out");
  write_region_tests(record, {}, "a_", outputs);
  outputs.commit();
  const auto stored = read_stored_table<StoredRegionTests>(folder / "out/a_roi_tests.json");
  ASSERT_EQ(stored.rows.size(), 2u);
  const RegionTestRow& row = stored.rows[0];
  EXPECT_EQ(row.roi, "dACC");
  EXPECT_EQ(row.contrast, "rank");
  EXPECT_EQ(row.term, "mean");
  EXPECT_EQ(row.figures.n, 12);
  EXPECT_EQ(row.figures.estimate, term.results[0].estimate);
  EXPECT_EQ(row.figures.lower, term.results[0].lower);
  EXPECT_EQ(row.figures.hedges_g, term.results[0].effect.g);
  EXPECT_EQ(row.figures.bf10, std::exp(term.results[0].log_bf10));
  EXPECT_EQ(row.figures.p_fwe, term.results[0].p_fwe);
  EXPECT_TRUE(std::isnan(row.figures.partial_r));
  EXPECT_TRUE(std::isinf(stored.rows[1].figures.bf10));
  EXPECT_EQ(stored.facts.participants, record.participants);
  EXPECT_EQ(stored.facts.left_out, 3);
  EXPECT_EQ(stored.facts.map_statistic, "effect");
}

TEST(StoredRegions, IndividualDifferencesAreReadBackWithTheirPoints) {
  IndividualRecord record;
  record.data.brain.regions = {"A", "B"};
  record.data.brain.signals = {"x", "y"};
  for (int i = 0; i < 14; ++i) record.data.brain.participants.push_back("sub-" + std::to_string(i));
  record.data.brain.cells = random_normal(14, 4, 2);
  record.data.scores = {"anxiety"};
  record.data.score_values = random_normal(14, 1, 3);
  record.data.covariate_values.resize(14, 0);
  record.options.tests.permutations = 20;
  record.result = individual_differences(record.data, record.options);
  record.statistic = "mean";
  record.sentences = {"One sentence."};
  const TemporaryFolder folder;
  OutputSet outputs(folder / "out");
  write_individual_differences(record, {}, "", outputs);
  outputs.commit();
  const auto stored = read_record<StoredIndividual>(folder / "out/individual.json");
  EXPECT_EQ(stored.sentences, record.sentences);
  EXPECT_EQ(stored.participants, record.data.brain.participants);
  ASSERT_EQ(stored.slopes.size(), 4u);
  EXPECT_EQ(stored.comparisons.size(), record.result.differences.size());
  for (size_t k = 0; k < 4; ++k) {
    const ScoreSlope& slope = record.result.slopes[k];
    EXPECT_EQ(stored.slopes[k].region, record.data.brain.regions[slope.region]);
    EXPECT_EQ(stored.slopes[k].slope, slope.slope.estimate);
    EXPECT_EQ(stored.slopes[k].pearson_r, slope.pearson.r);
    EXPECT_EQ(stored.slopes[k].bf10, std::exp(slope.slope.log_bf10));
    ASSERT_TRUE(stored.slopes[k].scatter);
    const StoredScatter& points = *stored.slopes[k].scatter;
    ASSERT_EQ(points.score.size(), 14u);
    EXPECT_EQ(points.score[5], record.data.score_values(5, 0));
    EXPECT_EQ(points.value[5],
              record.data.brain.cells(5, record.data.brain.column(slope.region, slope.signal)));
    EXPECT_EQ(points.at.size(), points.upper.size());
    EXPECT_LT(points.lower[3], points.line[3]);
    EXPECT_LT(points.line[3], points.upper[3]);
  }
}

TEST(StoredRegions, IndividualDifferencesHaveOneSchema) {
  IndividualRecord record;
  record.data.brain.regions = {"A"};
  record.data.brain.signals = {"x", "y"};
  for (int i = 0; i < 12; ++i) record.data.brain.participants.push_back("sub-" + std::to_string(i));
  record.data.brain.cells = random_normal(12, 2, 2);
  record.data.scores = {"anxiety"};
  record.data.score_values = random_normal(12, 1, 3);
  record.data.covariate_values.resize(12, 0);
  record.options.tests.permutations = 20;
  record.result = individual_differences(record.data, record.options);
  const TemporaryFolder folder;
  OutputSet outputs(folder / "out");
  write_individual_differences(record, {}, "", outputs);
  outputs.commit();
  const std::string path = folder / "out/individual.json";
  const auto stored = read_record<StoredIndividual>(path);
  // Written again from what was read, every field is the same, and each column is described.
  const Json written = record_to_json(stored), read = read_record(path, RecordKind::individual);
  for (const auto& [name, value] : written.items()) EXPECT_EQ(value, read.at(name)) << name;
  const auto slopes = rows_in<StoredSlope>(read_table(folder / "out/individual_slopes.tsv"));
  ASSERT_EQ(slopes.size(), stored.slopes.size());
  for (size_t k = 0; k < slopes.size(); ++k) {
    EXPECT_DOUBLE_EQ(slopes[k].left_out_r_p, stored.slopes[k].left_out_r_p);
    EXPECT_EQ(slopes[k].finding, stored.slopes[k].finding);
  }
  const auto expect_described = [&](const std::string& table, const auto& columns) {
    std::vector<std::string> described;
    for (const auto& [name, column] : columns)
      if (name != "Scatter") described.push_back(name);
    EXPECT_EQ(read_table(folder / ("out/" + table)).names, described);
  };
  expect_described("individual_slopes.tsv", stored.slope_columns);
  expect_described("individual_comparisons.tsv", stored.comparison_columns);
}

}  // namespace
}  // namespace sociometer::testing
