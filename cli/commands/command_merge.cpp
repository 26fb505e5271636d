#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/group/merge_job.hpp"

namespace sociometer::cli {

void add_merge_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("merge", "Results of `group` from the parts of all its shards");
  auto request = std::make_shared<MergeRequest>();
  c->add_option("parts", request->parts, "Files of all shards, in any order")->required();
  c->add_option("-o,--output,--out", request->output, "Output folder")->required();
  add_global_options(*c, shell.options);
  c->footer(
      "Reads the inputs of `group` again (from the folder where that ran, if paths are relative) "
      "and gives what it would have given without --shard.\n"
      "Example:\n  sociometer merge shards/shard-*.h5 -o merged");
  c->callback([request, &shell] { shell.summary = merge(*request, shell.session()); });
}

}  // namespace sociometer::cli
