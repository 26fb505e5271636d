#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/commands/study_children.hpp"
#include "cli/commands/study_slurm.hpp"
#include "cli/jobs/study/run_study.hpp"
#include "cli/jobs/study/study_status.hpp"
#include "cli/options/group_options.hpp"
#include "cli/options/study_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {
namespace {

JobSummary run_with(const StudyRunOptions& options, const Shell& shell) {
  const double memory = options.memory.empty() ? 0 : parse_memory(options.memory);
  if (!options.job.empty()) {
    Session session = shell.session();
    session.memory_bytes = memory;
    return run_study_job(options.job, session);
  }
  if (!options.slurm.stage.empty()) return continue_on_slurm(options.slurm.stage, shell);
  if (options.slurm.on && !options.dry_run) return run_on_slurm(options, shell);
  const StudyLedger ledger(absolute_path(options.request.output));
  StudyExecution execution;
  execution.limits = {shell.options.threads(), memory, options.stop_on_first_crash};
  execution.launch = [&](const StudyJob& job, const JobShare& share) {
    return do_in_child(job, ledger, share);
  };
  execution.dry_run = options.dry_run;
  execution.report = !options.no_report;
  execution.clean = options.clean;
  execution.list_only = options.list_jobs;
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
    if (options->n_threads > 0) shell.options.n_threads = options->n_threads;
    shell.summary = run_with(*options, shell);
    print_result(shell.summary.text);
  });
}

void add_status_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("status", "What of a study is done, running, failed and waiting");
  auto output = std::make_shared<std::string>();
  auto in_short = std::make_shared<bool>(false);
  c->add_option("output-folder", *output, "Output folder of run")->required();
  c->add_flag("--short", *in_short, "The numbers in one line, without the table");
  add_global_options(*c, shell.options);
  c->footer(
      "Ends with 0 if all is done, 5 if something failed, runs or waits.\n"
      "Example:\n  sociometer status study/derivatives/sociometer");
  c->callback([output, in_short, &shell] {
    shell.summary = study_status(*output, *in_short);
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
