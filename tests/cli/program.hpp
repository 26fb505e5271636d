#pragma once
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/records/sidecar.hpp"

namespace sociometer::testing {

/// Result of a command: its exit code (128 + signal after a crash) and its output.
struct CommandResult {
  int exit_code = -1;
  std::string out, err;
};

using Words = std::vector<std::string>;

/// Runs `sociometer arguments..`; `before` precedes it on the shell's line ("ulimit -f 8;").
CommandResult run_program(const Words& arguments, const std::string& before = "");

/// Starts `sociometer arguments..` and kills it with SIGKILL as soon as `file` exists; the exit
/// code is 137 unless it ended before.
CommandResult run_and_kill(const Words& arguments, const std::string& file);

/// Runs lines of sh in which `sociometer` is the program under test.
CommandResult run_script(const std::string& script);

/// Runs a script with the system's python3; exit code 127 if there is none.
CommandResult run_python(const std::string& script, const Words& arguments);

/// Every file and folder below `folder`, sorted; empty if it does not exist.
Words everything_in(const std::string& folder);

/// Names of files in a folder with the given ending, sorted.
Words names_ending_in(const std::string& folder, const std::string& ending);

Json read_json(const std::string& path);

/// Expects this exit code, one line on stderr starting with "error: ", and every word in it.
::testing::AssertionResult fails_with(const CommandResult& result, int exit_code,
                                      const Words& words);

/// Expects this exit code; prints stderr otherwise.
::testing::AssertionResult exits_with(const CommandResult& result, int exit_code);

/// Whether both folders have the same files with this ending, byte for byte, and at least one.
::testing::AssertionResult same_files(const std::string& folder_a, const std::string& folder_b,
                                      const std::string& ending);

}  // namespace sociometer::testing
