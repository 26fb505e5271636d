#pragma once
#include "engine/learning/signals.hpp"

namespace sociometer {

/// Numbers in place of the signals of a round, for planning a design before learning: all that a
/// round can have are there, and differ from round to round and from signal to signal.
/// @param round  counted from 0 within the run.
TrialSignals placeholder_signals(size_t round, const Trial& trial);

}  // namespace sociometer
