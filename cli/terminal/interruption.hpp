#pragma once
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

/// From here on SIGINT, SIGTERM and SIGHUP end the process after unfinished outputs are removed,
/// by that signal, as the shell expects. Signals that the caller ignores (nohup) stay ignored.
/// To be called before other threads start.
/// @param journal  is told of it; must live as long as the process.
void remove_outputs_when_interrupted(TerminalJournal& journal);

/// For main, before it reports or returns: does not come back once a signal came, which ends the
/// process in a moment.
void wait_if_interrupted();

}  // namespace sociometer::cli
