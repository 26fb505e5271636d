#pragma once
#include <vector>

#include "engine/stats_models/stats_model.hpp"
#include "io/models/model_object.hpp"

// The parts of a model file, each read by a function of its own.
namespace sociometer {

/// Transformations: an object with Instructions, or the list of version 0.x.
std::vector<Instruction> instructions_in(const ModelValue& value, ModelNotes& notes);

std::vector<ModelContrast> contrasts_in(const ModelValue& value, ModelNotes& notes);
DummyContrasts dummy_contrasts_in(const ModelValue& value, ModelNotes& notes);

/// Model.Software: reads Sociometer, and reports what the entries of other programs would change.
EngineSettings settings_in(const ModelValue& value, ModelNotes& notes);

/// "spm", "glover + derivative", "DoubleGamma" ..
HrfModel hrf_model_in(const ModelValue& value, ModelNotes& notes);

/// Entities and their values; a single value is a list of one.
EntityFilter filter_in(const ModelValue& value, const std::string& what);

/// A name in X or in a list of conditions: "intercept" is the constant.
std::vector<std::string> model_names_in(const ModelValue& value, ModelNotes& notes);

/// A version 0.x model with Steps as one with Nodes and Edges.
/// @throws Error{bad_input} naming what has no counterpart.
Json nodes_of_steps(const ModelValue& steps, ModelNotes& notes);

}  // namespace sociometer
