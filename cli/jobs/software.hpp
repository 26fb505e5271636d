#pragma once
#include <string>
#include <vector>

#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// "sociometer 0.1.0 (commit ..)" and what it was built with: for --version.
std::string version_text();
/// The same for sidecars.
Json software_json();
std::string version();
std::string commit();

/// The command line as sidecars tell it: each option once, in the order in which they were given,
/// without what changes no byte of any result, such as the number of threads.
void remember_command_words(std::vector<std::string> words);
/// The same, a word after the other, without the program's name.
const std::vector<std::string>& command_words();
std::string command_line();

}  // namespace sociometer::cli
