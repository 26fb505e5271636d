#pragma once
#include <string>
#include <vector>

#include <Eigen/Core>

#include "cli/jobs/session.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/mask.hpp"

namespace sociometer::jobs {

/// What came out of a command, in a few lines of level info at its end.
class Summary {
 public:
  /// @param title  the first line: what was done on how much.
  explicit Summary(std::string title) : title_(std::move(title)) {}
  /// A row: a name, padded to the longest, and what is said of it.
  void add(std::string name, std::string text);
  /// Says it, and where results are as the last line.
  void tell(Journal& journal, const std::string& folder, const std::string& prefix = "") const;

 private:
  std::string title_;
  std::vector<std::pair<std::string, std::string>> rows_;
};

/// Where the results of a command are, as its last line.
void tell_written(Journal& journal, const std::string& folder, const std::string& prefix);

/// "largest |z|: z = -5.20 at (-4, 12, 30) mm"; "no finite z" without one.
/// @param z  (n_voxels), in the order of the mask.
/// @param two_sided  else the largest z itself, as of an F contrast, where -4 is p near 1.
std::string peak_text(const Eigen::Ref<const Eigen::VectorXd>& z, const Mask& mask, bool two_sided);

}  // namespace sociometer::jobs
