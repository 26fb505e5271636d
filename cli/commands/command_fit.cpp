#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/first_level/fit_job.hpp"
#include "cli/options/fit_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_fit_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("fit", "First level: BOLD runs of one participant to contrast maps");
  auto request = std::make_shared<FitRequest>();
  add_fit_options(*c, *request);
  add_memory_option(*c, shell.options);
  add_dry_run_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer fit --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz \\\n"
      "    --events learning/sub-01/func/*_events.tsv \\\n"
      "    --confounds study/derivatives/fmriprep/sub-01/func/*_timeseries.tsv \\\n"
      "    --confound-columns 'trans_*' 'rot_*' \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcome=feedback:outcome_update \\\n"
      "    'difference=feedback:outcome_update - feedback:rank_update_unsigned' \\\n"
      "    --f-contrast 'any=feedback:outcome_update;feedback:rank_update_unsigned' \\\n"
      "    --prefix sub-01 -o first/sub-01");
  c->callback([request, &shell] {
    shell.summary = fit(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
