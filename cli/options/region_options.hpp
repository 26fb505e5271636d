#pragma once
#include "cli/jobs/regions/dissociate_request.hpp"
#include "cli/jobs/regions/extract_request.hpp"
#include "cli/jobs/regions/individual_request.hpp"
#include "cli/jobs/regions/make_request.hpp"
#include "cli/jobs/regions/test_request.hpp"
#include "cli/options/cli11_declarations.hpp"

/// The options of `roi` and its commands, bound to their requests.
namespace sociometer::cli {

void add_region_options(CLI::App& command, jobs::RegionRequest& request);
void add_make_options(CLI::App& command, jobs::MakeRequest& request);
void add_extract_options(CLI::App& command, jobs::ExtractRequest& request);
void add_test_options(CLI::App& command, jobs::TestRequest& request);
void add_dissociate_options(CLI::App& command, jobs::DissociateRequest& request);
void add_individual_options(CLI::App& command, jobs::IndividualRequest& request);

}  // namespace sociometer::cli
