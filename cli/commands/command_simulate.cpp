#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/simulation/simulate_job.hpp"
#include "cli/options/simulation_options.hpp"

namespace sociometer::cli {

void add_simulate_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "simulate", "A whole simulated study with known truth: choices, events, images, confounds");
  auto request = std::make_shared<SimulateRequest>();
  auto print_settings = std::make_shared<bool>(false);
  add_simulate_options(*c, *request);
  c->add_flag("--print-settings", *print_settings,
              "Print all settings as JSON, those of --settings included, and stop");
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer simulate study --participants 2 --trials 30 --grid tiny\n  "
      "events=study/derivatives/truth/sub-01/func/sub-01_task-social_run\n  "
      "images=study/derivatives/fmriprep/sub-01/func/sub-01_task-social_run\n  "
      "sociometer fit --bold $images-*_desc-preproc_bold.nii.gz --events $events-*_events.tsv \\\n"
      "    --confounds $images-*_timeseries.tsv --confound-columns 'trans_?' 'rot_?' \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcomeUpdate=feedback:outcome_update "
      "rankUpdateUnsigned=feedback:rank_update_unsigned -o maps");
  c->callback([request, print_settings, &shell] {
    if (*print_settings)
      fmt::print("{}", simulation_settings_text(*request));
    else
      shell.summary = simulate(*request, shell.session());
  });
}

}  // namespace sociometer::cli
