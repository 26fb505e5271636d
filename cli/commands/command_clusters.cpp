#include <memory>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"
#include "cli/jobs/clusters/clusters_job.hpp"
#include "cli/options/cluster_options.hpp"

namespace sociometer::cli {

void add_clusters_command(CLI::App& app, Shell& shell) {
  auto* c = app.add_subcommand("clusters",
                               "Threshold any statistical map: clusters, peaks and their table");
  auto request = std::make_shared<ClustersRequest>();
  add_cluster_options(*c, *request);
  add_global_options(*c, shell.options);
  c->footer(
      "Example:\n  sociometer clusters maps/sub-01/sub-01_contrast-outcome_stat-z_statmap.nii.gz "
      "\\\n"
      "    --fdr 0.05 --sided two --min-cluster-size 5 -o thresholded");
  c->callback([request, &shell] { shell.summary = clusters(*request, shell.session()); });
}

}  // namespace sociometer::cli
