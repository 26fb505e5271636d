#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/commands/study_children.hpp"
#include "cli/jobs/study/run_study.hpp"
#include "cli/options/group_options.hpp"
#include "cli/options/study_options.hpp"

namespace sociometer::cli {
namespace {

JobSummary run_with(const StudyRunOptions& options, const Shell& shell) {
  if (!options.job.empty()) return run_study_job(options.job, shell.session());
  const StudyLedger ledger(std::filesystem::absolute(options.request.output).lexically_normal());
  StudyExecution execution;
  execution.limits = {shell.options.threads(),
                      options.memory.empty() ? 0 : parse_memory(options.memory),
                      options.stop_on_first_crash};
  execution.launch = [&](const StudyJob& job, int threads) {
    return do_in_child(job, ledger, threads);
  };
  execution.dry_run = options.dry_run;
  execution.as_json = options.json;
  execution.command = shell.provenance.command;
  return run_study(options.request, execution, shell.session());
}

}  // namespace

void add_run_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand(
      "run", "A whole study: from a BIDS dataset and a stats model to group statistics");
  auto options = std::make_shared<StudyRunOptions>();
  add_study_options(*c, *options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer run study study/derivatives/sociometer group \\\n"
      "    --model docs/models/model-dissociation_smdl.json");
  c->callback([options, &shell] {
    finish_study_options(*options);
    shell.summary = run_with(*options, shell);
    fmt::print("{}", shell.summary.text);
  });
}

void add_status_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("status", "What of a study is done, running, failed and waiting");
  auto output = std::make_shared<std::string>();
  c->add_option("output-folder", *output, "Output folder of run")->required();
  add_global_options(*c, shell.options);
  c->footer("Example:\n  sociometer status study/derivatives/sociometer");
  c->callback([output, &shell] {
    shell.summary = study_status(*output);
    fmt::print("{}", shell.summary.text);
  });
}

}  // namespace sociometer::cli
