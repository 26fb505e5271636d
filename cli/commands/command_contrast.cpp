#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/first_level/contrast_job.hpp"
#include "cli/options/bind.hpp"

namespace sociometer::cli {

void add_contrast_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("contrast", "New contrasts from estimates.h5, without the images");
  auto request = std::make_shared<ContrastRequest>();
  c->add_option("estimates", request->estimates,
                "estimates.h5: those of a participant are combined, people are not")
      ->required();
  c->add_option("--contrast", request->contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c->add_option("--f-contrast", request->f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
  add_choice(*c, "--fixed-effects", request->fixed_effects,
             "Runs combined by precision, meier (precision, with the noise of its weights), pooled "
             "(one weight per run, by its median precision over voxels), equal, or as nilearn");
  add_choice(*c, "--map-type", request->map_type, "float32 or float64 (p maps are always float64)");
  c->add_option("--prefix", request->prefix, "Put before every file name");
  c->add_option("-o,--output", request->output, "Output folder")->required();
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer contrast maps/sub-01/sub-01_estimates.h5 \\\n"
      "    --contrast 'both=0.5*feedback:outcome_update + 0.5*feedback:rank_update_unsigned' \\\n"
      "    --prefix sub-01 -o more");
  c->callback([request, &shell] { shell.summary = contrast(*request, shell.session()); });
}

}  // namespace sociometer::cli
