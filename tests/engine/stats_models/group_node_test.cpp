#include "engine/stats_models/group_node.hpp"

#include <gtest/gtest.h>

#include "tests/engine/stats_models/small_models.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::refuses;
using testing::says;
using Names = std::vector<std::string>;

/// The second node of a model, whose first is a Run node with contrasts a and b.
StatsNode above_run(const std::string& node) {
  return model_from_json(Json::parse(R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [
      {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
       "Model": {"Type": "glm", "X": ["a", "b", 1]}, "DummyContrasts": {"Contrasts": ["a", "b"], "Test": "t"}},)" +
                                     node + "]}"),
                         "model.json")
      .model.nodes[1];
}

const ParticipantColumns kPeople{{"01", {{"group", "control"}, {"age", "20"}, {"sex", "f"}}},
                                 {"02", {{"group", "blind"}, {"age", "30"}, {"sex", "m"}}},
                                 {"03", {{"group", "blind"}, {"age", "34"}, {"sex", "f"}}},
                                 {"04", {{"group", "control"}, {"age", "24"}, {"sex", "m"}}}};

std::vector<Entities> people(const Names& contrasts = {"a"}) {
  std::vector<Entities> out;
  for (const char* label : {"01", "02", "03", "04"})
    for (const auto& contrast : contrasts)
      out.push_back({{"subject", label}, {"contrast", contrast}});
  return out;
}

GroupNodeDesign made(const StatsNode& node, const std::vector<Entities>& inputs = people(),
                     const ParticipantColumns& columns = kPeople) {
  NodeGroup group{{}, {}};
  for (size_t i = 0; i < inputs.size(); ++i) group.inputs.push_back(i);
  return group_node_design(node, group, inputs, columns);
}

Names contrast_names(const GroupNodeDesign& design) {
  Names out;
  for (const auto& contrast : design.contrasts) out.push_back(contrast.name);
  return out;
}

Eigen::VectorXd weights(const GroupNodeDesign& d, size_t i) {
  return resolve_group_contrast(d.contrasts[i].spec, d.design).rows.row(0);
}

TEST(GroupNode, OfOneSampleKeepsTheNameOfWhatComesIn) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1]}, "DummyContrasts": {"Test": "t"}})"));
  EXPECT_EQ(d.design.names, (Names{"intercept"}));
  EXPECT_EQ(contrast_names(d), (Names{"a"}));
  EXPECT_EQ(d.estimator, NodeEstimator::ols);
  EXPECT_EQ(d.inputs, (std::vector<size_t>{0, 1, 2, 3}));
}

TEST(GroupNode, NamesOtherContrastsAfterWhatComesIn) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "meta", "X": [1, "age"]},
      "Contrasts": [{"Name": "negative", "ConditionList": [1], "Weights": [-1], "Test": "t"}],
      "DummyContrasts": {"Test": "t"}})"));
  EXPECT_EQ(contrast_names(d), (Names{"a_negative", "a", "a_age"}));
  EXPECT_EQ(weights(d, 0), Eigen::Vector2d(-1, 0));
  EXPECT_EQ(weights(d, 2), Eigen::Vector2d(0, 1));
  EXPECT_EQ(d.estimator, NodeEstimator::mixed);
  EXPECT_TRUE(says(d.notes.notices, "'age' is not centred"));
  EXPECT_EQ(d.design.values.col(1), Eigen::Vector4d(20, 30, 34, 24));
}

TEST(GroupNode, CanCentreCovariates) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1, "age"], "Software": {"Sociometer": {"CenterCovariates": "mean"}}},
      "DummyContrasts": {"Test": "t"}})"));
  EXPECT_EQ(d.design.values.col(1), Eigen::Vector4d(-7, 3, 7, -3));
}

TEST(GroupNode, TakesTextAsCellMeansInPlaceOfTheConstant) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1, "group"]}, "Contrasts": [
        {"Name": "diff", "ConditionList": ["Group.blind", "group.control"], "Weights": [1, -1], "Test": "t"},
        {"Name": "all", "ConditionList": [1], "Weights": [1], "Test": "t"}]})"));
  EXPECT_EQ(d.design.names, (Names{"group.blind", "group.control"}));
  Eigen::MatrixXd expected(4, 2);
  expected << 0, 1, 1, 0, 1, 0, 0, 1;
  EXPECT_TRUE(close_by_column(d.design.values, expected, 0));
  EXPECT_EQ(weights(d, 0), Eigen::Vector2d(1, -1));
  EXPECT_EQ(weights(d, 1), Eigen::Vector2d(0.5, 0.5)) << "1 is the mean of the groups";
  EXPECT_TRUE(says(d.notes.notices, "'group' is text: a column per level (blind, control)"));
}

TEST(GroupNode, ReadsTheFormulaOfCellMeans) {
  const auto d = made(above_run(R"json({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "meta", "X": [1, "group"], "Formula": "0 + C(group)"}, "Contrasts": [
        {"Name": "diff", "ConditionList": ["C(group)[T.control]", "C(group)[T.blind]"], "Weights": [1, -1], "Test": "t"}]})json"));
  EXPECT_EQ(weights(d, 0), Eigen::Vector2d(-1, 1));
  EXPECT_EQ(contrast_names(d), (Names{"a_diff"}));
}

TEST(GroupNode, CodesASecondTextByDifferences) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": ["group", "sex"]}, "DummyContrasts": {"Test": "t"}})"));
  EXPECT_EQ(d.design.names, (Names{"group.blind", "group.control", "sex.m"}));
}

TEST(GroupNode, TransformsColumnsOfParticipants) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
        {"Name": "Factor", "Input": "group"}, {"Name": "Demean", "Input": "age"},
        {"Name": "Product", "Input": ["group.blind", "age"], "Output": "blind_age"}]},
      "Model": {"Type": "glm", "X": [1, "group.blind", "age", "blind_age"]}, "DummyContrasts": {"Test": "t"}})"));
  EXPECT_EQ(d.design.values.col(3), Eigen::Vector4d(0, 3, 7, 0));
  EXPECT_EQ(contrast_names(d), (Names{"a", "a_group.blind", "a_age", "a_blind_age"}));
}

TEST(GroupNode, TakesContrastsAsColumns) {
  const auto d = made(above_run(R"({"Level": "Dataset", "Name": "f", "GroupBy": [],
      "Model": {"Type": "glm", "X": ["a", "b"]}, "Contrasts": [
        {"Name": "any", "ConditionList": ["a", "b"], "Weights": [[1, 0], [0, 1]], "Test": "F"}]})"),
                      people({"a", "b"}));
  EXPECT_EQ(d.design.names, (Names{"a", "b"}));
  EXPECT_EQ(d.design.values.col(1).sum(), 4);
  EXPECT_EQ(contrast_names(d), (Names{"any"}));
  EXPECT_EQ(resolve_group_contrast(d.contrasts[0].spec, d.design).rows.rows(), 2);
}

TEST(GroupNode, RefusesOrFillsMissingCovariates) {
  auto columns = kPeople;
  columns["02"].erase("age");
  const std::string node = R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1, "age"], "Software": {"Sociometer": {%}}}, "DummyContrasts": {"Test": "t"}})";
  const auto with = [&](const std::string& settings) {
    std::string text = node;
    return above_run(text.replace(text.find('%'), 1, settings));
  };
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input,
              {"/Model/X", "'age', of which participants.tsv has no value for sub-02", "listwise"},
              [&] { made(with(""), people(), columns); }));
  const auto listwise = made(with(R"("Missing": "listwise")"), people(), columns);
  EXPECT_EQ(listwise.inputs, (std::vector<size_t>{0, 2, 3}));
  EXPECT_EQ(listwise.design.values.rows(), 3);
  const auto mean = made(with(R"("Missing": "mean")"), people(), columns);
  EXPECT_DOUBLE_EQ(mean.design.values(1, 1), 26);
}

TEST(GroupNode, RefusesUnknownColumnsWithTheNearest) {
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"X names 'agee'", "'age'"}, [] {
    made(above_run(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1, "agee"]}, "DummyContrasts": {"Test": "t"}})"));
  }));
}

TEST(SubjectNode, PassesOneRunThroughAndAveragesSeveral) {
  const auto estimator = [](const std::string& type, size_t n) {
    std::vector<Entities> runs;
    for (size_t i = 0; i < n; ++i)
      runs.push_back({{"subject", "01"}, {"run", std::to_string(i + 1)}, {"contrast", "a"}});
    return made(above_run(R"({"Level": "Subject", "Name": "s", "GroupBy": ["subject", "contrast"],
        "Model": {"Type": ")" +
                          type + R"(", "X": [1]}, "DummyContrasts": {"Test": "t"}})"),
                runs);
  };
  EXPECT_EQ(estimator("glm", 1).estimator, NodeEstimator::pass);
  EXPECT_TRUE(says(estimator("meta", 1).notes.notices, "pass through"));
  EXPECT_EQ(estimator("glm", 2).estimator, NodeEstimator::equal);
  EXPECT_EQ(estimator("Meta", 3).estimator, NodeEstimator::precision);
  EXPECT_EQ(contrast_names(estimator("glm", 2)), (Names{"a"}));
}

TEST(IsMean, OfAConstantOfOnesWithTheWeightOne) {
  GroupNodeDesign model;
  model.design.names = {"intercept"};
  model.design.values.setOnes(3, 1);
  model.contrasts.resize(1);
  model.contrasts[0].spec.rows = {"intercept"};
  EXPECT_TRUE(is_mean(model));
  model.contrasts[0].spec.rows = {"-intercept"};
  EXPECT_FALSE(is_mean(model));
  model.contrasts[0].spec.rows = {"intercept"};
  model.contrasts[0].spec.kind = ContrastKind::F;
  EXPECT_FALSE(is_mean(model));
  model.contrasts[0].spec.kind = ContrastKind::t;
  model.design.values(1, 0) = 2;
  EXPECT_FALSE(is_mean(model));
}

}  // namespace
}  // namespace sociometer
