// Single trials of a design that a stats model made: those of the same design made of conditions
// and modulators, and what only a model can have.
#include "engine/design/model_trials.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/engine/stats_models/game.hpp"
#include "tests/engine/stats_models/small_models.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace model_trials {

using testing::close_by_column;
using testing::game;
using testing::game_events;
using testing::kScans;
using testing::kTr;
using testing::refuses;
using testing::run_model;

const std::string kScaled = R"({"Name": "Factor", "Input": ["trial_type"]},
  {"Name": "Scale", "Input": ["outcome", "rank"], "Rescale": false, "ReplaceNA": "after",
   "Output": ["outcome_c", "rank_c"]})";

/// A node with these instructions, and X of the task's columns with derivatives.
std::string node_of(const std::string& instructions, const std::string& x,
                    const std::string& grid = "nilearn") {
  return R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [)" +
         instructions + R"(]}, "Model": {"Type": "glm", "X": [)" + x +
         R"(, 1], "Software": {"Sociometer": {"HrfGrid": ")" + grid + "\"}}}";
}

std::string convolve(const std::string& variables, const std::string& more = "") {
  return R"(, {"Name": "Convolve", "Model": "spm", "Input": [)" + variables + "]" + more + "}";
}

ModelDesign designed(const std::string& node) {
  const ReadModel read = run_model(node);
  return run_design(read.model.nodes[0], RunVariables(game(), std::nullopt), {kTr, kScans, 0});
}

SingleTrials split(const ModelDesign& model, TrialOptions options) {
  options.types = trial_columns({model.event_columns}, options.types);
  return split_trials(model.event_columns, model.design, kTr, model.options, options);
}

TrialOptions trials_of(std::vector<std::string> types, TrialMethod method = TrialMethod::lss,
                       TrialOthers others = TrialOthers::condition) {
  return {method, others, TrialAmplitude::response, std::move(types)};
}

/// The names of a command's columns as the model has them.
std::string in_model(const std::string& name) {
  using Pair = std::pair<std::string, std::string>;
  for (const auto& [from, to] :
       {Pair{"feedback:outcome", "outcome_c"}, Pair{"feedback:rank", "rank_c"},
        Pair{"feedback", "trial_type.feedback"}, Pair{"choice", "trial_type.choice"}})
    if (name == from || name.starts_with(from + "_")) return to + name.substr(from.size());
  return name;
}

/// The same columns by name, whatever their order, and the same shares in them.
void expect_same_models(const SingleTrials& model, const SingleTrials& events) {
  ASSERT_EQ(model.model.n_columns(), events.model.n_columns());
  for (Eigen::Index j = 0; j < events.model.n_columns(); ++j) {
    const std::string name = in_model(events.model.names[size_t(j)]);
    const Eigen::Index at = model.model.find(name);
    ASSERT_GE(at, 0) << name;
    EXPECT_TRUE(close_by_column(model.model.values.col(at), events.model.values.col(j), 1e-12))
        << name;
  }
  ASSERT_EQ(model.shares.size(), events.shares.size());
  for (size_t t = 0; t < model.shares.size(); ++t) {
    ASSERT_EQ(model.shares[t].size(), events.shares[t].size()) << "trial " << t;
    for (const auto& share : events.shares[t]) {
      const std::string name = in_model(events.model.names[size_t(share.first_column)]);
      const auto same = std::find_if(
          model.shares[t].begin(), model.shares[t].end(),
          [&](const auto& other) { return model.model.names[size_t(other.first_column)] == name; });
      ASSERT_NE(same, model.shares[t].end()) << name << " of trial " << t;
      EXPECT_NEAR(same->weight, share.weight, 1e-14);
    }
  }
}

struct Same {
  const char* grid;
  bool derivative;
  TrialMethod method;
  TrialOthers others;
  friend void PrintTo(const Same& c, std::ostream* out) {
    *out << c.grid << (c.derivative ? " with derivative, " : ", ") << name_of(c.method) << ", "
         << name_of(c.others);
  }
};

class ModelTrials : public ::testing::TestWithParam<Same> {};

TEST_P(ModelTrials, AreThoseOfTheSameConditionsAndModulators) {
  const Same& same = GetParam();
  const std::string variables =
      R"("trial_type.choice", "trial_type.feedback", "outcome_c", "rank_c")";
  const ModelDesign model = designed(node_of(
      kScaled + convolve(variables, same.derivative ? R"(, "Derivative": true)" : ""),
      R"("trial_type.choice*", "trial_type.feedback*", "outcome_c*", "rank_c*")", same.grid));
  ASSERT_EQ(model.event_columns.size(), 4u);
  const TrialOptions options{same.method, same.others, TrialAmplitude::response, {"feedback"}};
  const SingleTrials of_model = split(model, options);

  DesignOptions design;
  design.hrf = parse_hrf_model(same.derivative ? "spm + derivative" : "spm");
  design.grid = same.grid == std::string("spm") ? HrfGrid::spm : HrfGrid::nilearn;
  design.modulators = {parse_modulators("feedback:outcome,rank")};
  const SingleTrials of_events = split_trials(
      game_events(), make_design(game_events(), {}, kTr, kScans, design), kTr, design, options);
  EXPECT_EQ(of_model.events, of_events.events);
  EXPECT_EQ(of_model.n_functions, of_events.n_functions);
  EXPECT_TRUE(close_by_column(of_model.columns, of_events.columns, 1e-12));
  expect_same_models(of_model, of_events);
  for (size_t t = 0; t < of_model.n_trials(); ++t)
    EXPECT_EQ(of_model.trials[t].type, of_events.trials[t].type);
}

INSTANTIATE_TEST_SUITE_P(
    All, ModelTrials,
    ::testing::Values(Same{"nilearn", false, TrialMethod::lss, TrialOthers::condition},
                      Same{"nilearn", true, TrialMethod::lss, TrialOthers::condition},
                      Same{"nilearn", true, TrialMethod::lss, TrialOthers::all},
                      Same{"nilearn", true, TrialMethod::lsa, TrialOthers::condition},
                      Same{"spm", false, TrialMethod::lss, TrialOthers::condition},
                      Same{"spm", true, TrialMethod::lsa, TrialOthers::condition}));

using Names = std::vector<std::string>;

const std::string kAny = R"({"Name": "Factor", "Input": ["trial_type"]},
  {"Name": "Or", "Input": ["trial_type.choice", "trial_type.feedback"], "Output": ["any"]})";

Eigen::VectorXd column_of(const DesignMatrix& design, const std::string& name) {
  return design.values.col(design.find(name));
}

TEST(ModelTrialColumns, KeepTheEventsThatAreNotSplit) {
  const ModelDesign model = designed(node_of(kAny + convolve(R"("trial_type.feedback", "any")"),
                                             R"("trial_type.feedback", "any")"));
  const SingleTrials trials = split(model, trials_of({"trial_type.feedback"}));
  ASSERT_EQ(trials.n_trials(), 4u);
  EXPECT_EQ(trials.events, (std::vector<size_t>{1, 3, 5, 7}));
  EXPECT_TRUE(
      close_by_column(column_of(trials.model, "any"), column_of(model.design, "any"), 1e-12));
  for (const auto& shares : trials.shares) ASSERT_EQ(shares.size(), 2u) << "feedback and any";
  // With a column per trial, the column keeps the other events alone.
  const SingleTrials all = split(model, trials_of({"feedback"}, TrialMethod::lsa));
  Eigen::VectorXd feedback = Eigen::VectorXd::Zero(kScans);
  for (Eigen::Index t = 0; t < 4; ++t) feedback += all.columns.col(t);
  EXPECT_TRUE(close_by_column(column_of(all.model, "any") + feedback,
                              column_of(model.design, "any"), 1e-12));
}

TEST(ModelTrialColumns, AreConditionsUnlessNamed) {
  const ModelDesign model =
      designed(node_of(kScaled + convolve(R"("trial_type.feedback", "outcome_c")"),
                       R"("trial_type.feedback", "outcome_c")"));
  const SingleTrials trials = split(model, {});
  ASSERT_EQ(trials.n_trials(), 4u) << "outcome_c has other amplitudes than 1";
  EXPECT_EQ(trials.trials[0].type, "feedback");
  EXPECT_EQ(trials.trials[2].onset_s, 41.7);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"trial type 'other'", "trial_type.feedback"},
                      [&] { split(model, trials_of({"other"})); }));
}

/// A modulator of 0 and 1 has only amplitudes of 1, as events of amplitude 0 are none.
TEST(ModelTrialColumns, OfZerosAndOnesAreModulatorsOfTheTrialsBeforeThem) {
  const std::string won = R"({"Name": "Factor", "Input": ["trial_type"]},
    {"Name": "Threshold", "Input": ["outcome"], "Binarize": true, "Output": ["won"]})";
  const ModelDesign model =
      designed(node_of(won + convolve(R"("trial_type.choice", "trial_type.feedback", "won")"),
                       R"("trial_type.choice", "trial_type.feedback", "won")"));
  EXPECT_EQ(trial_columns({model.event_columns}, {}),
            (Names{"trial_type.choice", "trial_type.feedback"}));
  for (const TrialOthers others : {TrialOthers::condition, TrialOthers::all}) {
    const SingleTrials trials = split(model, trials_of({}, TrialMethod::lss, others));
    EXPECT_EQ(trials.n_trials(), 8u);
    ASSERT_GE(trials.model.find("won"), 0) << name_of(others);
    EXPECT_TRUE(
        close_by_column(column_of(trials.model, "won"), column_of(model.design, "won"), 1e-12));
  }
  // Before the condition it would own some of its trials.
  const ModelDesign first = designed(node_of(won + convolve(R"("won", "trial_type.feedback")"),
                                             R"("won", "trial_type.feedback")"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'won'", "'trial_type.feedback'", "one only"},
                      [&] { split(first, {}); }));
  EXPECT_EQ(split(first, trials_of({"feedback"})).n_trials(), 4u);
}

TEST(ModelTrialColumns, AreDecidedOverAllRuns) {
  const ModelDesign model =
      designed(node_of(kScaled + convolve(R"("trial_type.choice", "outcome_c")"),
                       R"("trial_type.choice", "outcome_c")"));
  std::vector<EventColumn> other = model.event_columns;
  for (double& weight : other[1].stimulus.weight) weight = 1;
  EXPECT_EQ(trial_columns({other}, {}), (Names{"trial_type.choice", "outcome_c"}));
  EXPECT_EQ(trial_columns({other, model.event_columns}, {}), Names{"trial_type.choice"});
}

TEST(ModelTrialColumns, OfARunWithoutTrialsAreAllKept) {
  const ModelDesign model =
      designed(node_of(kScaled + convolve(R"("trial_type.choice")"), R"("trial_type.choice")"));
  const SingleTrials none =
      split_trials(model.event_columns, model.design, kTr, model.options,
                   trials_of({"trial_type.feedback"}, TrialMethod::lss, TrialOthers::all));
  EXPECT_EQ(none.n_trials(), 0u);
  EXPECT_EQ(none.model.names, model.design.names);
  EXPECT_TRUE(close_by_column(none.model.values, model.design.values, 0));
}

TEST(ModelTrialColumns, ThatWereChangedAfterConvolveStay) {
  const ModelDesign model =
      designed(node_of(kScaled + convolve(R"("trial_type.feedback", "outcome_c")") +
                           R"(, {"Name": "Scale", "Input": ["outcome_c"]})",
                       R"("trial_type.feedback", "outcome_c")"));
  ASSERT_EQ(model.event_columns.size(), 1u);
  const SingleTrials trials = split(model, {});
  EXPECT_EQ(trials.shares[0].size(), 1u);
  EXPECT_TRUE(close_by_column(column_of(trials.model, "outcome_c"),
                              column_of(model.design, "outcome_c"), 0));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'outcome_c'", "changed after Convolve"},
                      [&] { split(model, trials_of({}, TrialMethod::lsa)); }));
}

TEST(ModelTrialColumns, KnowTheirDerivativesByOriginAndNotByName) {
  const std::string derivative = "trial_type.feedback_derivative";
  const std::string convolved =
      kScaled + convolve(R"("trial_type.feedback")", R"(, "Derivative": true)");
  const ModelDesign renamed = designed(node_of(
      convolved + R"(, {"Name": "Rename", "Input": ["trial_type.feedback"], "Output": ["fb"]})",
      R"("fb", "trial_type.feedback_derivative")"));
  const SingleTrials trials = split(renamed, trials_of({"fb"}));
  EXPECT_EQ(trials.n_functions, 2);
  EXPECT_EQ(trials.model.names[0], "fb");
  EXPECT_EQ(trials.model.names[1], derivative);
  // A derivative that was changed is a column of its own.
  const ModelDesign changed = designed(
      node_of(convolved + R"(, {"Name": "Threshold", "Input": ["trial_type.feedback_derivative"]})",
              R"("trial_type.feedback*")"));
  const SingleTrials alone = split(changed, {});
  EXPECT_EQ(alone.n_functions, 1);
  EXPECT_TRUE(close_by_column(column_of(alone.model, derivative),
                              column_of(changed.design, derivative), 0));
}

/// SPM's grid scales a column of impulses alone; with longer events in it, it does not.
TEST(ModelTrialColumns, AreTakenOutOfColumnsThatTheGridScalesOtherwise) {
  const ModelDesign model = designed(node_of(kAny + convolve(R"("trial_type.feedback", "any")"),
                                             R"("trial_type.feedback", "any")", "spm"));
  const SingleTrials trials = split(model, trials_of({"feedback"}));
  ASSERT_EQ(trials.shares[0].size(), 2u);
  EXPECT_NEAR(trials.shares[0][0].weight, 1, 1e-14);
  EXPECT_NEAR(trials.shares[0][1].weight, kTr / 16, 1e-12) << "16 bins per scan";
}

TEST(ModelTrialColumns, OfTrialsHaveOneResponse) {
  const ModelDesign model =
      designed(node_of(kScaled + convolve(R"("trial_type.feedback")", R"(, "Derivative": true)") +
                           convolve(R"("outcome_c", "trial_type.choice")"),
                       R"("trial_type.feedback*", "outcome_c", "trial_type.choice")"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {"'outcome_c'", "'trial_type.feedback'", "spm + derivative", "same trials"},
                      [&] { split(model, trials_of({"feedback"})); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'trial_type.choice'", "all trials have one response"},
                      [&] { split(model, {}); }));
}

}  // namespace model_trials
}  // namespace sociometer
