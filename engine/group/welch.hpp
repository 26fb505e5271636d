#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_design.hpp"
#include "engine/group/kernels/kernels.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {

/// Welch's v (t contrasts) and G (F contrasts) of a design whose participants have one variance per
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
  /// @param design    rows of the participants present, M.
  /// @param groups    group of each of them.
  WelchModel(const Eigen::MatrixXd& design, const GroupContrast& contrast,
             const std::vector<int>& groups);

  Eigen::Index n_groups() const { return Eigen::Index(members_.size()); }
  Eigen::Index rank() const { return basis_.cols(); }
  /// Orthonormal basis of the design, B.
  const Eigen::MatrixXd& basis() const { return basis_; }
  /// The contrast's rows on the basis: effects are effect_rows()' (B'y).
  const Eigen::MatrixXd& effect_rows() const { return effect_rows_; }
  const std::vector<std::vector<Eigen::Index>>& members() const { return members_; }
  bool is_t() const { return is_t_; }
  /// Rows of the contrast, s.
  Eigen::Index n_rows() const { return effect_rows_.cols(); }
  /// Bounds of the degrees of freedom of the statistic.
  double least_dof() const;
  double most_dof() const;
  /// The smallest freedom_g; 0 where the design fits all values of a group.
  double least_freedom() const { return *std::min_element(freedom_.begin(), freedom_.end()); }

  const std::vector<Eigen::MatrixXd>& products() const { return products_; }
  const std::vector<double>& freedom() const { return freedom_; }

  struct Result {
    double statistic, dof;
  };
  /// Workspace for one voxel at a time.
  struct Workspace {
    std::vector<double> normal, solved, covariance, effect, factor;
  };
  Workspace workspace() const;
  /// @param coordinates  B'y. @param squares  of the residuals, per group, all positive.
  /// Leaves the covariance of the contrast's rows, (s, s), in the workspace.
  /// @cost  r^3 / 6 + r^2 s multiply-adds.
  Result operator()(std::span<const double> coordinates, std::span<const double> squares,
                    Workspace& work) const;
  /// The same with the covariance of the least-squares effects themselves instead of that of the
  /// weighted estimate: sum_g squares_g / freedom_g A_g, A_g = C M^+_g M^+_g' C' (a sandwich); for
  /// t with Satterthwaite's degrees of freedom, (sum)^2 / sum of squares of the terms / freedom_g.
  /// v and this are equal if each group has its own mean in the design. Otherwise v is a
  /// statistic for permutation tests, but its distribution is not t.
  Result of_least_squares(std::span<const double> coordinates, std::span<const double> squares,
                          Workspace& work) const;

 private:
  /// sum_g (1 - w_g / sum w)^2 / freedom_g / (s (s + 2)).
  double spread_of_weights(std::span<const double> squares) const;
  /// F's form of effects over the covariance in the workspace.
  double form_of(Workspace& work, double spread) const;

  bool is_t_;
  Eigen::MatrixXd basis_, effect_rows_;
  std::vector<std::vector<Eigen::Index>> members_;
  std::vector<Eigen::MatrixXd> products_;
  std::vector<Eigen::MatrixXd> effect_products_;  ///< A_g
  std::vector<double> freedom_;
};

/// z of v and G, whose degrees of freedom differ between values, interpolated.
///
/// For a given statistic z is a smooth function of ln dof: a polynomial through 8 Chebyshev nodes
/// between the smallest and largest degrees of freedom, each node a TailTable. Within 1e-6 of
/// z_from_t and z_from_f from 3 degrees of freedom on (tests/engine/group/welch_test.cpp); exact
/// below.
/// @cost  about 200 ns; the exact ones take 1 to 3 microseconds.
class WelchTails {
 public:
  explicit WelchTails(const WelchModel& model);
  double z(double statistic, double dof) const;
  /// For t: the same for many values. What it leaves out is computed by z().
  shuffle_kernels::TailNodes for_kernels() const;

 private:
  static constexpr int kNodes = shuffle_kernels::kTailNodes;
  void set_powers();
  static constexpr int kPieces = 80;  ///< of |t|, on which those of the tables lie
  static constexpr double kWidth = 0.25;
  bool is_t_;
  double numerator_dof_, low_, high_;
  std::vector<double> nodes_, weights_;  ///< ln dof; of the barycentric formula
  std::vector<TailTable> tables_;
  std::vector<double> powers_;  ///< for t
};

}  // namespace sociometer
