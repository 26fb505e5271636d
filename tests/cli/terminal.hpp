#pragma once
#include <functional>
#include <string>

#include "tests/cli/program.hpp"

namespace sociometer::testing {

/// Whether pseudo-terminals are available: not without devpts.
bool has_terminals();

/// Runs `sociometer arguments..` on a terminal of this width; `err` is everything it shows.
CommandResult run_on_terminal(const Words& arguments, int columns);

/// Starts `sociometer arguments..` and sends a signal once `ready` returns true; the exit code is
/// 128 + the signal that ended it, or its own if it finished before.
CommandResult run_and_signal(const Words& arguments, int signal,
                             const std::function<bool()>& ready);

}  // namespace sociometer::testing
