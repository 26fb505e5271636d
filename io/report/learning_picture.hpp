#pragma once
#include <string>

#include "engine/learning/recovery.hpp"

namespace sociometer {

/// Plots true versus estimated values, one panel per parameter, logarithmically where the
/// parameter is transformed that way; writes a PNG.
/// @throws Error{cannot_write}.
void draw_parameter_recovery(const ParameterRecovery& recovery,
                             const std::vector<Transform>& transforms, const std::string& path);

/// Confusion matrix: rows are the true models, columns the best-fitting ones; writes a PNG.
/// @throws Error{cannot_write}.
void draw_model_recovery(const ModelRecovery& recovery, const std::string& path);

}  // namespace sociometer
