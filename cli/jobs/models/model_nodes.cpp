#include "cli/jobs/models/model_nodes.hpp"

namespace sociometer::jobs {

StatsNode run_level_node(bool sessions) {
  StatsNode node;
  node.level = NodeLevel::run;
  node.name = "run";
  node.group_by = {"run", "subject"};
  if (sessions) node.group_by.insert(node.group_by.begin() + 1, "session");
  return node;
}

StatsNode mean_node(NodeLevel level) {
  StatsNode node;
  node.level = level;
  node.name = level == NodeLevel::session ? "session" : "subject";
  node.group_by = {"subject", "contrast"};
  if (level == NodeLevel::session) node.group_by.insert(node.group_by.begin(), "session");
  node.type = NodeModelType::meta;
  node.x = {kConstantName};
  node.dummies = DummyContrasts{};
  return node;
}

StatsNode group_level_node() {
  StatsNode node;
  node.level = NodeLevel::dataset;
  node.name = "dataset";
  node.group_by = {"contrast"};
  node.x = {kConstantName};
  node.dummies = DummyContrasts{};
  return node;
}

Instruction factor_step(const std::string& column) {
  return {"Factor", "", {column}, {}, transforms::Factor{}};
}

Instruction convolve_step(const std::vector<std::string>& input) {
  return {"Convolve", "", input, {}, transforms::Convolve{}};
}

void connect_in_order(StatsModel& model) {
  model.edges.clear();
  for (size_t i = 1; i < model.nodes.size(); ++i)
    model.edges.push_back({model.nodes[i - 1].name, model.nodes[i].name, {}, ""});
}

}  // namespace sociometer::jobs
