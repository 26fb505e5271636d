#pragma once
#include <map>
#include <string>
#include <vector>

namespace sociometer {

/// Files as BIDS URIs, "bids:fmriprep:sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz": the
/// dataset is the nearest enclosing folder with a dataset_description.json and has its name.
class BidsUris {
 public:
  /// The URI of a file, or its path if it lies outside any dataset.
  std::string of(const std::string& path);
  std::vector<std::string> of(const std::vector<std::string>& paths);
  /// The DatasetLinks entries needed in dataset_description.json: names and file:// addresses.
  const std::map<std::string, std::string>& links() const { return links_; }

 private:
  std::map<std::string, std::string> links_;
};

}  // namespace sociometer
