#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/design/hrf.hpp"
#include "engine/stats_models/engine_settings.hpp"
#include "engine/stats_models/instruction.hpp"

namespace sociometer {

enum class NodeLevel { run, session, subject, dataset };
constexpr std::array<Name<NodeLevel>, 4> names_of(std::type_identity<NodeLevel>) {
  return {{{NodeLevel::run, "Run"},
           {NodeLevel::session, "Session"},
           {NodeLevel::subject, "Subject"},
           {NodeLevel::dataset, "Dataset"}}};
}

enum class NodeModelType {
  glm,   ///< at Run a general linear model; above, least squares over the incoming effects
  meta,  ///< over runs weighted by precision, over people mixed effects
};
constexpr std::array<Name<NodeModelType>, 2> names_of(std::type_identity<NodeModelType>) {
  return {{{NodeModelType::glm, "glm"}, {NodeModelType::meta, "meta"}}};
}

enum class ContrastTest { t, F, pass };
constexpr std::array<Name<ContrastTest>, 3> names_of(std::type_identity<ContrastTest>) {
  return {{{ContrastTest::t, "t"}, {ContrastTest::F, "F"}, {ContrastTest::pass, "pass"}}};
}

/// Model.X and contrasts write the constant as the number 1; in memory it is this name.
inline const std::string kConstantName = "1";

/// Entities, or columns of participants.tsv, with the values that are taken: all must agree.
using EntityFilter = std::map<std::string, std::vector<std::string>>;

/// One of a node's Contrasts.
struct ModelContrast {
  std::string name;                     ///< as written; kConstantName: that of what comes in
  std::vector<std::string> conditions;  ///< names, globs or kConstantName
  Eigen::MatrixXd weights;              ///< (n_rows, n_conditions); one row for t
  ContrastTest test = ContrastTest::t;
  std::string place;  ///< as StatsNode::place: "model.json: /Nodes/0/Contrasts/1"
};

/// A contrast for every column of X, or for those named.
struct DummyContrasts {
  std::optional<std::vector<std::string>> conditions;
  ContrastTest test = ContrastTest::t;
};

/// Model.HRF: variables that are convolved after all transformations.
struct ModelHrf {
  std::vector<std::string> variables;  ///< names or globs
  HrfModel hrf;
  std::vector<int> fir_delays;  ///< scans
};

/// An estimator at one level of analysis.
struct StatsNode {
  NodeLevel level = NodeLevel::run;
  std::string name;
  /// Where messages find it: "/Nodes/0", with the file before it if the model was read from one.
  std::string place;
  std::vector<std::string> group_by;  ///< entities, "contrast", columns of participants.tsv
  std::vector<Instruction> instructions;
  NodeModelType type = NodeModelType::glm;
  std::vector<std::string> x;  ///< names, globs or kConstantName, in the file's order
  /// Columns that the formula "0 + C(column)" made into a factor: contrasts may call its level
  /// "C(column)[T.level]".
  std::vector<std::string> formula_factors;
  std::optional<ModelHrf> hrf;
  std::optional<double> high_pass_hz;
  EntityFilter mask;  ///< entities of the mask's file; empty: the engine's choice
  EngineSettings settings;
  std::vector<ModelContrast> contrasts;
  std::optional<DummyContrasts> dummies;
  /// Contrasts that can never be estimated are left out with a warning, not refused.
  bool drops_invalid_contrasts = false;

  bool has_constant() const;
};

/// Passes the contrasts of one node on to another.
struct StatsEdge {
  std::string source, destination;
  EntityFilter filter;
  std::string place;
};

/// A BIDS Stats Model: nodes and how effects flow between them.
struct StatsModel {
  std::string name, description, version;
  EntityFilter input;  ///< entities of the images by their long names: task, run, session, subject
  std::vector<StatsNode> nodes;
  std::vector<StatsEdge> edges;  ///< those of the file, or one from each node to the next
  /// @throws std::logic_error for a name that no node has.
  const StatsNode& node(const std::string& node_name) const;
};

/// What a node does, in words: one paragraph per node, in the order of the file.
std::vector<std::string> describe(const StatsModel& model);

}  // namespace sociometer
