#include "engine/stats_models/transformations.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/engine/stats_models/small_models.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::events_of;
using testing::instructions_of;
using testing::refuses;
using testing::says;
using testing::transformed;
using V = std::vector<double>;
using Names = std::vector<std::string>;

EventTable trials() {
  return events_of(
      "onset duration trial_type gain rt\n"
      "2     1        go         3    0.5\n"
      "9     1        stop       -1   n/a\n"
      "16    1        go         0    0.75\n"
      "23    1        n/a        2    1.25\n");
}

bool refused(const EventTable& events, const std::string& list, const Names& words) {
  const auto result = refuses(ErrorCode::bad_input, words, [&] { transformed(events, list); });
  if (!result) ADD_FAILURE() << result.message();
  return bool(result);
}

TEST(Factor, MakesAnIndicatorPerLevelAndRemovesTheColumn) {
  const auto t = transformed(trials(), R"([{"Name": "Factor", "Input": ["trial_type"]}])");
  EXPECT_EQ(t.variables.names(), (Names{"gain", "rt", "trial_type.go", "trial_type.stop"}));
  EXPECT_EQ(t.values("trial_type.go"), (V{1, 0, 1, 0})) << "n/a is no level and in none of them";
  EXPECT_EQ(t.values("trial_type.stop"), (V{0, 1, 0, 0}));
  EXPECT_TRUE(t.sparse("trial_type.go").indicator);
}

TEST(Factor, NamesNumbersAsTheFileDoes) {
  const EventTable events = events_of(
      "onset duration run_type dose  mixed\n"
      "0     1        2        1.0   1\n"
      "1     1        10       2.5   01\n"
      "2     1        2        n/a   x\n");
  const auto t =
      transformed(events, R"([{"Name": "Factor", "Input": ["run_type", "dose", "mixed"]}])");
  EXPECT_EQ(t.variables.names(), (Names{"run_type.2", "run_type.10", "dose.1.0", "dose.2.5",
                                        "mixed.01", "mixed.1", "mixed.x"}))
      << "numbers ascend; a column with a text is text";
}

TEST(Factor, WritesComputedNumbersWithoutPoint) {
  const auto t = transformed(trials(), R"([
    {"Name": "Threshold", "Input": ["gain"], "Binarize": true, "Output": ["rt_reg"]},
    {"Name": "Factor", "Input": ["rt_reg"]}])");
  EXPECT_EQ(t.values("rt_reg.1"), (V{1, 0, 1, 1}));
  EXPECT_EQ(t.values("rt_reg.0"), (V{0, 1, 0, 0}));
}

TEST(Factor, CanLeaveOutALevel) {
  const auto t = transformed(
      trials(), R"([{"Name": "Factor", "Input": "trial_type", "Constraint": "drop_one"}])");
  EXPECT_EQ(t.variables.names(), (Names{"gain", "rt", "trial_type.stop"}));
}

TEST(ImplicitFactor, MakesTheLevelsThatAreNamedAndReportsIt) {
  const auto t = transformed(
      trials(), R"([{"Name": "Copy", "Input": ["trial_type.go"], "Output": ["copy"]}])");
  EXPECT_EQ(t.values("copy"), (V{1, 0, 1, 0}));
  EXPECT_TRUE(says(t.log.notes.notices, "no Factor made 'trial_type.go'"));
  EXPECT_NE(t.variables.find("trial_type"), nullptr) << "the column stays";
}

TEST(ImplicitFactor, MakesAllLevelsOfAGlobAlsoAfterOneWasNamed) {
  const auto t = transformed(trials(), R"([
    {"Name": "Copy", "Input": "trial_type.go", "Output": "copy"},
    {"Name": "Not", "Input": "trial_type.*"}])");
  EXPECT_EQ(t.values("trial_type.stop"), (V{1, 0, 1, 1}));
}

TEST(MissingInputs, AreListedAndLeftOut) {
  const auto t = transformed(trials(), R"([
    {"Name": "Demean", "Input": ["gain", "loss"], "Output": ["gain_d", "loss_d"]},
    {"Name": "Product", "Input": ["gain", "loss"], "Output": "both"},
    {"Name": "Demean", "Input": "nothing*"}])");
  EXPECT_EQ(t.values("gain_d"), (V{2, -2, -1, 1}));
  EXPECT_EQ(t.variables.find("loss_d"), nullptr);
  EXPECT_EQ(t.variables.find("both"), nullptr);
  ASSERT_GE(t.log.missing.size(), 2u);
  EXPECT_EQ(t.log.missing[0].name, "loss");
  EXPECT_EQ(t.log.missing[0].what,
            "Demean (/Nodes/0/Transformations/Instructions/0): Input 'loss'");
  EXPECT_TRUE(says(t.log.notes.notices, "'nothing*' matches no variable"));
}

TEST(Outputs, MustBeAsManyAsInputs) {
  refused(trials(), R"([{"Name": "Demean", "Input": ["gain", "rt"], "Output": ["x"]}])",
          {"1 output(s) for 2 input(s)", "/Nodes/0/Transformations/Instructions/0"});
  refused(trials(), R"([{"Name": "Copy", "Input": ["gain"]}])", {"Copy", "needs an Output"});
  refused(trials(), R"([{"Name": "Sum", "Input": ["gain", "rt"]}])", {"Sum", "one Output"});
}

TEST(Numbers, AreRequiredWithTheLineOfTheText) {
  refused(trials(), R"([{"Name": "Demean", "Input": "trial_type"}])",
          {"'trial_type' has the text 'go'", "events.tsv, line 2", "Factor"});
}

TEST(Scale, RefusesAConstantColumnUnlessMissingValuesAreFilledAfter) {
  const EventTable events = events_of(
      "onset duration same\n"
      "0     1        4\n"
      "1     1        4\n"
      "2     1        n/a\n");
  refused(events, R"([{"Name": "Scale", "Input": "same"}])", {"all values of 'same' are 4"});
  const auto t =
      transformed(events, R"([{"Name": "Scale", "Input": "same", "ReplaceNA": "after"}])");
  EXPECT_EQ(t.values("same"), (V{0, 0, 0}));
  EXPECT_FALSE(t.sparse("same").values[0].filled);
  EXPECT_TRUE(t.sparse("same").values[2].filled) << "no trial of the modulator";
  const auto demeaned = transformed(events, R"([{"Name": "Demean", "Input": "same"}])");
  EXPECT_EQ(demeaned.values("same")[0], 0);
  EXPECT_TRUE(std::isnan(demeaned.values("same")[2]));
}

TEST(Threshold, WarnsOfTrialsThatTheAllTrialsIdiomLoses) {
  const auto t = transformed(
      trials(), R"([{"Name": "Threshold", "Input": "gain", "Binarize": true, "Output": "all"}])");
  EXPECT_EQ(t.values("all"), (V{1, 0, 1, 1})) << "zero stays a trial, a negative value does not";
  EXPECT_TRUE(says(t.log.notes.warnings, "1 of 4 events of 'gain' become 0"));
  EXPECT_TRUE(says(t.log.notes.warnings, "line 3 of events.tsv"));
  const auto missing = transformed(
      trials(), R"([{"Name": "Threshold", "Input": "rt", "Binarize": true, "Output": "all"}])");
  EXPECT_EQ(missing.values("all"), (V{1, 0, 1, 1}));
  EXPECT_TRUE(says(missing.log.notes.warnings, "1 without a value"));
}

TEST(Arithmetic, ChangesTimesOfAllEventsOrOfChosenRows) {
  const auto t = transformed(trials(), R"([
    {"Name": "Add", "Input": "onset", "Value": "3", "Query": "trial_type == go"},
    {"Name": "Divide", "Input": ["duration"], "Value": 2},
    {"Name": "Subtract", "Input": "gain", "Value": 1, "Query": "rt > 0.6"}])");
  EXPECT_EQ(t.sparse("gain").onset_s, (V{5, 9, 19, 23}));
  EXPECT_EQ(t.sparse("trial_type").duration_s, (V{0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(t.values("gain"), (V{3, -1, -1, 1})) << "a row without rt is not chosen";
}

TEST(Product, OfMissingValuesIsMissingAndOfOtherEventsRefused) {
  const auto t =
      transformed(trials(), R"([{"Name": "Product", "Input": ["gain", "rt"], "Output": "p"}])");
  EXPECT_TRUE(std::isnan(t.values("p")[1])) << "pandas would take the value that is there";
  refused(trials(), R"([{"Name": "Filter", "Input": "rt", "Query": "gain > 0", "Output": "r"},
                        {"Name": "Product", "Input": ["gain", "r"], "Output": "p"}])",
          {"'gain' and 'r' do not have the same events (4 and 2)"});
}

TEST(Logic, TakesMissingValuesAsFalse) {
  const auto t = transformed(trials(), R"([
    {"Name": "And", "Input": ["gain", "rt"], "Output": "and"},
    {"Name": "OR", "Input": ["gain", "rt"], "Output": "or"},
    {"Name": "Not", "Input": "rt", "Output": "not"},
    {"Name": "And", "Input": ["trial_type", "gain"], "Output": "text"}])");
  EXPECT_EQ(t.values("and"), (V{1, 0, 0, 1}));
  EXPECT_EQ(t.values("or"), (V{1, 1, 1, 1}));
  EXPECT_EQ(t.values("not"), (V{0, 0, 0, 0})) << "not of a missing value is not true either";
  EXPECT_EQ(t.values("text"), (V{1, 1, 0, 0}));
}

TEST(Assign, GivesDurationsByRowAndReportsRowsWithoutOne) {
  const auto t = transformed(trials(), R"([
    {"Name": "Copy", "Input": ["trial_type"], "Output": ["rt_reg"]},
    {"Name": "Replace", "Input": ["rt_reg"], "Replace": {"go": "rt", "stop": "rt"}, "Attribute": "value"},
    {"Name": "Factor", "Input": ["rt_reg"]},
    {"Name": "Assign", "Input": ["rt"], "Target": ["rt_reg.rt"], "TargetAttr": "duration"}])");
  const SparseVariable& made = t.sparse("rt_reg.rt");
  EXPECT_EQ(made.duration_s, (V{0.5, 1, 0.75, 1.25}));
  EXPECT_TRUE(made.values[1].missing()) << "the event has no response time: it cannot be placed";
  EXPECT_EQ(made.values[3].number, 0);
  EXPECT_TRUE(says(t.log.notes.warnings, "'rt' has no value for 1 of 3 events of 'rt_reg.rt'"));
  EXPECT_TRUE(says(t.log.notes.warnings, "line 3 of events.tsv"));
}

TEST(Assign, GivesValuesAndOnsetsAndNeedsPairs) {
  const auto t = transformed(trials(), R"([
    {"Name": "Assign", "Input": "gain", "Target": "rt", "Output": "swapped"},
    {"Name": "Assign", "Input": "gain", "Target": "rt", "InputAttr": "onset", "Output": "when"},
    {"Name": "Assign", "Input": "rt", "Target": "gain", "TargetAttr": "onset", "Output": "moved"}])");
  EXPECT_EQ(t.values("swapped")[0], 3);
  EXPECT_EQ(t.values("when")[2], 16);
  EXPECT_EQ(t.sparse("moved").onset_s[2], 0.75);
  refused(trials(), R"([{"Name": "Assign", "Input": ["rt", "gain"], "Target": ["rt"]}])",
          {"2 Input(s) for 1 Target(s)"});
}

TEST(Assign, WarnsNothingWhenOnlyNonEventsLackAValue) {
  const auto t = transformed(trials(), R"([
    {"Name": "Assign", "Input": ["rt"], "Target": ["trial_type.go"], "TargetAttr": "duration"}])");
  EXPECT_TRUE(t.log.notes.warnings.empty());
  EXPECT_EQ(t.sparse("trial_type.go").duration_s[2], 0.75);
}

TEST(Replace, MatchesNumbersAsNumbersAndMissingValues) {
  const auto t = transformed(trials(), R"([
    {"Name": "Threshold", "Input": "gain", "Binarize": true, "Output": "flag"},
    {"Name": "Replace", "Input": "flag", "Replace": {"1.0": "rt", "0": "none"}},
    {"Name": "Replace", "Input": "trial_type", "Replace": {"n/a": "fix", "go": "stop", "stop": "go"}}])");
  EXPECT_EQ(t.texts("flag"), (Names{"rt", "none", "rt", "rt"}));
  EXPECT_EQ(t.texts("trial_type"), (Names{"stop", "go", "stop", "fix"}))
      << "pairs of an object all look at the old value";
}

TEST(Replace, TakesRegularExpressionsFromAListOfPairs) {
  const auto t = transformed(trials(), R"([
    {"Name": "Replace", "Input": "trial_type", "Output": "kind",
     "Replace": [{"key": "s.*", "value": "late"}, {"key": "g", "value": "never"}]},
    {"Name": "Replace", "Input": "gain", "Replace": [{"key": -1, "value": 7}]},
    {"Name": "Replace", "Input": "rt", "Replace": {"1": 4}, "Attribute": "duration"}])");
  EXPECT_EQ(t.texts("kind"), (Names{"go", "late", "go", ""})) << "the whole text must match";
  EXPECT_EQ(t.values("gain"), (V{3, 7, 0, 2}));
  EXPECT_EQ(t.sparse("rt").duration_s, (V{4, 4, 4, 4}));
  refused(
      trials(),
      R"([{"Name": "Replace", "Input": "trial_type", "Replace": [{"key": "(", "value": "x"}]}])",
      {"regular expression"});
}

TEST(Replace, RefusesExpressionsWithoutEnd) {
  const auto replace = [](const std::string& key) {
    return R"([{"Name": "Replace", "Input": "trial_type", "Replace": [{"key": ")" + key +
           R"(", "value": "x"}]}])";
  };
  refused(trials(), replace(std::string(60000, '(') + std::string(60000, ')')), {"50 parentheses"});
  // Exponential for a matcher that backtracks.
  std::string stars;
  for (int i = 0; i < 9; ++i) stars += "(.*)*";
  EXPECT_EQ(transformed(trials(), replace(stars + "q")).texts("trial_type")[0], "go");
}

TEST(Filter, KeepsTheRowsOfItsQuery) {
  const auto t = transformed(trials(), R"([
    {"Name": "Filter", "Input": "gain", "Query": "trial_type == 'go'", "Output": "a"},
    {"Name": "Filter", "Input": "gain", "Query": "rt <= 0.75", "Output": "b"},
    {"Name": "Filter", "Input": "gain", "Query": "trial_type != go", "Output": "c"},
    {"Name": "DropNA", "Input": "rt", "Output": "d"}])");
  EXPECT_EQ(t.values("a"), (V{3, 0}));
  EXPECT_EQ(t.values("b"), (V{3, 0}));
  EXPECT_EQ(t.values("c"), (V{-1})) << "a missing value passes no query";
  EXPECT_EQ(t.values("d"), (V{0.5, 0.75, 1.25}));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"gain > 1 and rt < 2", "COLUMN OPERATOR VALUE"}, [] {
    instructions_of(R"([{"Name": "Filter", "Input": "gain", "Query": "gain > 1 and rt < 2"}])");
  }));
}

TEST(Split, MakesAVariablePerLevelNamedAsInPybids) {
  const auto t =
      transformed(trials(), R"([{"Name": "Split", "Input": "gain", "By": "trial_type"}])");
  EXPECT_EQ(t.values("gain.trial_type[go]"), (V{3, 0}));
  EXPECT_EQ(t.values("gain.trial_type[stop]"), (V{-1}));
  EXPECT_EQ(t.values("gain").size(), 4u);
}

TEST(Concatenate, JoinsTextsAsInTheFile) {
  const auto t = transformed(trials(), R"([
    {"Name": "Concatenate", "Input": ["trial_type", "rt"], "Output": "both"}])");
  EXPECT_EQ(t.texts("both"), (Names{"go_0.5", "", "go_0.75", ""}));
}

/// The example in bids-matlab's documentation of LabelIdenticalRows.
TEST(LabelIdenticalRows, CountsEqualRows) {
  const EventTable events = events_of(
      "onset duration trial_type stim_type\n"
      "1 1 face 1\n2 1 face 1\n3 1 house 1\n4 1 house 2\n5 1 house 5\n6 1 house 2\n7 1 chair "
      "n/a\n");
  const auto t =
      transformed(events, R"([{"Name": "LabelIdenticalRows", "Input": ["trial_type", "stim_type"]},
                  {"Name": "LabelIdenticalRows", "Input": ["stim_type"], "Cumulative": true, "Output": ["n"]}])");
  EXPECT_EQ(t.values("trial_type_label"), (V{1, 2, 1, 2, 3, 4, 1}));
  EXPECT_EQ(t.values("stim_type_label"), (V{1, 2, 3, 1, 1, 1, 1}));
  EXPECT_EQ(t.values("n"), (V{1, 2, 3, 1, 1, 2, 1}));
}

TEST(Columns, AreCopiedRenamedDeletedSelectedAndMade) {
  const auto t = transformed(trials(), R"([
    {"Name": "Constant", "Value": 2, "Output": "cst"},
    {"Name": "Rename", "Input": ["gain", "rt"], "Output": ["rt", "gain"]},
    {"Name": "Delete", "Input": "trial_type"}])");
  EXPECT_EQ(t.variables.names(), (Names{"cst", "rt", "gain"}));
  EXPECT_EQ(t.values("cst"), (V{2, 2, 2, 2}));
  EXPECT_EQ(t.values("rt"), (V{3, -1, 0, 2})) << "names can be exchanged";
  const auto s = transformed(trials(), R"([{"Name": "Select", "Input": ["rt", "ga*"]}])");
  EXPECT_EQ(s.variables.names(), (Names{"gain", "rt"}));
}

TEST(Lag, RefusesSplines) {
  refused(trials(), R"([{"Name": "Lag", "Input": "gain", "Shift": 0.5}])",
          {"Shift 0.5", "order 3", "Order 1"});
}

TEST(Convolve, TakesAmplitudesWhereTheyAreAndNamesDerivatives) {
  const auto t = transformed(trials(), R"([
    {"Name": "Convolve", "Input": ["rt"], "Model": "spm", "Derivative": "True", "Dispersion": true}])");
  EXPECT_EQ(t.variables.names(), (std::vector<std::string>{"trial_type", "gain", "rt",
                                                           "rt_derivative", "rt_dispersion"}));
  // Against the engine's own regressor of the three events that have a value.
  Stimulus stimulus{"rt", {2, 16, 23}, {1, 1, 1}, {0.5, 0.75, 1.25}};
  Eigen::VectorXd frames(40);
  for (Eigen::Index i = 0; i < 40; ++i) frames[i] = 2.0 * double(i);
  const auto expected =
      nilearn_regressors(stimulus, frames, parse_hrf_model("spm + derivative + dispersion"), {});
  Eigen::MatrixXd made(40, 3);
  made << t.dense("rt").values, t.dense("rt_derivative").values, t.dense("rt_dispersion").values;
  EXPECT_TRUE(close_by_column(made, expected.values, 1e-15));
  // 0.5, 0.75, 1.25: mean 5/6, variance 7/48.
  EXPECT_NEAR(t.dense("rt").trial_sd, std::sqrt(7.0 / 48), 1e-15);
}

TEST(Convolve, OfTextIsRefusedWithItsLine) {
  refused(trials(), R"([{"Name": "Convolve", "Input": ["trial_type"]}])",
          {"Convolve", "'go'", "events.tsv, line 2", "trial_type.go"});
}

TEST(Convolve, OfConfoundsTakesBoxcarsOfScansAndIsDoneOnce) {
  NamedColumns confounds{{"motor"}, Eigen::MatrixXd::Zero(40, 1)};
  confounds.values(4, 0) = 2;
  const auto t = transformed(trials(), R"([
    {"Name": "Convolve", "Input": "motor"}, {"Name": "Convolve", "Input": "motor"}])",
                             confounds);
  Eigen::VectorXd frames(40);
  for (Eigen::Index i = 0; i < 40; ++i) frames[i] = 2.0 * double(i);
  const auto expected = nilearn_regressors({"motor", {8}, {2}, {2}}, frames, HrfModel{}, {});
  EXPECT_TRUE(close_by_column(t.dense("motor").values, expected.values, 1e-14));
  EXPECT_TRUE(says(t.log.notes.warnings, "'motor' is convolved already"));
}

TEST(Convolve, WithFirMakesAColumnPerDelay) {
  const auto t = transformed(
      trials(),
      R"([{"Name": "Convolve", "Input": "trial_type.go", "Model": "fir", "FirDelays": [0, 2]}])");
  EXPECT_NE(t.variables.find("trial_type.go_delay_0"), nullptr);
  EXPECT_NE(t.variables.find("trial_type.go_delay_2"), nullptr);
  EXPECT_EQ(t.variables.find("trial_type.go"), nullptr);
}

}  // namespace
}  // namespace sociometer
