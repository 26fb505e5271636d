#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/model_commands.hpp"
#include "cli/options/model_options.hpp"

namespace sociometer::cli {

void add_model_from_command_command(CLI::App& model, Shell& shell) {
  auto* c = model.add_subcommand(
      "from-command",
      "A model that does what a `fit`, and a `group` over its results, does: for whole studies");
  struct Options {
    std::vector<std::string> words;
    std::string output;
  };
  auto options = std::make_shared<Options>();
  c->add_option(
       "command-line", options->words,
       "Configurations that stand beside results (.._sociometer-fit.toml), or a command line of "
       "fit or group, or both: configurations first, then the line. With a line, -- stands before "
       "all of them, as in -- FILE.toml group --effects maps")
      ->required();
  c->add_option("-o,--output", options->output, "The model's file")->required();
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer model from-command -o model-of-command_smdl.json -- fit \\\n"
      "    --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz \\\n"
      "    --events learning/sub-01/func/*_events.tsv \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcome=feedback:outcome_update");
  c->callback([options, &shell] {
    ModelFromRequest request = requests_of(options->words);
    request.output = options->output;
    shell.summary = write_model_of_requests(request, shell.session());
  });
}

}  // namespace sociometer::cli
