#pragma once
#include <string>

#include "engine/stats_models/stats_model.hpp"

namespace sociometer {

/// Draws the nodes of a model from left to right, as effects flow: what each fits, its columns and
/// contrasts, GroupBy, and the filters of the edges. The same picture as PNG and as SVG.
/// @throws Error{cannot_write}.
void draw_model(const StatsModel& model, const std::string& png, const std::string& svg);

}  // namespace sociometer
