#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/first_level/design_job.hpp"
#include "cli/options/design_options.hpp"

namespace sociometer::cli {

void add_design_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "design", "Design matrices with their diagnostics and a picture, without images");
  auto request = std::make_shared<DesignJobRequest>();
  add_design_options(*c, request->design);
  c->add_option("--n-scans", request->n_scans, "Scans of each run")->delimiter(',');
  c->add_option("--prefix", request->prefix, "Put before every file name");
  c->add_option("-o,--output", request->output, "Output folder")->required();
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer design --events learning/sub-01/func/*_run-1_desc-signals_events.tsv "
      "\\\n"
      "    --tr 2 --n-scans 515 --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast 'feedback:outcome_update - feedback:rank_update_unsigned' -o design");
  c->callback([request, &shell] { shell.summary = design(*request, shell.session()); });
}

}  // namespace sociometer::cli
