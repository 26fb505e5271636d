#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace sociometer::cli {

/// Options of commands that read tables with a row per trial (jobs::JoinedTablesRequest).
/// @param join_help  of --join.
void add_joined_tables_options(CLI::App& app, std::vector<std::string>& join,
                               std::vector<std::string>& join_by, std::string& participant,
                               const std::string& join_help);

}  // namespace sociometer::cli
