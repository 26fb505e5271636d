#pragma once
#include <string>

#include "engine/stats_models/stats_model.hpp"
#include "io/bytes/json.hpp"

namespace sociometer {

/// A model as a document of BIDS Stats Models 1.0, in the spelling of the specification:
/// model_from_json gives the same model, places in the file aside. Edges are always written, what
/// has its default value is not.
Json model_to_json(const StatsModel& model);

/// The same as the text of a file: what fits on a line of 100 characters stands on one.
std::string model_text(const StatsModel& model);

}  // namespace sociometer
