#include <gtest/gtest.h>

#include "engine/stats_models/run_design.hpp"
#include "tests/engine/stats_models/small_models.hpp"
#include "tests/io/refusal.hpp"

namespace sociometer {
namespace {

using testing::events_of;
using testing::refuses;
using testing::run_model;
using testing::says;
using Names = std::vector<std::string>;

/// A node over four levels, one with a space and a hyphen in its name, and one confound.
struct Contrasts {
  ModelNotes notes;
  std::vector<NodeContrast> contrasts;
  std::vector<ModelDesign> designs;

  explicit Contrasts(const std::string& rest, const ModelReading& reading = {}) {
    const ReadModel read = run_model(
        R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
            {"Name": "Factor", "Input": ["trial_type"]},
            {"Name": "Convolve", "Derivative": true, "Input": ["trial_type.*"]}]},
          "Model": {"Type": "glm", "X": ["trial_type.*", "trans_x", 1]}, )" +
            rest,
        reading);
    const EventTable events = events_of(
        "onset duration trial_type\n3 1 face.a\n13 1 face.b\n23 1 house\n33 1 no-go~trial\n");
    NamedColumns confounds{{"trans_x"}, Eigen::MatrixXd::Random(40, 1)};
    const StatsNode& node = read.model.nodes[0];
    designs.push_back(run_design(node, {events, confounds}, {2, 40, 0}));
    contrasts = run_contrasts(node, designs, known_columns(node, designs), notes);
  }
  /// Weights on the columns of the run, those of zero left out.
  std::map<std::string, double> weights(size_t i, size_t row = 0) const {
    const auto& names = designs[0].design.names;
    const auto w = contrast_weights(contrasts[i].spec.rows[row], names, names, names).weights;
    std::map<std::string, double> out;
    for (size_t j = 0; j < names.size(); ++j)
      if (w[Eigen::Index(j)] != 0) out[names[j]] = w[Eigen::Index(j)];
    return out;
  }
};
using Weights = std::map<std::string, double>;

TEST(RunContrasts, NameColumnsLiterally) {
  const Contrasts c(R"("Contrasts": [
    {"Name": "no-go vs house", "ConditionList": ["trial_type.no-go trial", "trial_type.house"], "Weights": ["1/3", -1e-5], "Test": "t"},
    {"Name": "mean", "ConditionList": [1], "Weights": [-2], "Test": "pass"}])");
  EXPECT_EQ(c.weights(0),
            (Weights{{"trial_type.no-go trial", 1.0 / 3}, {"trial_type.house", -1e-5}}));
  EXPECT_EQ(c.contrasts[0].name, "no-go vs house");
  EXPECT_EQ(c.contrasts[0].spec.name, "noMinusGoVsHouse");
  EXPECT_EQ(c.weights(1), (Weights{{"constant", -2}}));
  EXPECT_EQ(c.contrasts[1].test, ContrastTest::pass);
  EXPECT_EQ(c.contrasts[1].place, "/Nodes/0/Contrasts/1");
}

TEST(RunContrasts, OfGlobsShareTheWeightAmongResponses) {
  const Contrasts c(R"("Contrasts": [
    {"Name": "faces", "ConditionList": ["trial_type.face*", "trial_type.house"], "Weights": [1, -1], "Test": "t"}])");
  EXPECT_EQ(
      c.weights(0),
      (Weights{{"trial_type.face.a", 0.5}, {"trial_type.face.b", 0.5}, {"trial_type.house", -1}}))
      << "derivatives are no part of it";
}

TEST(RunContrasts, OfSeveralRowsAreF) {
  const Contrasts c(R"("Contrasts": [
    {"Name": "any", "ConditionList": ["trial_type.face.a", "trial_type.house"], "Weights": [[1, 0], [0, 1]], "Test": "F"},
    {"Name": "one", "ConditionList": ["trial_type.face.a", "trial_type.house"], "Weights": [[1, -1]], "Test": "F"}])");
  EXPECT_EQ(c.contrasts[0].spec.kind, ContrastKind::F);
  ASSERT_EQ(c.contrasts[0].spec.rows.size(), 2u);
  EXPECT_EQ(c.weights(0, 1), (Weights{{"trial_type.house", 1}}));
  EXPECT_EQ(c.contrasts[1].spec.rows.size(), 1u);
}

TEST(DummyContrasts, AreOnePerListedConditionUnlessAContrastHasTheName) {
  const Contrasts c(R"("Contrasts": [
    {"Name": "trial_type.house", "ConditionList": ["trial_type.house"], "Weights": [2], "Test": "t"}],
    "DummyContrasts": {"Contrasts": ["trial_type.face*", "trial_type.house"], "Test": "t"})");
  ASSERT_EQ(c.contrasts.size(), 3u);
  EXPECT_EQ(c.weights(0), (Weights{{"trial_type.house", 2}}));
  EXPECT_EQ(c.contrasts[1].name, "trial_type.face.a");
  EXPECT_EQ(c.contrasts[2].name, "trial_type.face.b");
}

TEST(DummyContrasts, WithoutAListAreOnePerColumnOfXWithAWarning) {
  const Contrasts c(R"("DummyContrasts": {"Test": "t"})");
  EXPECT_EQ(c.contrasts.size(), 9u) << "four responses, four derivatives, one confound";
  EXPECT_TRUE(says(c.notes.warnings, "9 contrasts, 1 of them of confounds"));
}

TEST(RunContrasts, OfAbsentConditionsAreRefusedOrLeftOut) {
  const std::string rest = R"("Contrasts": [
    {"Name": "x", "ConditionList": ["trial_type.hose"], "Weights": [1], "Test": "t"},
    {"Name": "y", "ConditionList": ["trial_type.house"], "Weights": [1], "Test": "t"}])";
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {"contrast 'x'", "'trial_type.hose'", "no run", "'trial_type.house'"},
                      [&] { Contrasts{rest}; }));
  ModelReading dropping;
  dropping.drop_invalid_contrasts = true;
  const Contrasts c(rest, dropping);
  ASSERT_EQ(c.contrasts.size(), 1u);
  EXPECT_TRUE(says(c.notes.warnings, "the contrast is left out"));
}

TEST(RunContrasts, MustDifferInTheirFileNames) {
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'a_b'", "'aB'", "the same name in files"}, [] {
    Contrasts{R"("Contrasts": [
      {"Name": "a_b", "ConditionList": ["trans_x"], "Weights": [1], "Test": "t"},
      {"Name": "aB", "ConditionList": ["trans_x"], "Weights": [2], "Test": "t"}])"};
  }));
}

}  // namespace
}  // namespace sociometer
