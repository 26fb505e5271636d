#include "engine/stats_models/node_graph.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {
namespace {

size_t index_of(const StatsModel& model, const std::string& name) {
  for (size_t i = 0; i < model.nodes.size(); ++i)
    if (model.nodes[i].name == name) return i;
  throw std::logic_error("an edge names a node that the model does not have");
}

/// A list of names as 'a', 'b'.
std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
  return out;
}

/// Entities whose labels are indices: run-01 is run 1.
bool is_index(const std::string& key) {
  return key == "run" || key == "echo" || key == "split" || key == "inversion" || key == "flip";
}

bool same_label(const std::string& key, const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (!is_index(key)) return false;
  const auto number = [](const std::string& text) {
    long value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
  };
  return number(a) >= 0 && number(a) == number(b);
}

/// The value of an entity, or of a column of participants.tsv; empty without one.
std::string value_of_key(const std::string& key, const Entities& entities,
                         const ParticipantColumns& participants) {
  if (const auto found = entities.find(key); found != entities.end()) return found->second;
  return participant_cell(participants, entities, key);
}

/// Keys by which inputs can be grouped, for the nearest name.
std::vector<std::string> grouping_keys(const std::vector<Entities>& inputs,
                                       const ParticipantColumns& participants) {
  std::set<std::string> keys;
  for (const auto& input : inputs)
    for (const auto& entry : input) keys.insert(entry.first);
  for (const auto& person : participants)
    for (const auto& cell : person.second) keys.insert(cell.first);
  return {keys.begin(), keys.end()};
}

/// GroupBy without the entities that no input has.
std::vector<std::string> usable_keys(const StatsNode& node, const std::vector<Entities>& inputs,
                                     const ParticipantColumns& participants, ModelNotes& notes) {
  std::vector<std::string> out;
  for (const auto& key : node.group_by) {
    const bool known = std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) {
      return !value_of_key(key, input, participants).empty();
    });
    if (known) {
      out.push_back(key);
      continue;
    }
    const bool may_be_absent = key == "run" || key == "session" || key == "task";
    if (!may_be_absent) {
      const std::string nearest = nearest_word(key, grouping_keys(inputs, participants));
      fail(ErrorCode::bad_input,
           "{}/GroupBy: node '{}' names '{}', which is neither an entity of its inputs nor a "
           "column of participants.tsv with values{}{}",
           node.place, node.name, key,
           nearest.empty() ? "" : "; the nearest name is '" + nearest + "'",
           participants.empty() ? "; the dataset has no participants.tsv" : "");
    }
    notes.note(
        fmt::format("node '{}': its inputs have no {}, which GroupBy names", node.name, key));
  }
  return out;
}

std::set<std::string> values_in_group(const std::string& key, const NodeGroup& group,
                                      const std::vector<Entities>& inputs) {
  std::set<std::string> out;
  for (size_t i : group.inputs)
    if (const auto found = inputs[i].find(key); found != inputs[i].end()) out.insert(found->second);
  return out;
}

bool x_names_contrasts(const StatsNode& node, const std::set<std::string>& contrasts) {
  return std::all_of(contrasts.begin(), contrasts.end(), [&](const auto& contrast) {
    return std::any_of(node.x.begin(), node.x.end(), [&](const auto& entry) {
      return entry == contrast || (is_glob(entry) && matches_glob(contrast, entry));
    });
  });
}

void require_one_contrast(const StatsNode& node, const NodeGroup& group,
                          const std::vector<Entities>& inputs) {
  const auto contrasts = values_in_group("contrast", group, inputs);
  if (contrasts.size() < 2 || x_names_contrasts(node, contrasts)) return;
  fail(ErrorCode::bad_input,
       "{}/GroupBy: node '{}': the contrasts {} would be averaged in one model, since GroupBy has "
       "no \"contrast\"; add it to GroupBy, or name the contrasts in X",
       node.place, node.name, quoted_list({contrasts.begin(), contrasts.end()}));
}

/// Effects of one person for one contrast are no independent observations.
void require_one_effect_per_person(const StatsNode& node, const NodeGroup& group,
                                   const std::vector<Entities>& inputs, ModelNotes& notes) {
  std::map<std::pair<std::string, std::string>, size_t> counts;
  std::map<std::string, std::set<std::string>> contrasts_of;
  for (size_t i : group.inputs) {
    const std::string person = value_of_key("subject", inputs[i], {});
    const std::string contrast = value_of_key("contrast", inputs[i], {});
    contrasts_of[person].insert(contrast);
    if (person.empty() || ++counts[{person, contrast}] < 2) continue;
    fail(ErrorCode::bad_input,
         "{}: node '{}' gets several effects of sub-{} for '{}' (runs or sessions), which would "
         "count as independent people; add a Subject node with GroupBy [\"subject\", \"contrast\"] "
         "before it, or the entity to GroupBy",
         node.place, node.name, person, contrast);
  }
  const bool several = std::any_of(contrasts_of.begin(), contrasts_of.end(),
                                   [](const auto& entry) { return entry.second.size() > 1; });
  if (several)
    notes.warn(fmt::format(
        "node '{}': the effects of a person for several contrasts enter one model as if they were "
        "independent",
        node.name));
}

std::vector<NodeGroup> single_runs(const StatsNode& node, const std::vector<Entities>& inputs,
                                   ModelNotes& notes) {
  std::vector<NodeGroup> out;
  for (size_t i = 0; i < inputs.size(); ++i) out.push_back({inputs[i], {i}});
  const auto named = [&](const char* key) {
    return std::find(node.group_by.begin(), node.group_by.end(), key) != node.group_by.end();
  };
  if (inputs.size() > 1 && (!named("run") || !named("subject")))
    notes.note(fmt::format(
        "node '{}': runs are fitted one by one, although GroupBy does not name run and subject",
        node.name));
  return out;
}

}  // namespace

std::string model_entity(const std::string& key) {
  static const std::map<std::string, std::string> kLong = {
      {"sub", "subject"},   {"ses", "session"}, {"acq", "acquisition"}, {"rec", "reconstruction"},
      {"dir", "direction"}, {"ce", "ceagent"},  {"inv", "inversion"},   {"mt", "mt"}};
  const auto found = kLong.find(key);
  return found == kLong.end() ? key : found->second;
}

std::string session_row(const std::string& participant, const std::string& session) {
  return participant + "/" + session;  // no label has a slash
}

std::string participant_cell(const ParticipantColumns& participants, const Entities& input,
                             const std::string& column) {
  const auto subject = input.find("subject"), session = input.find("session");
  if (subject == input.end()) return "";
  std::vector<std::string> rows;
  if (session != input.end()) rows.push_back(session_row(subject->second, session->second));
  rows.push_back(subject->second);
  for (const auto& key : rows)
    if (const auto row = participants.find(key); row != participants.end())
      if (const auto cell = row->second.find(column); cell != row->second.end())
        return cell->second;
  return "";
}

bool passes(const EntityFilter& filter, const Entities& entities,
            const ParticipantColumns& participants) {
  return std::all_of(filter.begin(), filter.end(), [&](const auto& entry) {
    const std::string value = value_of_key(entry.first, entities, participants);
    return std::any_of(entry.second.begin(), entry.second.end(),
                       [&](const auto& wanted) { return same_label(entry.first, value, wanted); });
  });
}

std::vector<NodePlan> expand(const StatsModel& model) {
  std::vector<NodePlan> plans(model.nodes.size());
  for (size_t i = 0; i < plans.size(); ++i) plans[i].node = i;
  for (const auto& edge : model.edges) {
    const size_t source = index_of(model, edge.source), target = index_of(model, edge.destination);
    const StatsNode &from = model.nodes[source], &to = model.nodes[target];
    if (to.level < from.level || to.level == NodeLevel::run)
      fail(ErrorCode::bad_input, "{}: the edge from '{}' ({}) to '{}' ({}) leads down", edge.place,
           from.name, name_of(from.level), to.name, name_of(to.level));
    plans[target].incoming.push_back({source, edge.filter});
    plans[source].outgoing.push_back(target);
  }
  for (const auto& plan : plans)
    if (plan.incoming.empty() && model.nodes[plan.node].level != NodeLevel::run)
      fail(ErrorCode::bad_input, "{}: node '{}' ({}): nothing flows into it; add an edge to it",
           model.nodes[plan.node].place, model.nodes[plan.node].name,
           name_of(model.nodes[plan.node].level));

  std::vector<NodePlan> ordered;
  std::set<size_t> done;
  while (ordered.size() < plans.size()) {
    const size_t before = ordered.size();
    for (const auto& plan : plans) {
      const bool ready = std::all_of(plan.incoming.begin(), plan.incoming.end(),
                                     [&](const auto& in) { return done.contains(in.source); });
      if (!ready || done.contains(plan.node)) continue;
      done.insert(plan.node);
      ordered.push_back(plan);
    }
    if (ordered.size() > before) continue;
    std::vector<std::string> left;
    for (const auto& plan : plans)
      if (!done.contains(plan.node)) left.push_back(model.nodes[plan.node].name);
    fail(ErrorCode::bad_input, "/Edges: they go round in a circle through {}; leave one out",
         quoted_list(left));
  }
  return ordered;
}

std::vector<NodeGroup> group_inputs(const StatsNode& node, const std::vector<Entities>& inputs,
                                    const ParticipantColumns& participants, ModelNotes& notes) {
  if (node.level == NodeLevel::run) return single_runs(node, inputs, notes);
  const auto keys = usable_keys(node, inputs, participants, notes);
  std::vector<NodeGroup> groups;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Entities of_group;
    for (const auto& key : keys) {
      const std::string value = value_of_key(key, inputs[i], participants);
      if (!value.empty()) of_group[key] = value;
    }
    if (of_group.size() < keys.size()) {
      std::vector<std::string> absent;
      for (const auto& key : keys)
        if (!of_group.contains(key)) absent.push_back(key);
      notes.warn(
          fmt::format("node '{}': sub-{} has no {}, by which GroupBy splits, and is left out",
                      node.name, value_of_key("subject", inputs[i], {}), quoted_list(absent)));
      continue;
    }
    const auto place = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& g) { return g.entities == of_group; });
    if (place == groups.end())
      groups.push_back({of_group, {i}});
    else
      place->inputs.push_back(i);
  }
  for (const auto& group : groups) {
    require_one_contrast(node, group, inputs);
    if (node.level == NodeLevel::dataset) require_one_effect_per_person(node, group, inputs, notes);
  }
  return groups;
}

}  // namespace sociometer
