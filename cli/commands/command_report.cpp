#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/report/report_job.hpp"
#include "cli/options/report_options.hpp"

namespace sociometer::cli {

void add_report_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("report", "Pages to look at, from the records and maps on disk");
  auto request = std::make_shared<ReportRequest>();
  add_report_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer("Example:\n  sociometer report group");
  c->callback([request, &shell] { shell.summary = report(*request, shell.session()); });
}

}  // namespace sociometer::cli
