#pragma once
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

/// After this call SIGINT, SIGTERM and SIGHUP remove unfinished outputs and then end the process
/// with that signal, as the shell expects. Signals that the caller ignores (nohup) stay ignored.
/// Must be called before other threads start.
/// @param journal  receives a message; must live as long as the process.
void remove_outputs_when_interrupted(TerminalJournal& journal);

/// For main, before it reports or returns: does not return once a signal was received, as the
/// process is about to end.
void wait_if_interrupted();

}  // namespace sociometer::cli
