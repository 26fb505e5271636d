#include "engine/stats_models/group_node.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "engine/stats_models/node_contrasts.hpp"
#include "engine/stats_models/transformation_step.hpp"

namespace sociometer {
namespace {

const std::string kIntercept = "intercept";

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string in_small(const std::string& text) {
  std::string out = text;
  for (char& c : out) c = char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string label_in(const Entities& entities, const std::string& key) {
  const auto found = entities.find(key);
  return found == entities.end() ? "" : found->second;
}

/// The session of each input, as a column of text: a Subject node may compare sessions.
void add_sessions(const NodeGroup& group, const std::vector<Entities>& inputs, EventTable& table) {
  std::vector<std::string> cells;
  bool any = false;
  for (size_t i : group.inputs) {
    cells.push_back(label_in(inputs[i], "session"));
    any |= !cells.back().empty();
  }
  if (!any || contains(table.names, "session")) return;
  table.names.emplace_back("session");
  table.columns.push_back(std::move(cells));
}

/// The participants' columns as variables with one value per input.
RunVariables participant_variables(const NodeGroup& group, const std::vector<Entities>& inputs,
                                   const ParticipantColumns& participants) {
  EventTable table;
  table.source = "participants.tsv";
  std::set<std::string> names;
  for (const auto& person : participants)
    for (const auto& cell : person.second) names.insert(cell.first);
  table.names.assign(names.begin(), names.end());
  table.columns.resize(table.names.size());
  for (size_t i : group.inputs) {
    table.onset_s.push_back(0);
    table.duration_s.push_back(0);
    for (size_t j = 0; j < table.names.size(); ++j)
      table.columns[j].push_back(participant_cell(participants, inputs[i], table.names[j]));
  }
  add_sessions(group, inputs, table);
  return {table, std::nullopt};
}

/// Builds the model of one group; its parts in the order in which they are called.
class GroupNodeDesigner {
 public:
  GroupNodeDesigner(const StatsNode& node, const NodeGroup& group,
                    const std::vector<Entities>& inputs, const ParticipantColumns& participants)
      : node_(node),
        group_(group),
        inputs_(inputs),
        has_participants_(!participants.empty()),
        variables_(participant_variables(group, inputs, participants)) {
    for (size_t i : group.inputs)
      if (const auto name = label_in(inputs[i], "contrast"); !contains(incoming_, name))
        incoming_.push_back(name);
  }

  GroupNodeDesign model() {
    TransformationLog log;
    apply(node_.instructions, variables_, {}, log);
    if (!log.missing.empty())
      refuse_name(log.missing[0].what + " is no column of participants.tsv", log.missing[0].name);
    out_.notes.append(log.notes);
    for (const auto& entry : node_.x) add_entry(entry);
    replace_intercept();
    handle_missing();
    choose_estimator();
    add_contrasts();
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse_name(const std::string& what, const std::string& name) const {
    auto known = variables_.names();
    known.insert(known.end(), incoming_.begin(), incoming_.end());
    const std::string nearest = nearest_word(name, known);
    fail(ErrorCode::bad_input, "{} ('{}'): {}{}{}", node_.place, node_.name, what,
         nearest.empty() ? "" : "; the nearest name is '" + nearest + "'",
         has_participants_ ? "" : "; the dataset has no participants.tsv");
  }

  void add_column(const std::string& name, const Eigen::VectorXd& values) {
    if (contains(out_.design.names, name)) return;
    const Eigen::Index n = out_.design.values.cols();
    out_.design.values.conservativeResize(values.size(), n + 1);
    out_.design.values.col(n) = values;
    out_.design.names.push_back(name);
  }

  Eigen::VectorXd indicator_of_contrast(const std::string& contrast) const {
    Eigen::VectorXd out(Eigen::Index(group_.inputs.size()));
    for (size_t i = 0; i < group_.inputs.size(); ++i)
      out[Eigen::Index(i)] = label_in(inputs_[group_.inputs[i]], "contrast") == contrast;
    return out;
  }

  void add_entry(const std::string& entry) {
    if (entry == kConstantName) {
      add_column(kIntercept, Eigen::VectorXd::Ones(Eigen::Index(group_.inputs.size())));
      return;
    }
    bool any = false;
    for (const auto& contrast : incoming_)
      if (contrast == entry || (is_glob(entry) && matches_glob(contrast, entry))) {
        add_column(contrast, indicator_of_contrast(contrast));
        any = true;
      }
    if (any) return;
    if (!variables_.find(entry)) factor_implicitly(entry, variables_, out_.notes);
    const auto found = variables_.matching(entry);
    if (found.empty())
      refuse_name("X names '" + entry +
                      "', which is neither an incoming contrast nor a column of participants.tsv",
                  entry);
    for (const auto& name : found) add_variable(name);
  }

  void add_variable(const std::string& name) {
    const auto& variable = std::get<SparseVariable>(*variables_.find(name));
    const bool text = std::any_of(variable.values.begin(), variable.values.end(),
                                  [](auto& v) { return !v.missing() && std::isnan(v.number); });
    // Labels of sessions are names, also where they look like numbers.
    const bool factor = text || name == "session" || contains(node_.formula_factors, name);
    if (text && !contains(node_.formula_factors, name)) refuse_mixed(name, variable);
    if (factor) {
      add_factor(name, variable);
      return;
    }
    Eigen::VectorXd values(Eigen::Index(variable.size()));
    for (size_t i = 0; i < variable.size(); ++i)
      values[Eigen::Index(i)] = variable.values[i].number;
    require_values(name, values);
    if (node_.settings.center_covariates == CovariateCentering::mean && !variable.indicator)
      values.array() -= observed_mean(values);
    else if (!variable.indicator && node_.has_constant() && std::abs(observed_mean(values)) > 1e-9)
      out_.notes.note(
          fmt::format("node '{}': '{}' is not centred: the intercept is the effect where it is 0",
                      node_.name, name));
    add_column(name, values);
  }

  /// Numbers with a word among them are a slip of the pen, not groups.
  void refuse_mixed(const std::string& name, const SparseVariable& variable) const {
    size_t n_numbers = 0, n_words = 0;
    std::string word;
    for (const auto& value : variable.values) {
      if (value.missing()) continue;
      if (std::isnan(value.number)) {
        if (n_words++ == 0) word = value.text;
      } else {
        ++n_numbers;
      }
    }
    if (n_numbers > n_words)
      fail(
          ErrorCode::bad_input,
          "{}/Model/X: node '{}': '{}' has {} numbers and '{}', which is not a number; correct the "
          "cell in participants.tsv, or make it a group with Factor",
          node_.place, node_.name, name, n_numbers, word);
  }

  static double observed_mean(const Eigen::VectorXd& values) {
    const auto there = values.array().isFinite();
    return there.select(values, 0).sum() / double(std::max<Eigen::Index>(1, there.count()));
  }

  /// The first column of text: cell means, in place of the intercept; the others: differences from
  /// their first level.
  void add_factor(const std::string& name, const SparseVariable& variable) {
    const auto levels = levels_of(variable);
    const bool first = factors_.empty();
    for (const auto& level : levels) {
      if (!first && level == levels[0]) continue;
      const SparseVariable column = indicator_of(variable, level);
      Eigen::VectorXd values(Eigen::Index(column.size()));
      for (size_t i = 0; i < column.size(); ++i)
        values[Eigen::Index(i)] = variable.values[i].missing() ? kMissing : column.values[i].number;
      require_values(name, values);
      add_column(name + "." + level, values);
      out_.design.factors[name].push_back(name + "." + level);
    }
    factors_.push_back(name);
    out_.notes.note(first ? fmt::format("node '{}': '{}' is text: a column per level ({})",
                                        node_.name, name, fmt::join(levels, ", "))
                          : fmt::format("node '{}': '{}' is text: differences from its level {}",
                                        node_.name, name, levels.empty() ? "" : levels[0]));
  }

  /// Who lacks a value; refused unless the settings say what to do.
  void require_values(const std::string& name, Eigen::VectorXd& values) {
    const auto missing = node_.settings.missing.value_or(MissingCovariates::refuse);
    std::vector<std::string> people;
    const double mean = observed_mean(values);
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      if (!std::isnan(values[i])) continue;
      people.push_back("sub-" + label_in(inputs_[group_.inputs[size_t(i)]], "subject"));
      if (missing == MissingCovariates::mean) values[i] = mean;
    }
    if (people.empty()) return;
    if (missing == MissingCovariates::refuse)
      fail(ErrorCode::bad_input,
           "{}/Model/X: node '{}' names '{}', of which participants.tsv has no value for {}; leave "
           "them out, or set Software.Sociometer.Missing to listwise or mean",
           node_.place, node_.name, name, fmt::join(people, ", "));
    out_.notes.warn(fmt::format(
        "node '{}': no value of '{}' for {}: {}", node_.name, name, fmt::join(people, ", "),
        missing == MissingCovariates::mean ? "replaced by the mean" : "left out"));
  }

  void replace_intercept() {
    const auto place = std::find(out_.design.names.begin(), out_.design.names.end(), kIntercept);
    if (factors_.empty() || place == out_.design.names.end()) return;
    const Eigen::Index j = place - out_.design.names.begin();
    Eigen::MatrixXd& values = out_.design.values;
    const Eigen::Index after = values.cols() - j - 1;
    values.middleCols(j, after) = values.rightCols(after).eval();
    values.conservativeResize(Eigen::NoChange, values.cols() - 1);
    out_.design.names.erase(place);
  }

  void handle_missing() {
    std::vector<Eigen::Index> rows;
    for (Eigen::Index i = 0; i < Eigen::Index(group_.inputs.size()); ++i)
      if (!out_.design.values.row(i).array().isNaN().any()) {
        rows.push_back(i);
        out_.inputs.push_back(group_.inputs[size_t(i)]);
      }
    const Eigen::MatrixXd kept = out_.design.values(rows, Eigen::all);
    out_.design.values = kept;
  }

  void choose_estimator() {
    const bool meta = node_.type == NodeModelType::meta;
    if (node_.level == NodeLevel::dataset) {
      out_.estimator = meta ? NodeEstimator::mixed : NodeEstimator::ols;
      return;
    }
    out_.estimator = meta ? NodeEstimator::precision : NodeEstimator::equal;
    if (out_.inputs.size() > 1) return;
    out_.estimator = NodeEstimator::pass;
    out_.notes.note(
        fmt::format("node '{}': one input: its effect and variance pass through", node_.name));
  }

  /// The columns of a condition: 1 over cell means is the mean of the levels.
  std::vector<std::string> columns_of(const ModelContrast& contrast,
                                      const std::string& condition) const {
    const auto& names = out_.design.names;
    if (condition == kConstantName || condition == kIntercept) {
      if (contains(names, kIntercept)) return {kIntercept};
      if (!factors_.empty()) return out_.design.factors.at(factors_[0]);
    }
    if (contains(names, condition)) return {condition};
    std::vector<std::string> found;
    for (const auto& name : names)
      if (in_small(name) == in_small(condition) ||
          (is_glob(condition) && matches_glob(name, condition)))
        found.push_back(name);
    for (const auto& factor : node_.formula_factors)
      for (const auto& name : names)
        if (name.starts_with(factor + ".") &&
            condition == fmt::format("C({})[T.{}]", factor, name.substr(factor.size() + 1)))
          return {name};
    if (!found.empty()) return found;
    const std::string nearest = nearest_word(condition, names);
    fail(ErrorCode::bad_input,
         "{}: node '{}', contrast '{}': condition '{}' is no column of the model; columns: {}{}",
         contrast.place, node_.name, contrast.name, condition, fmt::join(names, ", "),
         nearest.empty() ? "" : "; the nearest name is '" + nearest + "'");
  }

  std::string outgoing_name(const std::string& name) const {
    const bool constant = name == kConstantName || name == kIntercept;
    if (incoming_.size() != 1 || incoming_[0].empty()) return constant ? kIntercept : name;
    return constant ? incoming_[0] : incoming_[0] + "_" + name;
  }

  void add_contrasts() {
    std::vector<std::string> conditions;
    for (const auto& name : out_.design.names)
      conditions.push_back(name == kIntercept ? kConstantName : name);
    for (const auto& contrast : with_dummies(node_, conditions)) {
      try {
        out_.contrasts.push_back(node_contrast(
            contrast, outgoing_name(contrast.name),
            [&](const std::string& condition) { return columns_of(contrast, condition); }));
      } catch (const Error& error) {
        if (!node_.drops_invalid_contrasts) throw;
        out_.notes.warn(std::string(error.what()) + "; the contrast is left out");
      }
    }
    require_distinct(node_, out_.contrasts);
  }

  const StatsNode& node_;
  const NodeGroup& group_;
  const std::vector<Entities>& inputs_;
  bool has_participants_;
  RunVariables variables_;
  std::vector<std::string> incoming_, factors_;
  GroupNodeDesign out_;
};

}  // namespace

std::vector<double> weights_of_inputs(const StatsNode& node, const GroupNodeDesign& model,
                                      const NodeContrast& contrast) {
  if (contrast.spec.kind != ContrastKind::t)
    fail(ErrorCode::bad_input, "{} ('{}'): contrast '{}' of sessions is no t contrast", node.place,
         node.name, contrast.name);
  const auto& names = model.design.names;
  const Eigen::VectorXd row =
      contrast_weights(contrast.spec.rows.front(), names, names, names).weights;
  const Eigen::MatrixXd& x = model.design.values;
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> factor(x.transpose() * x);
  if (factor.rank() < x.cols())
    fail(ErrorCode::bad_input, "{} ('{}'): the columns of X ({}) cannot be told apart", node.place,
         node.name, fmt::join(names, ", "));
  Eigen::VectorXd weights = x * factor.solve(row);
  // Rounding must not make a session take part that has no weight.
  weights = (weights.array().abs() < 1e-12).select(0., weights);
  return {weights.data(), weights.data() + weights.size()};
}

size_t rank_of(const GroupNodeDesign& model) {
  return size_t(Eigen::ColPivHouseholderQR<Eigen::MatrixXd>(model.design.values).rank());
}

bool is_mean(const GroupNodeDesign& model) {
  if (model.design.names.size() != 1 || model.contrasts.size() != 1) return false;
  if (!(model.design.values.array() == 1).all()) return false;
  const ContrastSpec& spec = model.contrasts.front().spec;
  const auto& names = model.design.names;
  return spec.kind == ContrastKind::t &&
         contrast_weights(spec.rows.front(), names, names, names).weights[0] == 1;
}

GroupNodeDesign group_node_design(const StatsNode& node, const NodeGroup& group,
                                  const std::vector<Entities>& inputs,
                                  const ParticipantColumns& participants) {
  require(node.level != NodeLevel::run, "group designs are for nodes above Run");
  return GroupNodeDesigner(node, group, inputs, participants).model();
}

}  // namespace sociometer
