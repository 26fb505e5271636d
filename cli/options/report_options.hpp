#pragma once
#include "cli/jobs/report/report_request.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// The options of `report`, bound to the fields of a request, which must outlive the command.
void add_report_options(CLI::App& command, jobs::ReportRequest& request);

}  // namespace sociometer::cli
