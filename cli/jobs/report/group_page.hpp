#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/report/participant_page.hpp"

namespace sociometer::jobs {

/// Whether there is anything of all participants: group analyses, regions, choices, thresholded
/// maps.
bool has_group_results(const FoundResults& found);

/// The page of a study: group analyses, and what there is of regions and behaviour.
/// @param participants  name and address of each participant's page.
MadePage group_page(const FoundResults& found,
                    const std::vector<std::pair<std::string, std::string>>& participants,
                    const PageContext& context);

}  // namespace sociometer::jobs
