#pragma once
#include <string>
#include <vector>

#include "io/bids/bids_finding.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer {

/// How deep in a dataset a file lies, which decides what inherits from it.
enum class BidsLevel { dataset, participant, session, data };

/// A file of a dataset that may matter to functional images: bold, mask, timeseries (regressors,
/// confounds) and events, with the sidecars of bold and events.
struct BidsFile {
  std::string path;  ///< starts with the dataset's root as it was given
  BidsName name;
  BidsLevel level = BidsLevel::data;
  bool is_link = false;  ///< a symbolic link, which may dangle
};

/// Files of one participant, in natural order of their names.
struct BidsPerson {
  std::string label;                  ///< without "sub-"
  std::string folder;                 ///< its path
  std::vector<std::string> sessions;  ///< labels without "ses-", natural order; may be empty
  std::vector<BidsFile> files;        ///< of the folders sub-X, sub-X/ses-Y and their func
  bool has_references = false;        ///< boldref images: all that fMRIPrep's minimal level writes
};

/// A raw dataset or a folder of derivatives.
///
/// Only the top folder, sub-X, sub-X/ses-Y and their func are listed: sourcedata, code, logs,
/// figures, hidden folders and nested derivatives are never entered, and links cannot make circles.
/// No file is opened. `.bidsignore` is ignored: it lists names for the validator that BIDS does not
/// define yet, and fMRIPrep's hides every confounds table (`*_timeseries.tsv`).
struct BidsDataset {
  std::string root;
  bool has_description = false;    ///< dataset_description.json
  std::vector<BidsFile> shared;    ///< of the top folder: what people inherit
  std::vector<BidsPerson> people;  ///< natural order of labels

  /// nullptr for one who is not there.
  const BidsPerson* person(const std::string& label) const;
};

/// Labels (without "sub-") of the folders sub-* at the top of a dataset, in natural order.
/// @throws Error{bad_input} if the folder cannot be listed.
std::vector<std::string> bids_participants(const std::string& root);

/// Lists a dataset.
///
/// @param participants  labels, with or without "sub-"; empty: all. Those who have no folder are
///                      left out; folders of others are not entered.
/// @throws Error{bad_input} if the top folder cannot be listed.
/// @cost one listing per folder; a file's type is looked up only where the listing lacks it.
BidsDataset index_dataset(const std::string& root, const std::vector<std::string>& participants,
                          BidsFindings& findings);

/// A raw dataset and its derivatives.
struct BidsStudy {
  BidsDataset raw;
  std::vector<BidsDataset> derivatives;  ///< in the order given
  BidsFindings findings;

  /// Labels of everyone indexed, natural order.
  std::vector<std::string> participants() const;
};

/// @param participants  as above.
/// @throws Error{bad_input} as above; if a dataset has no sub-* folder at all, naming a subfolder
/// that has; for a participant who is in none of the datasets, naming the nearest label.
BidsStudy index_study(const std::string& raw, const std::vector<std::string>& derivatives,
                      const std::vector<std::string>& participants = {});

/// The folder of derivatives to use when none is given: BIDS/derivatives/fmriprep*, or the only
/// other folder there with sub-* folders.
/// @throws Error{usage} if there are several, naming them, or none.
std::string default_derivatives(const std::string& raw);

}  // namespace sociometer
