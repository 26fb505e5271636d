#pragma once
#include <functional>
#include <string>

#include "tests/cli/program.hpp"

namespace sociometer::testing {

/// Whether this machine gives pseudo-terminals: a root without devpts does not.
bool has_terminals();

/// Runs `sociometer arguments..` on a terminal of so many columns; `err` is all that it shows.
CommandResult run_on_terminal(const Words& arguments, int columns);

/// Starts `sociometer arguments..` and sends it a signal as soon as `ready` says so; the exit code
/// is 128 + the signal that ended it, or its own when it was done before.
CommandResult run_and_signal(const Words& arguments, int signal,
                             const std::function<bool()>& ready);

}  // namespace sociometer::testing
