#pragma once
#include <string>

#include "io/sidecar.hpp"

namespace sociometer::cli {

/// "sociometer 0.1.0 (commit ..)" and what it was built with: for --version.
std::string version_text();
/// The same for sidecars.
Json software_json();
std::string version();
std::string commit();

/// The command line as a sidecar tells it: without the thread count, which changes no byte.
void remember_command_line(int argc, char** argv);
const std::string& command_line();

}  // namespace sociometer::cli
