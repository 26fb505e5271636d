#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_run.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/option_kinds.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

struct MergeArguments {
  std::vector<std::string> parts;
  std::string output;
};

/// The command of the shards, with another output folder.
std::vector<std::string> command_of(const ShardParts& shards, const std::string& output) {
  std::vector<std::string> words;
  const Json& stored = shards.parts[0].run.value("Command", Json::array());
  for (size_t i = 0; i < stored.size(); ++i) {
    const std::string word = stored[i].get<std::string>();
    if (word == "-o" || word == "--output") {
      words.insert(words.end(), {word, output});
      ++i;
    } else if (word.starts_with("--output=")) {
      words.push_back("--output=" + output);
    } else if (word.starts_with("-o")) {
      words.push_back("-o" + output);
    } else {
      words.push_back(word);
    }
  }
  return words;
}

int run_merge(const MergeArguments& a, const GlobalOptions& global) {
  const ShardParts shards = read_shard_parts(a.parts);
  const std::vector<std::string> words = command_of(shards, a.output);
  CLI::App app;
  auto* c = app.add_subcommand("group");
  GroupArguments group;
  GlobalOptions stored;
  add_group_options(*c, group);
  add_global_options(*c, stored);
  describe_options(app);
  try {
    app.parse(unsplit_arguments(words));
  } catch (const CLI::ParseError& error) {
    fail(ErrorCode::bad_input, "the command in {} cannot be read: {}", shards.paths[0],
         error.what());
  }
  process_session().provenance = provenance_of(*c, "");
  const std::string folder = shards.parts[0].run.value("Folder", "");
  try {
    return run_group(group, global, result_options(*c), &shards);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cannot_write) throw;
    throw Error(error.code(), fmt::format("{} (shard 1 ran in {}; merge reads the same files)",
                                          error.what(), folder));
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
  c->callback([a, &global, &exit_code] { exit_code = run_merge(*a, global); });
}

}  // namespace sociometer::cli
