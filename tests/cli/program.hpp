#pragma once
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/records/sidecar.hpp"

namespace sociometer::testing {

/// What a command left: its exit code (128 + signal when it crashed) and what it printed.
struct CommandResult {
  int exit_code = -1;
  std::string out, err;
};

using Words = std::vector<std::string>;

/// Runs `sociometer arguments..`; `before` is put before it on the shell's line ("ulimit -f 8;").
CommandResult run_program(const Words& arguments, const std::string& before = "");

/// Starts `sociometer arguments..`, and kills it with SIGKILL as soon as `file` is there; the exit
/// code is 137 unless it ended before.
CommandResult run_and_kill(const Words& arguments, const std::string& file);

/// Runs lines of sh in which `sociometer` is the program under test.
CommandResult run_script(const std::string& script);

/// Runs a script with the system's python3; exit code 127 where there is none.
CommandResult run_python(const std::string& script, const Words& arguments);

/// Every file and folder below `folder`, sorted; empty when it is not there.
Words everything_in(const std::string& folder);

/// Files of a folder, sorted by name, whose names end so.
Words names_ending_in(const std::string& folder, const std::string& ending);

Json read_json(const std::string& path);

/// Exit code, one line of stderr that begins with "error: ", and every word in it.
::testing::AssertionResult fails_with(const CommandResult& result, int exit_code,
                                      const Words& words);

/// Exit code as expected; prints stderr when it is not.
::testing::AssertionResult exits_with(const CommandResult& result, int exit_code);

/// The same files ending so, byte for byte, in both folders, and at least one of them.
::testing::AssertionResult same_files(const std::string& folder_a, const std::string& folder_b,
                                      const std::string& ending);

}  // namespace sociometer::testing
