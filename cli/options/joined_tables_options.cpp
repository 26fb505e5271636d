#include "cli/options/joined_tables_options.hpp"

namespace sociometer::cli {

void add_joined_tables_options(CLI::App& app, std::vector<std::string>& join,
                               std::vector<std::string>& join_by, std::string& participant,
                               const std::string& join_help) {
  app.add_option("--join", join, join_help);
  app.add_option("--join-by", join_by,
                 "Columns that identify trials (default: participant, session, task, run_number "
                 "or run, trial_number or trial, where both have them)")
      ->delimiter(',');
  app.add_option("--participant-column", participant,
                 "Column of the participant; taken from sub- in file names if a table lacks it")
      ->capture_default_str();
}

}  // namespace sociometer::cli
