#include "engine/stats_models/node_graph.hpp"

#include <gtest/gtest.h>

#include "tests/engine/stats_models/small_models.hpp"
#include "tests/io/refusal.hpp"

namespace sociometer {
namespace {

using testing::refuses;
using testing::says;
using Names = std::vector<std::string>;

StatsNode node_at(NodeLevel level, Names group_by, Names x = {"1"}) {
  StatsNode node;
  node.level = level;
  node.name = "n";
  node.group_by = std::move(group_by);
  node.x = std::move(x);
  return node;
}

StatsModel graph(const std::vector<std::pair<std::string, NodeLevel>>& nodes,
                 const std::vector<std::pair<std::string, std::string>>& edges) {
  StatsModel model;
  for (const auto& [name, level] : nodes) {
    model.nodes.push_back(node_at(level, {}));
    model.nodes.back().name = name;
  }
  for (const auto& [from, to] : edges) model.edges.push_back({from, to, {}, "/Edges/0"});
  return model;
}

TEST(Expand, PutsSourcesFirst) {
  const auto plans = expand(graph({{"group", NodeLevel::dataset},
                                   {"other", NodeLevel::dataset},
                                   {"subject", NodeLevel::subject},
                                   {"run", NodeLevel::run}},
                                  {{"run", "subject"}, {"subject", "group"}, {"run", "other"}}));
  ASSERT_EQ(plans.size(), 4u);
  EXPECT_EQ(plans[0].node, 3u);
  EXPECT_EQ(plans[0].outgoing, (std::vector<size_t>{2, 1}));
  EXPECT_EQ(plans[3].node, 0u);
  EXPECT_EQ(plans[3].incoming[0].source, 2u);
}

TEST(Expand, RefusesCirclesWaysDownAndIslands) {
  const auto refused = [](const StatsModel& model, const Names& words) {
    return refuses(ErrorCode::bad_input, words, [&] { expand(model); });
  };
  EXPECT_TRUE(
      refused(graph({{"r", NodeLevel::run}, {"a", NodeLevel::dataset}, {"b", NodeLevel::dataset}},
                    {{"a", "b"}, {"b", "a"}}),
              {"circle", "'a', 'b'"}));
  EXPECT_TRUE(
      refused(graph({{"r", NodeLevel::run}, {"d", NodeLevel::dataset}, {"s", NodeLevel::subject}},
                    {{"r", "d"}, {"d", "s"}}),
              {"/Edges/0", "'d' (Dataset)", "'s' (Subject)", "leads down"}));
  EXPECT_TRUE(refused(graph({{"r", NodeLevel::run}, {"d", NodeLevel::dataset}}, {}),
                      {"'d' (Dataset)", "nothing flows into it"}));
}

std::vector<Entities> effects() {
  std::vector<Entities> out;
  for (const char* person : {"01", "02", "03"})
    for (const char* contrast : {"a", "b"})
      out.push_back({{"subject", person}, {"contrast", contrast}});
  return out;
}

TEST(GroupInputs, SplitByEntitiesInAnyOrder) {
  ModelNotes notes;
  const auto groups = group_inputs(node_at(NodeLevel::dataset, {"contrast"}), effects(), {}, notes);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[1].entities, (Entities{{"contrast", "b"}}));
  EXPECT_EQ(groups[1].inputs, (std::vector<size_t>{1, 3, 5}));
  const auto subjects =
      group_inputs(node_at(NodeLevel::subject, {"contrast", "subject"}), effects(), {}, notes);
  EXPECT_EQ(subjects.size(), 6u);
}

TEST(GroupInputs, SplitByColumnsOfParticipants) {
  const ParticipantColumns people{{"01", {{"group", "x"}}}, {"02", {{"group", "y"}}}, {"03", {}}};
  ModelNotes notes;
  const auto groups =
      group_inputs(node_at(NodeLevel::dataset, {"contrast", "group"}), effects(), people, notes);
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].entities, (Entities{{"contrast", "a"}, {"group", "x"}}));
  EXPECT_TRUE(says(notes.warnings, "sub-03 has no 'group'"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"/GroupBy: ", "names 'gruop'", "'group'"}, [&] {
    group_inputs(node_at(NodeLevel::dataset, {"contrast", "gruop"}), effects(), people, notes);
  }));
}

TEST(GroupInputs, ForgiveRunsAndSessionsThatAreNotThere) {
  ModelNotes notes;
  EXPECT_EQ(group_inputs(node_at(NodeLevel::dataset, {"contrast", "session"}), effects(), {}, notes)
                .size(),
            2u);
  EXPECT_TRUE(says(notes.notices, "have no session"));
}

/// The most dangerous: different contrasts averaged into one map.
TEST(GroupInputs, RefuseToAverageContrasts) {
  ModelNotes notes;
  for (const Names& by : {Names{"subject"}, Names{}})
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'a', 'b'", "averaged", "\"contrast\""}, [&] {
      group_inputs(node_at(NodeLevel::subject, by), effects(), {}, notes);
    }));
  const auto named =
      group_inputs(node_at(NodeLevel::dataset, {}, {"a", "b"}), effects(), {}, notes);
  EXPECT_EQ(named.size(), 1u);
  EXPECT_TRUE(says(notes.warnings, "as if they were independent"));
  EXPECT_EQ(group_inputs(node_at(NodeLevel::subject, {"subject"}),
                         {{{"subject", "01"}, {"contrast", "a"}}}, {}, notes)
                .size(),
            1u)
      << "one contrast cannot be mixed up";
}

/// Runs of one person are no sample of people.
TEST(GroupInputs, RefuseSeveralEffectsOfAPersonAtDataset) {
  ModelNotes notes;
  const std::vector<Entities> runs{{{"subject", "01"}, {"run", "1"}, {"contrast", "a"}},
                                   {{"subject", "01"}, {"run", "2"}, {"contrast", "a"}}};
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"sub-01", "'a'", "add a Subject node"}, [&] {
    group_inputs(node_at(NodeLevel::dataset, {"contrast"}), runs, {}, notes);
  }));
  EXPECT_EQ(group_inputs(node_at(NodeLevel::subject, {"subject", "contrast"}), runs, {}, notes)[0]
                .inputs.size(),
            2u);
}

TEST(GroupInputs, FitRunsOneByOne) {
  ModelNotes notes;
  const std::vector<Entities> runs{{{"subject", "01"}, {"run", "1"}},
                                   {{"subject", "01"}, {"run", "2"}}};
  EXPECT_EQ(group_inputs(node_at(NodeLevel::run, {"subject"}), runs, {}, notes).size(), 2u);
  EXPECT_TRUE(says(notes.notices, "runs are fitted one by one"));
}

TEST(Filters, CompareRunsAsNumbersAndLookUpColumns) {
  const Entities run{{"subject", "01"}, {"run", "01"}, {"contrast", "a"}};
  EXPECT_TRUE(passes({{"run", {"1", "3"}}}, run));
  EXPECT_FALSE(passes({{"run", {"2"}}}, run));
  EXPECT_FALSE(passes({{"subject", {"1"}}}, run)) << "01 and 1 are two people";
  EXPECT_TRUE(passes({{"run", {"1"}}, {"contrast", {"b", "a"}}}, run));
  EXPECT_FALSE(passes({{"run", {"1"}}, {"contrast", {"b"}}}, run)) << "all must agree";
  EXPECT_TRUE(passes({{"sex", {"F"}}}, run, {{"01", {{"sex", "F"}}}}));
  EXPECT_FALSE(passes({{"sex", {"F"}}}, run));
  EXPECT_EQ(model_entity("ses"), "session");
  EXPECT_EQ(model_entity("space"), "space");
}

}  // namespace
}  // namespace sociometer
