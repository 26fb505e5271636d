// Tables of `learn`, written and read back.
#include "io/records/stored_learning.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "io/records/described_table.hpp"
#include "tests/io/learning_results.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

/// One folder for all tests: fits take a moment.
class StoredLearning : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    results_ = std::make_unique<LearningResults>(learning_results());
    write_learning_results(*results_, path("learning"));
  }
  static void TearDownTestSuite() {
    results_.reset();
    folder_.reset();
  }
  static std::string path(const std::string& name) { return *folder_ / name; }
  static std::string record(const std::string& name) {
    return path("learning/task-social_" + name + ".json");
  }
  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::unique_ptr<LearningResults> results_;
};

/// Same number, or both missing.
void expect_same(double a, double b) {
  if (std::isnan(b))
    EXPECT_TRUE(std::isnan(a));
  else
    EXPECT_EQ(a, b);
}

TEST_F(StoredLearning, ParametersAreThoseOfTheFits) {
  const auto stored = read_stored_table<StoredParameters>(record("parameters"));
  const StudyFit& fit = results_->analysis.study;
  ASSERT_EQ(stored.rows.size(), 5u * 3u);
  size_t r = 0;
  for (size_t i = 0; i < 5; ++i)
    for (size_t m = 0; m < 2; ++m)
      for (size_t k = 0; k < fit.learners[m]->parameters().size(); ++k, ++r) {
        const ParameterRow& row = stored.rows[r];
        EXPECT_EQ(row.participant, "sub-0" + std::to_string(i + 1));
        EXPECT_EQ(row.model, fit.learners[m]->name());
        EXPECT_EQ(row.parameter, fit.learners[m]->parameters()[k].name);
        EXPECT_EQ(row.estimate, fit.fits[i][m].estimate[k]);
        expect_same(row.standard_error, fit.fits[i][m].standard_error[k]);
      }
  const FitFacts& facts = stored.facts.fit;
  EXPECT_EQ(facts.left_out, results_->left_out);
  EXPECT_EQ(facts.learning.evidence, "importance");
  ASSERT_EQ(facts.models.size(), 2u);
  EXPECT_EQ(facts.models[0].first, "hybrid");
  EXPECT_EQ(facts.models[0].second[0].first, "w");
  EXPECT_EQ(facts.models[0].second[0].second.transform, "logit");
  EXPECT_EQ(stored.descriptions.size(), 5u);
  EXPECT_EQ(stored.descriptions[3].second, "maximum a posteriori estimate");
  EXPECT_EQ(read_record<SignalsModelFacts>(record("parametersWide")).model, "hybrid");
}

TEST_F(StoredLearning, FitsAndComparisonAreThoseOfTheAnalysis) {
  const auto fits = read_stored_table<StoredFits>(record("fits"));
  ASSERT_EQ(fits.rows.size(), 10u);
  for (size_t r = 0; r < 10; ++r) {
    const LearnerFit& fit = results_->analysis.study.fits[r / 2][r % 2];
    EXPECT_EQ(fits.rows[r].n_choices, fit.n_choices);
    EXPECT_EQ(fits.rows[r].log_likelihood, fit.log_likelihood);
    EXPECT_EQ(fits.rows[r].log_evidence, fit.log_evidence);
    EXPECT_EQ(fits.rows[r].bic, fit.bic);
    EXPECT_EQ(fits.rows[r].converged, fit.converged);
  }
  const auto comparison = read_stored_table<StoredComparison>(record("comparison"));
  const ModelSelection& selection = results_->analysis.selection;
  ASSERT_EQ(comparison.rows.size(), 2u);
  EXPECT_EQ(comparison.facts.participants, 5);
  EXPECT_EQ(comparison.facts.omnibus_risk, selection.omnibus_risk);
  for (Eigen::Index m = 0; m < 2; ++m) {
    const ComparisonRow& row = comparison.rows[size_t(m)];
    EXPECT_EQ(row.alpha, selection.alpha[m]);
    EXPECT_EQ(row.expected_frequency, selection.expected_frequency[m]);
    EXPECT_EQ(row.exceedance, selection.exceedance[m]);
    EXPECT_EQ(row.protected_exceedance, selection.protected_exceedance[m]);
  }
  const auto group = read_stored_table<StoredGroupParameters>(record("groupParameters"));
  ASSERT_EQ(group.rows.size(), 3u);
  EXPECT_EQ(group.rows[1].parameter, "beta");
  EXPECT_FALSE(group.rows[1].t) << "only hierarchical inference tests group means";
}

TEST_F(StoredLearning, RegressionsAreThoseThatWereFitted) {
  const auto stay = read_stored_table<StoredStaySwitch>(record("staySwitch"));
  const StaySwitchRegression& fitted = results_->stay_switch;
  ASSERT_EQ(stay.rows.size(), 3u);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(stay.rows[k].term, fitted.terms[k]);
    EXPECT_EQ(stay.rows[k].estimate, fitted.fit.effects[Eigen::Index(k)]);
    expect_same(stay.rows[k].standard_error, fitted.fit.standard_error[Eigen::Index(k)]);
    EXPECT_EQ(stay.rows[k].odds_ratio, std::exp(fitted.fit.effects[Eigen::Index(k)]));
  }
  EXPECT_EQ(stay.facts.occasions, fitted.n_occasions);
  EXPECT_EQ(stay.facts.participants, 5);
  EXPECT_EQ(stay.facts.singular, fitted.fit.singular);
  EXPECT_TRUE(stay.facts.previous_rank);
  const auto ratings = read_stored_table<StoredRatings>(record("ratings"));
  const auto anova = repeated_measures_anova(results_->ratings.cells);
  ASSERT_EQ(ratings.rows.size(), 3u);
  EXPECT_EQ(ratings.rows[0].f, anova.first.f);
  EXPECT_EQ(ratings.rows[2].p, anova.interaction.p);
  EXPECT_EQ(ratings.facts.participants, 5);
  EXPECT_EQ(ratings.facts.cell_means[1].second, anova.cell_means[1]);
}

TEST_F(StoredLearning, ChecksAndRecoveriesAreThoseThatWereMade) {
  const auto predictive = read_stored_table<StoredPredictive>(record("predictive"));
  ASSERT_EQ(predictive.rows.size(), results_->predictive.checks.size());
  for (size_t r = 0; r < predictive.rows.size(); ++r) {
    const PredictiveCheck& check = results_->predictive.checks[r];
    EXPECT_EQ(predictive.rows[r].statistic, check.statistic);
    EXPECT_EQ(predictive.rows[r].level, check.level);
    expect_same(predictive.rows[r].data, check.data);
    expect_same(predictive.rows[r].high, check.high);
  }
  EXPECT_EQ(predictive.facts.simulated, 30);
  const auto recovery = read_stored_table<StoredRecovery>(record("parameterRecovery"));
  ASSERT_EQ(recovery.rows.size(), 12u);
  EXPECT_EQ(recovery.rows[7].parameter, "beta");
  EXPECT_EQ(recovery.rows[7].simulation, 2);
  EXPECT_EQ(recovery.rows[7].truth, results_->recoveries[0].truth(1, 1));
  const auto summary = read_stored_table<StoredRecoverySummary>(record("parameterRecoverySummary"));
  ASSERT_EQ(summary.rows.size(), 2u);
  EXPECT_EQ(summary.rows[1].transformed_correlation, 0.95);
  EXPECT_TRUE(std::isnan(summary.rows[1].rank_correlation));
  const auto confusion = read_stored_table<StoredConfusion>(record("modelRecovery"));
  ASSERT_EQ(confusion.rows.size(), 4u);
  EXPECT_EQ(confusion.rows[1].true_model, "hybrid");
  EXPECT_EQ(confusion.rows[1].fitted_model, "outcome");
  EXPECT_EQ(confusion.rows[1].best, 0.3);
  EXPECT_EQ(confusion.facts.recovery.simulated, 100);
}

TEST_F(StoredLearning, ProbabilitiesAreThoseOfTheSelection) {
  const auto stored = read_stored_table<StoredProbabilities>(record("modelProbabilities"));
  ASSERT_EQ(stored.rows.size(), 10u);
  for (Eigen::Index i = 0; i < 5; ++i)
    for (Eigen::Index m = 0; m < 2; ++m) {
      const ProbabilityRow& row = stored.rows[size_t(2 * i + m)];
      EXPECT_EQ(row.participant, "sub-0" + std::to_string(i + 1));
      EXPECT_EQ(row.model, m == 0 ? "hybrid" : "outcome");
      EXPECT_EQ(row.probability, results_->analysis.selection.responsibilities(i, m));
    }
  EXPECT_EQ(stored.facts.fit.left_out, results_->left_out);
  EXPECT_FALSE(stored.facts.selection.empty());
}

TEST_F(StoredLearning, SlopesAreTheFixedEffectsAndTheDeviations) {
  const auto stored = read_stay_switch_slopes(record("staySwitchSlopes"));
  const StaySwitchRegression& r = results_->stay_switch;
  EXPECT_EQ(stored.terms, r.terms);
  EXPECT_EQ(stored.facts.participants, long(r.participants.size()));
  ASSERT_EQ(stored.slopes.size(), r.participants.size());
  EXPECT_EQ(stored.participants.front(), "sub-01");
  for (size_t g = 0; g < stored.slopes.size(); ++g)
    for (size_t k = 0; k < r.terms.size(); ++k) {
      const auto group = Eigen::Index(g), c = Eigen::Index(k);
      expect_same(stored.slopes[g][k].estimate, r.fit.effects[c] + r.fit.deviations(group, c));
      expect_same(stored.slopes[g][k].standard_error, r.fit.deviation_errors(group, c));
    }
}

TEST(LearningSignalsRecord, IsReadBackFromADictionaryWithFurtherFields) {
  LearningSignalsRecord one{"hybrid", {}, {{"w", 0.5}, {"beta", 3}}, {{"a_events.tsv", "00ff"}}};
  one.learning.settings = {{"n_ranks", 8}};
  one.learning.sampling = EvidenceSampling{500, 20000, 0.05, 1};
  Json json{{"expected_outcome", {{"Description", "before the choice"}}}, {"Further", Json()}};
  append(json, record_to_json(one));
  EXPECT_EQ(parse_record<LearningSignalsRecord>(Json::parse(to_text(json)), "x.json"), one);
  json.erase("ModelParameters");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.json", "/ModelParameters"},
                      [&] { parse_record<LearningSignalsRecord>(json, "x.json"); }));
}

TEST_F(StoredLearning, SlopesWithoutStandardErrorsAreRefused) {
  const TemporaryFolder other;
  write_text(other / "s.json", read_bytes(record("staySwitchSlopes")));
  write_text(other / "s.tsv", "participant_id\tintercept\nsub-01\t1\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"s.tsv", "intercept_standard_error"},
                      [&] { read_stay_switch_slopes(other / "s.json"); }));
}

TEST(RowsInTables, AreRefusedByColumnAndCell) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    write_text(folder / "t.tsv", text);
    return refuses(ErrorCode::bad_input, words,
                   [&] { rows_in<RecoveryRow>(read_table(folder / "t.tsv")); });
  };
  EXPECT_TRUE(refused("model\tsimulation\tparameter\ttruth\nm\t1\tw\t0.5\n",
                      {"t.tsv", "no column 'estimate'"}));
  const std::string header = "model\tsimulation\tparameter\ttruth\testimate\n";
  EXPECT_TRUE(refused(header + "m\t1.5\tw\t0.5\t0.4\n",
                      {"t.tsv", "line 2", "simulation", "1.5", "whole number"}));
  EXPECT_TRUE(refused(header + "m\t1\tw\tx\t0.4\n", {"t.tsv", "truth", "x"}));
  write_text(folder / "t.tsv", header + "m\t1\tw\tn/a\t0.4\n");
  const auto rows = rows_in<RecoveryRow>(read_table(folder / "t.tsv"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(std::isnan(rows[0].truth));
  EXPECT_EQ(rows[0].estimate, 0.4);
}

struct SomeRow {
  std::string name;
  long count = 0;
  std::optional<double> p;
};
SOCIOMETER_RECORD(SomeRow) {
  visit("name", self.name, "what it is");
  visit("count", self.count, "how many");
  visit("p", self.p, "two-sided");
}
struct UndescribedRow {
  double x = 0;
};
SOCIOMETER_RECORD(UndescribedRow) { visit("x", self.x); }

TEST(RowsInTables, HaveTheOptionalColumnsThatAllRowsHave) {
  using Rows = std::vector<SomeRow>;
  EXPECT_EQ(table_of(Rows{{"a", 1, {}}, {"b", 2, {}}}), "name\tcount\na\t1\nb\t2\n");
  EXPECT_EQ(table_of(Rows{{"a", 1, 0.5}, {"b", 2, std::nan("")}}),
            "name\tcount\tp\na\t1\t0.5\nb\t2\tn/a\n");
  EXPECT_THROW(table_of(Rows{{"a", 1, 0.5}, {"b", 2, {}}}), std::logic_error);
  EXPECT_THROW(table_of(Rows{{"a", 1, {}}, {"b", 2, 0.5}}), std::logic_error);
  EXPECT_EQ(columns_of_rows(Rows{}).size(), 2u);
  EXPECT_EQ(columns_of_rows(Rows{}, SomeRow{{}, 0, 0}).back().first, "p");
}

TEST(RowsInTables, AreDescribedColumnByColumn) {
  DescribedColumns columns = columns_of_rows(std::vector<SomeRow>{});
  describe_columns(columns, {{"count", "of participants"}});
  EXPECT_EQ(dictionary_of(columns)["count"]["Description"], "of participants");
  EXPECT_THROW(describe_columns(columns, {{"t", "of no column"}}), std::logic_error);
  EXPECT_THROW(dictionary_of(columns_of_rows(std::vector<UndescribedRow>{})), std::logic_error);
}

}  // namespace
}  // namespace sociometer::testing
