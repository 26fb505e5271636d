#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

struct MergeArguments {
  std::vector<std::string> parts;
  std::string output;
};

JobSummary run_merge(const MergeArguments& a, const Session& session) {
  const ShardParts shards = read_shard_parts(a.parts);
  const Json& run = shards.parts[0].run;
  GroupRequest request = request_of_run(run, shards.paths[0]);
  request.output = a.output;
  const Session as_group{session.threads, session.journal, provenance_of_run(run, a.output),
                         session.overwrite};
  try {
    return run_group(request, as_group, &shards);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cannot_write) throw;
    throw Error(error.code(), fmt::format("{} (shard 1 ran in {}; merge reads the same files)",
                                          error.what(), run.value("Folder", "")));
  }
}

}  // namespace

void add_merge_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("merge", "Results of `group` from the parts of all its shards");
  auto a = std::make_shared<MergeArguments>();
  c->add_option("parts", a->parts, "Files of all shards, in any order")->required();
  c->add_option("-o,--output,--out", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Reads the inputs of `group` again (from the folder where that ran, if paths are relative) "
      "and gives what it would have given without --shard.\n"
      "Example:\n  sociometer merge shards/shard-*.h5 -o merged");
  c->callback([a, &exit_code] {
    const JobSummary summary = run_merge(*a, process_session());
    exit_code = summary.some_failed() ? kDoneWithFailures : kDone;
  });
}

}  // namespace sociometer::cli
