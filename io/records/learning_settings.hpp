#pragma once
#include "engine/learning/settings.hpp"
#include "io/bytes/read.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

/// Settings of the learning models; settings absent from the JSON keep their defaults.
///
///     {"n_ranks": 8, "rank_mean": 4.5, .., "repetition": "last_offered",
///      "priors": {"beta": {"family": "gamma", "shape": 1.2, "scale": 5},
///                 "w": {"family": "beta", "a": 1.1, "b": 1.1},
///                 "stickiness": {"family": "normal", "mean": 0, "sd": 1}}}
///
/// @throws Error{bad_input} naming an unknown key or an invalid value.
LearningSettings learning_settings_from_json(const Json& json);

/// All settings, as written to sidecars; reads back unchanged.
Json to_json(const LearningSettings& settings);

/// Parses a JSON file.
/// @throws Error{bad_input} if it is missing or not JSON, or has a member twice.
Read<Json> read_json_file(const std::string& path);

}  // namespace sociometer
