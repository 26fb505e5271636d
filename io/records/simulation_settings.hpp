#pragma once
#include "engine/simulate/settings.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

/// Settings of a simulated study from JSON, by section: {"timing": {"tr_s": 1.5}, "noise": {..}}.
/// Settings absent from the JSON keep their defaults. The section "learning" is handled by
/// learning_settings_from_json.
/// @throws Error{bad_input} naming an unknown section or setting, or a value of the wrong type or
///         out of range.
SimulationSettings simulation_settings_from_json(const Json& json);

/// All settings, as written to the truth folder; reads back unchanged.
Json to_json(const SimulationSettings& settings);

}  // namespace sociometer
