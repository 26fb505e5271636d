// Columns that are made of others, joins, and mediation.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/mixed/joined_table.hpp"
#include "engine/mixed/mediation.hpp"
#include "tests/engine/mixed/mixed_goldens.hpp"

namespace sociometer::testing {
namespace mixed_tables {

using Words = std::vector<std::string>;

/// Two participants, the second with two runs; trial 3 of the first is not there.
MixedTable trial_rows() {
  MixedTable out;
  out.add(column_of_words("participant_id", {"a", "a", "a", "b", "b", "b", "b"}));
  out.add(column_of_words("run", {"1", "1", "1", "1", "1", "2", "2"}));
  out.add(column_of_words("trial", {"1", "2", "4", "2", "1", "1", "2"}));
  out.add(column_of_words("choice", {"x", "x", "y", "y", "x", "x", ""}));
  out.add(column_of_words("value", {"1", "2", "6", "4", "8", "2", "6"}));
  return out;
}

TEST(MixedTables, ShiftWithinTheRun) {
  MixedTable table = trial_rows();
  const TrialSequence sequence{{"participant_id", "run"}, "trial", false};
  add_shifted(table, "value", sequence, -1);
  add_shifted(table, "choice", sequence, 1);
  add_stay(table, "choice", sequence);
  EXPECT_EQ(table.at("value_lag1").words, (Words{"", "1", "2", "8", "", "", "2"}));
  EXPECT_EQ(table.at("choice_lead1").words, (Words{"x", "y", "", "", "y", "", ""}));
  EXPECT_EQ(table.at("choice_stay").words, (Words{"1", "0", "", "", "0", "", ""}));
}

TEST(MixedTables, KeepOrderOfRowsWithoutAnOrder) {
  MixedTable table = trial_rows();
  add_shifted(table, "value", {{"participant_id"}, "", false}, 2);
  EXPECT_EQ(table.at("value_lead2").words, (Words{"6", "", "", "2", "6", "", ""}));
}

TEST(MixedTables, LeaveGapsOpenIfAsked) {
  MixedTable table = trial_rows();
  add_shifted(table, "value", {{"participant_id", "run"}, "trial", true}, -1);
  EXPECT_EQ(table.at("value_lag1").words, (Words{"", "1", "", "8", "", "", "2"}));
}

TEST(MixedTables, DoNotShiftFromFileToFile) {
  MixedTable table = trial_rows();
  table.file = {0, 0, 1, 1, 1, 2, 2};
  const TrialSequence sequence{{"participant_id"}, "", false};
  add_shifted(table, "value", sequence, -1);
  EXPECT_EQ(table.at("value_lag1").words, (Words{"", "1", "", "", "4", "", "2"}));
  keep_rows(table, "participant_id", "b");
  EXPECT_EQ(table.file, (std::vector<size_t>{1, 1, 2, 2}));
}

TEST(MixedTables, KeepSomeRows) {
  MixedTable table = trial_rows();
  keep_rows(table, "trial", "1.0");
  EXPECT_EQ(table.at("value").words, (Words{"1", "8", "2"}));
  keep_rows(table, "participant_id", "b");
  EXPECT_EQ(table.n_rows, 2u);
  EXPECT_THROW(keep_rows(table, "choice", "z"), Error);
}

TEST(MixedTables, WriteOneValueInOneWay) {
  const MixedColumn column = column_of_words("c", {"1", "1.0", "", "2.0", "1e0", "2", "01"});
  EXPECT_EQ(column.words, (Words{"1", "1", "", "2.0", "1", "2.0", "01"}));
  EXPECT_EQ(category_levels(column.words), (Words{"01", "1", "2.0"}));
  // Words are as they are.
  EXPECT_EQ(column_of_words("c", {"1", "1.0", "x"}).words, (Words{"1", "1.0", "x"}));
}

TEST(MixedTables, RefuseTwoTrialsInOnePlace) {
  MixedTable table = trial_rows();
  EXPECT_THROW(add_shifted(table, "value", {{"participant_id"}, "trial", false}, 1), Error);
}

TEST(MixedTables, KeepTheBetweenPartOfCentring) {
  MixedTable table = trial_rows();
  add_centred(table, "value", "participant_id");
  const auto &within = table.at("value_within").numbers,
             &between = table.at("value_between").numbers;
  // Means are 3 and 5; the mean of these is 4.
  for (size_t i = 0; i < 7; ++i) {
    EXPECT_DOUBLE_EQ(within[i] + between[i] + 4, table.at("value").numbers[i]);
    EXPECT_DOUBLE_EQ(between[i], i < 3 ? -1 : 1);
  }
  add_standardised(table, "value");
  EXPECT_NEAR(table.at("value_z").numbers[0], (1 - 29. / 7) / std::sqrt(286. / 42), 1e-12);
  EXPECT_THROW(add_centred(table, "choice", "participant_id"), Error);
  EXPECT_THROW(add_standardised(table, "value"), Error);  // a column of that name
}

TEST(MixedTables, JoinTrials) {
  MixedTable table = trial_rows(), other;
  other.add(column_of_words("participant_id", {"b", "a", "a"}));
  other.add(column_of_words("run", {"02", "1", "1"}));
  other.add(column_of_words("trial", {"1", "2", "1.0"}));
  other.add(column_of_words("dACC", {"0.5", "1.5", "2.5"}));
  other.add(column_of_words("value", {"2", "2", "1"}));
  const Words keys{"participant_id", "run", "trial"};
  EXPECT_EQ(shared_columns(table, other, {"run", "trial", "session"}), (Words{"run", "trial"}));
  const JoinCounts counts = join_table(table, other, keys);
  EXPECT_EQ(counts.columns, (Words{"dACC"}));
  EXPECT_EQ(counts.without_match, 4u);
  EXPECT_EQ(table.at("dACC").words, (Words{"2.5", "1.5", "", "", "", "0.5", ""}));
  // A value that the first table lacks.
  MixedTable lacking = trial_rows(), with = other;
  lacking.columns[4] = column_of_words("value", {"", "2", "6", "4", "8", "2", "6"});
  with.columns.erase(with.columns.begin() + 3);
  join_table(lacking, with, keys);
  EXPECT_EQ(lacking.at("value").words[0], "1");
  EXPECT_EQ(lacking.at("value").numbers[0], 1);
  other.columns.back().numbers[0] = 7;
  EXPECT_THROW(join_table(table, other, keys), Error);                // another value of the trial
  EXPECT_THROW(join_table(table, other, {"participant_id"}), Error);  // two rows of a
}

MediationPlan plan(int bootstraps) {
  MediationPlan out;
  out.x = "x", out.m = "m", out.y = "y", out.bootstraps = bootstraps;
  return out;
}

TEST(Mediations, HaveTheSlopesOfR) {
  MediationPlan of_trials = plan(100);
  of_trials.x = "update", of_trials.m = "value", of_trials.y = "beta";
  of_trials.participant = "participant";
  const Mediation found = mediate(mixed_golden("trials"), of_trials);
  const MixedTable paths = mixed_golden("mediation");
  ASSERT_EQ(found.participants, paths.at("participant").words);
  const char* names[] = {"a", "b", "direct", "total"};
  for (Eigen::Index k = 0; k < 4; ++k)
    for (Eigen::Index i = 0; i < found.slopes.rows(); ++i)
      EXPECT_NEAR(found.slopes(i, k), paths.at(names[k]).numbers[size_t(i)], 1e-10);
}

/// a, b and direct paths per participant; noise and participants from a counter.
MixedTable mediated(double a, double b, uint64_t seed, uint64_t people = 20) {
  MixedTable out;
  std::vector<std::string> names;
  std::vector<double> x, m, y;
  for (uint64_t i = 0; i < people; ++i) {
    const CounterRandom random(seed, i);
    const double own_a = a + 0.3 * random.normal(1000), own_b = b + 0.3 * random.normal(1001);
    for (uint64_t t = 0; t < 25; ++t) {
      names.push_back(std::to_string(i));
      x.push_back(random.normal(3 * t));
      m.push_back(own_a * x.back() + random.normal(3 * t + 1));
      y.push_back(own_b * m.back() + 0.2 * x.back() + random.normal(3 * t + 2));
    }
  }
  out.add(column_of_words("participant_id", names));
  out.add(column_of_numbers("x", x));
  out.add(column_of_numbers("m", m));
  out.add(column_of_numbers("y", y));
  return out;
}

TEST(Mediations, FindTheProductOfPaths) {
  const Mediation found = mediate(mediated(0.5, 0.4, 5), plan(2000));
  const auto& indirect = found.paths[4];
  EXPECT_NEAR(found.paths[0].mean, 0.5, 0.3);
  EXPECT_NEAR(found.paths[1].mean, 0.4, 0.2);
  EXPECT_GT(indirect.low, 0);
  EXPECT_LT(indirect.low, indirect.mean);
  EXPECT_GT(indirect.high, indirect.mean);
  // What is not direct is indirect, in each participant and on average.
  EXPECT_NEAR(found.paths[3].mean, found.paths[2].mean + indirect.mean, 1e-12);
  EXPECT_NEAR(found.product_of_means + found.covariance, indirect.mean, 1e-12);
  const Mediation again = mediate(mediated(0.5, 0.4, 5), plan(2000));
  EXPECT_EQ(again.paths[4].low, indirect.low);
}

TEST(Mediations, HaveFewFalsePositives) {
  int shown = 0;
  constexpr int kStudies = 300;
  for (int s = 0; s < kStudies; ++s) {
    const Mediation found = mediate(mediated(0.5, 0, 100 + uint64_t(s), 40), plan(1000));
    shown += found.paths[4].low > 0 || found.paths[4].high < 0;
  }
  EXPECT_LT(double(shown) / kStudies, 0.09);
  EXPECT_GT(double(shown) / kStudies, 0.02);
}

TEST(Mediations, LeaveOutWhoHasNoSpread) {
  MixedTable table = mediated(0.5, 0.4, 7);
  for (size_t i = 0; i < 25; ++i) table.columns[1].numbers[i] = 1;
  const Mediation found = mediate(table, plan(100));
  EXPECT_EQ(found.left_out, (Words{"0"}));
  EXPECT_EQ(found.participants.size(), 19u);
  for (size_t i = 0; i < 25; ++i) table.columns[1].numbers[i] = 0.1;
  EXPECT_EQ(mediate(table, plan(100)).left_out, (Words{"0"}));
  for (size_t i = 0; i < 25; ++i) table.columns[1].numbers[i] = NAN;
  const Mediation missing = mediate(table, plan(100));
  EXPECT_EQ(missing.left_out, (Words{"0"}));
  EXPECT_EQ(missing.n_dropped, 25u);
  EXPECT_FALSE(missing.y_is_binary);
  MixedTable constant;
  constant.add(column_of_numbers("c", std::vector<double>(600, 0.1)));
  EXPECT_THROW(add_standardised(constant, "c"), Error);
}

}  // namespace mixed_tables
}  // namespace sociometer::testing
