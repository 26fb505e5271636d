#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/model_commands.hpp"
#include "cli/options/model_options.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

/// Prints all findings; then the first refusal ends the command.
/// @return what would fail while the rest is done.
JobSummary print(const ModelCheck& check, const std::string& model, Journal& journal) {
  fmt::print("{}", check.text);
  std::fflush(stdout);
  if (check.refusals.empty()) {
    const size_t n = check.problems.size();
    if (n > 0)
      journal.warn(fmt::format("{} would fail, while the others are done: {}{}",
                               n == 1 ? "1 run, participant or group"
                                      : fmt::format("{} runs, participants or groups", n),
                               check.problems.front(), n == 1 ? "" : "; the others are above"));
    return {check.problems, ""};
  }
  const size_t more = check.refusals.size() - 1;
  const std::string& first = check.refusals.front();
  const bool named = first.find(model) != std::string::npos;
  fail(ErrorCode::bad_input, "{}{}{}", named ? "" : model + " cannot be run: ", first,
       more == 0 ? "" : fmt::format(" (and {} more, above)", more));
}

}  // namespace

void add_model_check_command(CLI::App& model, Shell& shell) {
  auto* c = model.add_subcommand(
      "check", "What a model does, in words; its columns and weights in a dataset; what is wrong");
  auto request = std::make_shared<StatsModelCheckRequest>();
  add_model_check_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Ends with 0 if all could be done, 5 if some runs or participants would fail, 3 if `run`\n"
      "would refuse the model or the dataset.\n"
      "Example:\n  sociometer model check docs/models/model-dissociation_smdl.json --bids study "
      "\\\n"
      "    -o model-check");
  c->callback([request, &shell] {
    const Session session = shell.session();
    shell.summary = print(check_model(*request, session), request->study.model, session.journal);
  });
}

}  // namespace sociometer::cli
