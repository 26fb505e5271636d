#pragma once
#include <map>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/contrast.hpp"
#include "engine/design/estimability.hpp"

namespace sociometer {

/// The design of a group: one row per map, named columns.
struct GroupDesign {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< M, (n_participants, n_columns)
  /// Trailing columns that weight lists may omit: an added intercept, effects of participants.
  Eigen::Index n_implied = 0;
  /// Factors and their columns, which contrasts may refer to by one name.
  std::map<std::string, std::vector<std::string>> factors = {};
  Eigen::Index n_participants() const { return values.rows(); }
};

/// One column of ones, named intercept.
GroupDesign one_sample_design(Eigen::Index n_participants);

/// Checks a design before any image is read.
/// @throws Error{bad_input}: values that are not finite, duplicate column names, fewer
/// participants than columns plus one, linearly dependent columns; the message names each.
void check_group_design(const GroupDesign& design);

/// A contrast as weights on the columns of the design.
struct GroupContrast {
  ContrastSpec spec;
  Eigen::MatrixXd rows;  ///< C, (n_rows, n_columns), independent rows
  bool is_t() const { return spec.kind == ContrastKind::t; }
};

/// A factor's name stands for its columns: all of them in an F contrast, a single one in t.
/// @throws Error{bad_input} for an unknown column, a factor with several columns in t, a list of
/// weights of the wrong length, a contrast of zeros.
GroupContrast resolve_group_contrast(const ContrastSpec& spec, const GroupDesign& design);

/// What a contrast tests, in the space of the participants.
///
/// The model M beta splits into the reduced model, in which C beta = 0, with orthonormal basis
/// `nuisance` (Z), and the part added by the contrast, with orthonormal basis `tested` (Q). With e
/// the residuals of the reduced model, t = sqrt(dof) q'e / sqrt(e'e - (q'e)^2).
/// @source Winkler et al. 2014, Permutation inference for the general linear model, NeuroImage 92.
struct TestedSpace {
  Eigen::MatrixXd tested;    ///< Q, (n, n_rows); t: along the effect
  Eigen::MatrixXd nuisance;  ///< Z, (n, rank - n_rows)
  double dof = 0;            ///< n - rank(M)
  /// The contrast is not estimable from these participants, or no degree of freedom is left.
  bool estimable = false;
  bool nuisance_has_constant = false;  ///< 1 lies in the span of Z
};

/// @param design  rows of M of the included participants.
TestedSpace tested_space(const Eigen::MatrixXd& design, const GroupContrast& contrast);

/// The selected rows of a matrix.
Eigen::MatrixXd chosen_rows(const Eigen::MatrixXd& matrix, const std::vector<Eigen::Index>& rows);

}  // namespace sociometer
