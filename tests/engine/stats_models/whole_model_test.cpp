#include <gtest/gtest.h>

#include "engine/stats_models/group_node.hpp"
#include "tests/engine/stats_models/small_models.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::events_of;
using Names = std::vector<std::string>;

/// Both learning signals in one model, over runs and people.
const char* const kDissociation = R"({"Name": "dissociation", "BIDSModelVersion": "1.0.0",
 "Input": {"task": ["social"], "space": ["MNI152NLin2009cAsym"]},
 "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Scale", "Input": ["outcome_update", "rank_update_unsigned"], "Demean": true, "Rescale": false,
      "ReplaceNA": "after", "Output": ["outcome", "rank"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.choice", "trial_type.feedback", "outcome", "rank"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.choice", "trial_type.feedback", "outcome", "rank", "trans_?", "cosine*", 1],
             "Software": {"Sociometer": {"NoiseModel": "ar1"}}},
   "Contrasts": [{"Name": "outcome", "ConditionList": ["outcome"], "Weights": [1], "Test": "t"},
                 {"Name": "rank", "ConditionList": ["rank"], "Weights": [1], "Test": "t"},
                 {"Name": "outcomeMinusRank", "ConditionList": ["outcome", "rank"], "Weights": [1, -1], "Test": "t"}]},
  {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"], "Model": {"Type": "meta", "X": [1]},
   "DummyContrasts": {"Test": "t"}},
  {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"], "Model": {"Type": "glm", "X": [1]},
   "DummyContrasts": {"Test": "t"}}]})";

/// The way of `run`: designs of runs, then groups of effects, node by node.
TEST(WholeModel, GoesFromRunsToPeople) {
  const StatsModel model = model_from_json(Json::parse(kDissociation), "model.json").model;
  const EventTable events = events_of(
      "onset duration trial_type outcome_update rank_update_unsigned\n"
      "3  2 choice   n/a n/a\n9  1 feedback 0.5  n/a\n"
      "21 2 choice   n/a n/a\n27 1 feedback -0.1 1.5\n"
      "41 2 choice   n/a n/a\n47 1 feedback 0.2  0.5\n");
  const NamedColumns confounds{{"trans_x", "trans_y"}, Eigen::MatrixXd::Random(60, 2)};

  ModelNotes notes;
  std::map<size_t, std::vector<Entities>> effects;  // that leave each node
  std::vector<size_t> order;
  for (const NodePlan& plan : expand(model)) {
    const StatsNode& node = model.nodes[plan.node];
    order.push_back(plan.node);
    if (node.level == NodeLevel::run) {
      for (const char* person : {"01", "02", "03"}) {
        std::vector<ModelDesign> designs;
        for (int run = 0; run < 2; ++run)
          designs.push_back(run_design(node, RunVariables(events, confounds), {2, 60, 0}));
        const auto columns = known_columns(node, designs);
        EXPECT_EQ(columns, (Names{"trial_type.choice", "trial_type.feedback", "outcome", "rank",
                                  "trans_x", "trans_y", "constant"}));
        for (const auto& contrast : run_contrasts(node, designs, columns, notes))
          for (const char* run : {"1", "2"})
            effects[plan.node].push_back(
                {{"subject", person}, {"run", run}, {"contrast", contrast.name}});
      }
      continue;
    }
    std::vector<Entities> inputs;
    for (const auto& edge : plan.incoming)
      for (const auto& effect : effects[edge.source])
        if (passes(edge.filter, effect)) inputs.push_back(effect);
    for (const NodeGroup& group : group_inputs(node, inputs, {}, notes)) {
      const GroupNodeDesign made = group_node_design(node, group, inputs, {});
      EXPECT_EQ(made.estimator,
                node.level == NodeLevel::subject ? NodeEstimator::precision : NodeEstimator::ols);
      EXPECT_EQ(group.inputs.size(), node.level == NodeLevel::subject ? 2u : 3u);
      EXPECT_TRUE(close_by_column(made.design.values,
                                  Eigen::MatrixXd::Ones(made.design.values.rows(), 1), 0));
      for (const auto& contrast : made.contrasts) {
        Entities effect = group.entities;
        effect["contrast"] = contrast.name;
        effects[plan.node].push_back(effect);
      }
    }
  }
  EXPECT_EQ(order, (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(effects[0].size(), 18u);
  EXPECT_EQ(effects[1].size(), 9u);
  EXPECT_EQ(effects[2], (std::vector<Entities>{{{"contrast", "outcome"}},
                                               {{"contrast", "rank"}},
                                               {{"contrast", "outcomeMinusRank"}}}));
  EXPECT_TRUE(notes.warnings.empty());
}

}  // namespace
}  // namespace sociometer
