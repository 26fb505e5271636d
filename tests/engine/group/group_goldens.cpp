#include "tests/engine/group/group_goldens.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"

namespace sociometer::testing {

Mask peers_mask() { return read_mask(golden("simulated/group/mask.nii.gz")); }

Eigen::MatrixXd peers_effects(const std::vector<int>& participants) {
  const Mask mask = peers_mask();
  Eigen::MatrixXd out(Eigen::Index(participants.size()), mask.n_voxels());
  for (size_t i = 0; i < participants.size(); ++i)
    out.row(Eigen::Index(i)) =
        group_map(fmt::format("simulated/group/effect_{:02}.nii.gz", participants[i]), mask).row(0);
  return out;
}

std::vector<int> from_to(int first, int last) {
  std::vector<int> out(size_t(last - first + 1));
  std::iota(out.begin(), out.end(), first);
  return out;
}

std::vector<int> four_and_four() { return {1, 2, 3, 4, 9, 10, 11, 12}; }

Eigen::MatrixXd group_map(const std::string& name, const Mask& mask) {
  return masked(golden(name), mask).transpose();
}

Eigen::MatrixXd group_csv(const std::string& name) {
  const std::string text = read_bytes(golden(name));
  std::vector<std::vector<double>> rows(1);
  std::string cell;
  for (const char c : text + "\n") {
    if (c == ',' || c == '\n') {
      if (!cell.empty()) rows.back().push_back(std::stod(cell));
      cell.clear();
      if (c == '\n' && !rows.back().empty()) rows.emplace_back();
    } else {
      cell += c;
    }
  }
  rows.pop_back();
  Eigen::MatrixXd out(Eigen::Index(rows.size()), Eigen::Index(rows[0].size()));
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c) out(Eigen::Index(r), Eigen::Index(c)) = rows[r][c];
  return out;
}

GroupDesign design_of(const Eigen::MatrixXd& values) {
  GroupDesign design;
  design.values = values;
  for (Eigen::Index c = 0; c < values.cols(); ++c)
    design.names.push_back("x" + std::to_string(c + 1));
  return design;
}

GroupContrast contrast_of(const std::string& weights, const GroupDesign& design) {
  const bool f = weights.find(';') != std::string::npos;
  return resolve_group_contrast(
      parse_contrast("c=" + weights, f ? ContrastKind::F : ContrastKind::t), design);
}

GroupDesign two_groups(Eigen::Index n) {
  Eigen::MatrixXd values = Eigen::MatrixXd::Zero(2 * n, 2);
  values.col(0).head(n).setOnes();
  values.col(1).tail(n).setOnes();
  return design_of(values);
}

}  // namespace sociometer::testing
