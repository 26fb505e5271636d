#pragma once
#include <string>

#include "cli/jobs/group/group_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The options of `group`, bound to the fields of a request, which must outlive the command.
void add_group_options(CLI::App& command, jobs::GroupRequest& request);

/// "500M", "8G", "1.5T": bytes, with K, M, G and T as powers of 1024.
/// @throws Error{usage}.
double parse_memory(const std::string& text);

}  // namespace sociometer::cli
