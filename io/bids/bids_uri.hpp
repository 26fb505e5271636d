#pragma once
#include <map>
#include <string>
#include <vector>

namespace sociometer {

/// Files as BIDS URIs, "bids:fmriprep:sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz": the
/// dataset is the nearest folder above with a dataset_description.json, named after that folder.
class BidsUris {
 public:
  /// The URI of a file, or its path where it lies in no dataset.
  std::string of(const std::string& path);
  std::vector<std::string> of(const std::vector<std::string>& paths);
  /// What DatasetLinks of dataset_description.json must hold: names and file:// addresses.
  const std::map<std::string, std::string>& links() const { return links_; }

 private:
  std::map<std::string, std::string> links_;
};

}  // namespace sociometer
