#include "cli/commands/study_slurm.hpp"

#include <fmt/format.h>

#include "cli/jobs/study/slurm_study.hpp"
#include "cli/terminal/child_process.hpp"

namespace sociometer::cli {
namespace {

SlurmReply run_slurm(const std::vector<std::string>& words) {
  const ProgramOutput said = run_program(words);
  return {said.status, said.out, said.err};
}

}  // namespace

JobSummary run_on_slurm(const StudyRunOptions& options, const Shell& shell) {
  SlurmStudy study{.request = options.request,
                   .settings = options.slurm.settings,
                   .stop_at_failure = options.stop_on_first_crash,
                   .report = !options.no_report,
                   .wait = options.slurm.wait,
                   .command = shell.provenance.command};
  study.settings.program = path_of_this_program();
  if (shell.options.n_threads > 0) study.settings.cpus = shell.options.threads();
  return submit_study(
      study, run_slurm, [](const std::string& text) { fmt::print("{}", text); }, shell.session());
}

JobSummary continue_on_slurm(const std::string& stage_file, const Shell& shell) {
  return continue_study(stage_file, run_slurm, shell.session());
}

}  // namespace sociometer::cli
