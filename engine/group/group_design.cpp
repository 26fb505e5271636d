#include "engine/group/group_design.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.hpp"
#include "engine/design/subspace.hpp"
#include "engine/glm/contrast_statistics.hpp"

namespace sociometer {
namespace {

/// A residual of a direction on an orthonormal basis below this share of it counts as zero.
constexpr double kNothing = 1e-9;

Eigen::MatrixXd orthonormal_basis(const Eigen::MatrixXd& columns) {
  if (columns.cols() == 0) return Eigen::MatrixXd(columns.rows(), 0);
  const EstimableSpace space(columns);
  return space.basis();
}

/// "[1, -1, 0]" has three entries; an expression has none.
Eigen::Index list_length(const std::string& row) {
  const auto first = row.find_first_not_of(" \t");
  if (first == std::string::npos || row[first] != '[') return 0;
  return std::count(row.begin(), row.end(), ',') + 1;
}

/// The same contrast with factors replaced by their columns.
ContrastSpec without_factors(const ContrastSpec& spec, const GroupDesign& design) {
  ContrastSpec out = spec;
  out.rows.clear();
  for (const auto& row : spec.rows) {
    const auto factor = design.factors.find(row);
    const bool is_column =
        std::find(design.names.begin(), design.names.end(), row) != design.names.end();
    if (factor == design.factors.end() || is_column) {
      out.rows.push_back(row);
      continue;
    }
    if (spec.kind == ContrastKind::t && factor->second.size() > 1)
      fail(ErrorCode::bad_input,
           "contrast {}: factor {} has {} columns; give an F contrast of it, or name one of them",
           spec.name, row, factor->second.size());
    // Quoted, so that a name is taken literally.
    for (const auto& column : factor->second) out.rows.push_back("`" + column + "`");
  }
  return out;
}

/// Names the first column that depends linearly on the columns before it.
std::string dependent_column(const GroupDesign& design) {
  for (Eigen::Index c = 0; c < design.values.cols(); ++c) {
    const EstimableSpace space(design.values.leftCols(c + 1));
    if (space.rank() <= c) return design.names[size_t(c)];
  }
  return "";
}

}  // namespace

GroupDesign one_sample_design(Eigen::Index n_participants) {
  return {{"intercept"}, Eigen::MatrixXd::Ones(n_participants, 1)};
}

void check_group_design(const GroupDesign& design) {
  const Eigen::Index n = design.values.rows(), p = design.values.cols();
  if (p == 0) fail(ErrorCode::bad_input, "the group design has no columns");
  std::set<std::string> seen;
  for (const auto& name : design.names)
    if (!seen.insert(name).second)
      fail(ErrorCode::bad_input, "the group design has two columns named '{}'", name);
  for (Eigen::Index c = 0; c < p; ++c)
    for (Eigen::Index i = 0; i < n; ++i)
      if (!std::isfinite(design.values(i, c)))
        fail(ErrorCode::bad_input,
             "column '{}' of the group design has no number in row {}; leave that participant out "
             "or fill the value in",
             design.names[size_t(c)], i + 1);
  if (n <= p)
    fail(ErrorCode::bad_input,
         "{} participant(s) are too few to estimate {} regressor(s) and the residual variance; the "
         "design needs at least {} maps",
         n, p, p + 1);
  const Eigen::Index rank = EstimableSpace(design.values).rank();
  if (rank < p)
    fail(ErrorCode::bad_input,
         "the group design is rank deficient: {} columns, rank {}; column '{}' follows from those "
         "before it, leave it out",
         p, rank, dependent_column(design));
}

GroupContrast resolve_group_contrast(const ContrastSpec& spec, const GroupDesign& design) {
  for (const auto& row : spec.rows) {
    const Eigen::Index length = list_length(row);
    if (length > 0 && length != design.values.cols() &&
        length != design.values.cols() - design.n_implied)
      fail(ErrorCode::bad_input,
           "contrast {} has {} weights, the group design has {} columns; give one weight per "
           "column",
           spec.name, length, design.values.cols());
  }
  const ResolvedContrast resolved = resolve_contrast(without_factors(spec, design), {design.names},
                                                     {EstimableSpace(design.values)});
  if (!resolved.usable())
    fail(ErrorCode::bad_input, "contrast {} is refused: {}", spec.name, resolved.why_not[0]);
  return {spec, resolved.rows[0]};
}

TestedSpace tested_space(const Eigen::MatrixXd& design, const GroupContrast& contrast) {
  TestedSpace out;
  const EstimableSpace space(design);
  const Eigen::Index rank = space.rank();
  out.dof = double(design.rows() - rank);
  if (out.dof < 1) return out;
  Eigen::MatrixXd coordinates(rank, contrast.rows.rows());
  for (Eigen::Index r = 0; r < contrast.rows.rows(); ++r) {
    if (!space.is_estimable(contrast.rows.row(r).transpose())) return out;
    coordinates.col(r) = space.coordinates(contrast.rows.row(r).transpose());
  }
  const Eigen::MatrixXd along =
      contrast.is_t() ? Eigen::MatrixXd(coordinates.normalized()) : orthonormal_basis(coordinates);
  if (along.cols() < contrast.rows.rows()) return out;
  out.tested = space.basis() * along;
  // The rest of the model's space: the eigenvectors of I - along along' with eigenvalue 1.
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(along);
  const Eigen::MatrixXd all = qr.householderQ();
  out.nuisance = space.basis() * all.rightCols(rank - along.cols());
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(design.rows());
  out.nuisance_has_constant =
      (ones - out.nuisance * (out.nuisance.transpose() * ones)).norm() < kNothing * ones.norm();
  out.estimable = true;
  return out;
}

Eigen::MatrixXd chosen_rows(const Eigen::MatrixXd& matrix, const std::vector<Eigen::Index>& rows) {
  Eigen::MatrixXd out(Eigen::Index(rows.size()), matrix.cols());
  for (size_t i = 0; i < rows.size(); ++i) out.row(Eigen::Index(i)) = matrix.row(rows[i]);
  return out;
}

}  // namespace sociometer
