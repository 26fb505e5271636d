#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_filters.hpp"
#include "io/bids/bids_index.hpp"

namespace sociometer {

/// An image within an indexed study.
struct ChosenImage {
  const BidsDataset* dataset;
  const BidsPerson* person;
  const BidsFile* file;
};

/// One image per run, in the order of find_runs, which see.
std::vector<ChosenImage> choose_images(const BidsStudy& study, const BidsFilter& filter,
                                       BidsFindings& findings);

/// The filter with find_runs' defaults for entities that it does not mention.
BidsFilter with_defaults(BidsFilter filter);

/// Entities that tell one run from another, as in the name: "sub-01_ses-2_task-x_run-01".
std::string run_label_of(const BidsName& name);

/// The same for comparisons: run numbers without leading zeros.
std::string run_key_of(const BidsName& name);

}  // namespace sociometer
