#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/connectivity/ppi_job.hpp"
#include "cli/options/connectivity_options.hpp"

namespace sociometer::cli {

void add_ppi_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "ppi", "Designs with a seed and its interactions with conditions and modulators");
  auto request = std::make_shared<PpiRequest>();
  add_ppi_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n"
      "  bold=study/derivatives/fmriprep/sub-01/func/*_run-1_*_desc-preproc_bold.nii.gz\n"
      "  sociometer roi extract --series $bold --rois rois/rois.tsv -o seeds\n"
      "  sociometer ppi --series seeds/*_timeseries.tsv --seed dACC --tr 2 \\\n"
      "    --events learning/sub-01/func/*_run-1_desc-signals_events.tsv \\\n"
      "    --modulators feedback:outcome_update -o ppi\n"
      "  sociometer fit --bold $bold --design ppi/design.tsv \\\n"
      "    --contrast 'ppi=ppi:feedback:outcome_update' --prefix sub-01 -o coupling");
  c->callback([request, &shell] { shell.summary = ppi(*request, shell.session()); });
}

}  // namespace sociometer::cli
