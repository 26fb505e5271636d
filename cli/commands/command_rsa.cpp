#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/rsa/rsa_job.hpp"
#include "cli/options/rsa_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_rsa_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("rsa", "Representational similarity of single trials or conditions");
  auto request = std::make_shared<RsaRequest>();
  add_rsa_options(*c, *request);
  add_memory_option(*c, shell.options);
  add_dry_run_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer rsa --trials trials/sub-01/sub-01_trials.tsv --trial-types feedback "
      "\\\n"
      "    --set rejection --model rank_mean_before outcome_value_before \\\n"
      "    --nuisance trial_number -o rsa");
  c->callback([request, &shell] {
    shell.summary = rsa(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
