#pragma once
#include <span>
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_design.hpp"

namespace sociometer {

/// Welch's v (t contrasts) and G (F contrasts) of a design whose participants have a variance per
/// group.
///
/// With b the least-squares estimate, W diagonal with freedom_g / squares_g for participants of
/// group g, freedom_g the sum over g of the residual-forming matrix's diagonal and squares_g that
/// of squared residuals, v = C b / sqrt(C (M'WM)^-1 C'), and G is the same quadratic form over s
/// rows, divided by s and by 1 + 2 (s - 1) sum_g (1 - w_g / sum w)^2 / freedom_g / (s (s + 2)). For
/// two groups v is Welch's t with Satterthwaite's degrees of freedom.
/// @source Welch 1951; Winkler et al. 2014, NeuroImage 92, appendix.
class WelchModel {
 public:
  /// @param design    rows of the participants who are there, M.
  /// @param groups    of each of them.
  WelchModel(const Eigen::MatrixXd& design, const GroupContrast& contrast,
             const std::vector<int>& groups);

  Eigen::Index n_groups() const { return Eigen::Index(members_.size()); }
  Eigen::Index rank() const { return basis_.cols(); }
  /// Orthonormal basis of the design, B.
  const Eigen::MatrixXd& basis() const { return basis_; }
  /// The contrast's rows on the basis: effects are effect_rows()' (B'y).
  const Eigen::MatrixXd& effect_rows() const { return effect_rows_; }
  const std::vector<std::vector<Eigen::Index>>& members() const { return members_; }
  /// B_g'B_g of the members of group g.
  const std::vector<Eigen::MatrixXd>& products() const { return products_; }

  struct Result {
    double statistic, dof;
  };
  /// Numbers of one voxel at a time.
  struct Workspace {
    std::vector<double> normal, solved, covariance, effect;
  };
  Workspace workspace() const;
  /// @param coordinates  B'y. @param squares  of the residuals, per group, each above 0.
  /// Leaves the covariance of the contrast's rows, (s, s), in the workspace.
  /// @cost  r^3 / 6 + r^2 s multiply-adds.
  Result operator()(std::span<const double> coordinates, std::span<const double> squares,
                    Workspace& work) const;

 private:
  bool is_t_;
  Eigen::MatrixXd basis_, effect_rows_;
  std::vector<std::vector<Eigen::Index>> members_;
  std::vector<Eigen::MatrixXd> products_;
  std::vector<double> freedom_;
};

}  // namespace sociometer
