#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/roi_commands.hpp"
#include "cli/jobs/regions/extract_job.hpp"
#include "cli/options/region_options.hpp"
#include "cli/terminal/terminal_journal.hpp"

namespace sociometer::cli {

void add_roi_extract_command(CLI::App& roi, Shell& shell) {
  auto* c = roi.add_subcommand("extract",
                               "Values of regions: from maps, from estimates.h5, or time courses");
  auto request = std::make_shared<ExtractRequest>();
  add_extract_options(*c, *request);
  add_memory_option(*c, shell.options);
  add_dry_run_option(*c, shell.options);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer roi extract --estimates maps/*/*_estimates.h5 --rois rois/rois.tsv "
      "\\\n"
      "    --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned -o "
      "values");
  c->callback([request, &shell] {
    shell.summary = extract(*request, shell.session());
    print_result(shell.summary.text);
  });
}

}  // namespace sociometer::cli
