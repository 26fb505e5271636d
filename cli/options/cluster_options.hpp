#pragma once
#include "cli/jobs/clusters/clusters_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The options of `clusters`, bound to the fields of a request, which must outlive the command.
void add_cluster_options(CLI::App& command, jobs::ClustersRequest& request);

}  // namespace sociometer::cli
