#pragma once
#include <string>

#include "engine/learning/recovery.hpp"

namespace sociometer {

/// True against estimated values, one panel per parameter, on the transformed scale where it is
/// logarithmic; writes a PNG.
/// @throws Error{cannot_write}.
void draw_parameter_recovery(const ParameterRecovery& recovery,
                             const std::vector<Transform>& transforms, const std::string& path);

/// Confusion matrix: rows true, columns best; writes a PNG.
/// @throws Error{cannot_write}.
void draw_model_recovery(const ModelRecovery& recovery, const std::string& path);

}  // namespace sociometer
