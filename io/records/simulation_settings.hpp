#pragma once
#include "engine/simulate/settings.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

/// Settings of a simulated study from JSON, by section: {"timing": {"tr_s": 1.5}, "noise": {..}}.
/// What the JSON does not mention keeps its default. The section "learning" is left to
/// learning_settings_from_json.
/// @throws Error{bad_input} naming a section or setting that is not known, or a value of another
///         kind or out of its range.
SimulationSettings simulation_settings_from_json(const Json& json);

/// All settings, as the truth folder tells them; reads back to the same.
Json to_json(const SimulationSettings& settings);

}  // namespace sociometer
