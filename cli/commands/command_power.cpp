#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/simulation/power_job.hpp"
#include "cli/options/power_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_power_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "power",
      "How often a study would end with each claim, over participants, trials and effect size");
  auto request = std::make_shared<PowerRequest>();
  add_power_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer power --participants 20 40 60 80 --trials 40 60 --effect 0.04 0.06 "
      "-o power");
  c->callback([request, &shell] {
    for (const auto& line : power(*request, shell.session()).sentences) print_result(line + "\n");
  });
}

}  // namespace sociometer::cli
