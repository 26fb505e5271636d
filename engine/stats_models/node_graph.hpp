#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/stats_models/notes.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer {

/// What flows into a node from another.
struct IncomingEdge {
  size_t source;  ///< index in StatsModel::nodes
  EntityFilter filter;
};

/// A node with its sources.
struct NodePlan {
  size_t node;  ///< index in StatsModel::nodes
  std::vector<IncomingEdge> incoming;
  std::vector<size_t> outgoing;
};

/// The nodes in an order in which every source comes before its destinations.
/// @throws Error{bad_input} for a circle, an edge to a lower level, a node above Run to which
/// nothing flows; all name the nodes.
std::vector<NodePlan> expand(const StatsModel& model);

/// The name by which models call an entity: subject for sub, session for ses, acquisition for acq;
/// others are their own.
std::string model_entity(const std::string& key);

/// Entities of an input by their long names, with "contrast" for the contrast's name.
using Entities = std::map<std::string, std::string>;
/// Columns of participants.tsv and sessions.tsv: by label without "sub-", or for a session by
/// session_row(), then by column. Missing cells are absent.
using ParticipantColumns = std::map<std::string, std::map<std::string, std::string>>;
/// The key of a session's row, of labels without "sub-" and "ses-".
std::string session_row(const std::string& participant, const std::string& session);
/// The cell for an input: of its session, else of its participant; empty if there is none.
std::string participant_cell(const ParticipantColumns& participants, const Entities& input,
                             const std::string& column);

/// Inputs that one model is fitted to.
struct NodeGroup {
  Entities entities;           ///< those of GroupBy that the inputs have
  std::vector<size_t> inputs;  ///< positions in the list given
};

/// Whether entities pass a filter. run, echo and the like are compared as numbers; a key that is
/// no entity is looked up in the participants' columns.
bool passes(const EntityFilter& filter, const Entities& entities,
            const ParticipantColumns& participants = {});

/// Splits the inputs of a node by its GroupBy.
///
/// At Run the inputs are runs; each is a group of its own, whatever GroupBy says. Above Run they
/// are effects, already filtered by the edge. Order: groups by first input, inputs as given.
/// Entities of GroupBy that no input has (run, session) are dropped.
/// @throws Error{bad_input} when different contrasts would enter one model although X does not
/// name them (write "contrast" in GroupBy), when a Dataset node would treat several effects of one
/// person as independent, for an unknown grouping column with the nearest name.
std::vector<NodeGroup> group_inputs(const StatsNode& node, const std::vector<Entities>& inputs,
                                    const ParticipantColumns& participants, ModelNotes& notes);

}  // namespace sociometer
