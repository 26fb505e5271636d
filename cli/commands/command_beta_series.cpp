#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/connectivity/beta_series_job.hpp"
#include "cli/options/connectivity_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_beta_series_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("beta-series",
                               "Correlations over trials of a seed with regions, by condition");
  auto request = std::make_shared<BetaSeriesRequest>();
  add_beta_series_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n"
      "  sociometer trials --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz \\\n"
      "    --events learning/sub-01/func/*_events.tsv --rois rois/rois.tsv --images none \\\n"
      "    --prefix sub-01 -o amplitudes\n"
      "  sociometer beta-series amplitudes/sub-*_trialRegions.tsv \\\n"
      "    --join amplitudes/sub-*_trials.tsv --seed dACC --regions ventralStriatum \\\n"
      "    --by trial_type -o correlations");
  c->callback([request, &shell] {
    shell.summary = beta_series(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
