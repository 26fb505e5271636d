#pragma once
#include <string>
#include <vector>

#include "engine/design/contrast.hpp"
#include "engine/group/group_design.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "engine/stats_models/run_design.hpp"

namespace sociometer {

/// How a node above Run combines its inputs.
enum class NodeEstimator {
  pass,       ///< one input and X [1]: effect and variance go through unchanged
  precision,  ///< meta over runs or sessions of one person: FixedEffects::precision
  equal,      ///< glm over runs or sessions of one person: FixedEffects::equal
  mixed,      ///< meta over people: GroupMethod::mixed
  ols         ///< glm over people: GroupMethod::ols
};

/// The model of one group of inputs.
struct GroupNodeDesign {
  GroupDesign design;          ///< one row per input of the group, in its order
  std::vector<size_t> inputs;  ///< of the group; without those left out for a missing covariate
  NodeEstimator estimator = NodeEstimator::ols;
  std::vector<NodeContrast> contrasts;  ///< named as they are handed on
  ModelNotes notes;
};

/// Independent columns of its design: as many inputs leave nothing to estimate a variance from.
size_t rank_of(const GroupNodeDesign& model);

/// Whether a model is the mean of its inputs, tested in the positive direction: one contrast, the
/// weight 1 of a constant of ones. It is what is computed without a design.
bool is_mean(const GroupNodeDesign& model);

/// Builds the design and the contrasts of a node above Run.
///
/// X holds 1 (column "intercept"), names of incoming contrasts (indicators), columns of
/// participants.tsv: numbers as they are, text as cell means ("group.control"), in place of the
/// intercept. Names of contrasts: with one incoming contrast, that of `1` keeps its name and others
/// become "incoming_name", as in pybids.
/// @throws Error{bad_input} for an unknown column with the nearest name, an input without a value
/// in a column.
GroupNodeDesign group_node_design(const StatsNode& node, const NodeGroup& group,
                                  const std::vector<Entities>& inputs,
                                  const ParticipantColumns& participants);

/// A contrast of the columns as weights of the inputs: its least-squares estimate is their sum of
/// weight * effect.
/// @return one weight per input of the model.
/// @throws Error{bad_input} for an F contrast, and for columns that cannot be told apart.
std::vector<double> weights_of_inputs(const StatsNode& node, const GroupNodeDesign& model,
                                      const NodeContrast& contrast);

}  // namespace sociometer
