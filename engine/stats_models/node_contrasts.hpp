#pragma once
#include <functional>
#include <string>
#include <vector>

#include "engine/stats_models/run_design.hpp"

namespace sociometer {

/// The columns that a condition means, all with an equal share of its weight.
using ConditionColumns = std::function<std::vector<std::string>(const std::string& condition)>;

/// A node's Contrasts, then its DummyContrasts that none of them replaces.
/// @param all_conditions  those of DummyContrasts without a list.
std::vector<ModelContrast> with_dummies(const StatsNode& node,
                                        const std::vector<std::string>& all_conditions);

/// A contrast as expressions of columns: "0.5*`go` - 1*`stop`".
/// @throws Error{bad_input} for a name with both ' and `.
NodeContrast node_contrast(const ModelContrast& contrast, const std::string& name,
                           const ConditionColumns& columns_of);

/// @throws Error{bad_input} naming two contrasts whose files would have the same name.
void require_distinct(const StatsNode& node, const std::vector<NodeContrast>& contrasts);

}  // namespace sociometer
