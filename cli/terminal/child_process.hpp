#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sociometer::cli {

/// How a child process ended.
struct ChildOutcome {
  int status = 0;           ///< as the shell sees it
  int signal = 0;           ///< that ended it; 0: none
  uint64_t peak_bytes = 0;  ///< resident memory
};

/// Runs this program again with other words and waits for it. Its messages replace the content of a
/// file. Children end with their parent, however that ends.
/// @throws Error{cannot_write} if the file or the process cannot be made.
ChildOutcome run_child(const std::vector<std::string>& words,
                       const std::filesystem::path& messages);

/// The output of another program.
struct ProgramOutput {
  int status = 0;  ///< as the shell sees it: 128 + signal if one ended it
  std::string out, err;
};

/// Runs a program of PATH, without a shell, and waits for it.
/// @throws Error{usage} if there is no such program.
ProgramOutput run_program(const std::vector<std::string>& words);

/// The file of this program.
std::string path_of_this_program();

/// For main of a child: asks the system to interrupt it when its parent ends.
void end_with_parent();

}  // namespace sociometer::cli
