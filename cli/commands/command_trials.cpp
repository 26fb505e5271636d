#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/trials/trials_job.hpp"
#include "cli/options/trial_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_trials_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("trials", "First level: an amplitude for every trial");
  auto request = std::make_shared<TrialsRequest>();
  add_trial_options(*c, *request);
  add_memory_option(*c, shell.options);
  add_dry_run_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer trials --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz "
      "\\\n"
      "    --events learning/sub-01/func/*_events.tsv \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --trial-types feedback --average-by chosen --rois rois/rois.tsv \\\n"
      "    --prefix sub-01 -o trials/sub-01");
  c->callback([request, &shell] {
    shell.summary = trials(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
