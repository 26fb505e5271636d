#pragma once
#include <string>
#include <vector>

#include <Eigen/Core>

#include "cli/jobs/session.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/mask.hpp"

namespace sociometer::jobs {

/// The outcome of a command, in a few lines of level info at its end.
class Summary {
 public:
  /// @param title  the first line: what was done, and on how much data.
  explicit Summary(std::string title) : title_(std::move(title)) {}
  /// A row: a name, padded to the longest, and its text.
  void add(std::string name, std::string text);
  /// Reports the rows, and the location of the results as the last line.
  void report(Journal& journal, const std::string& folder, const std::string& prefix = "") const;

 private:
  std::string title_;
  std::vector<std::pair<std::string, std::string>> rows_;
};

/// Reports the location of a command's results, as its last line.
void report_written(Journal& journal, const std::string& folder, const std::string& prefix);

/// "largest |z|: z = -5.20 at (-4, 12, 30) mm"; "no finite z" if there is none.
/// @param z  (n_voxels), in the order of the mask.
/// @param two_sided  else the largest signed z, as for an F contrast, where -4 is p near 1.
std::string peak_text(const Eigen::Ref<const Eigen::VectorXd>& z, const Mask& mask, bool two_sided);

}  // namespace sociometer::jobs
