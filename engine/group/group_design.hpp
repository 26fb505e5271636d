#pragma once
#include <map>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/contrast.hpp"
#include "engine/design/estimability.hpp"

namespace sociometer {

/// The design of a group: one row per map, columns by name.
struct GroupDesign {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< M, (n_participants, n_columns)
  /// Last columns that weight lists may leave out: an added intercept, effects of participants.
  Eigen::Index n_implied = 0;
  /// Factors and their columns, which contrasts may name at once.
  std::map<std::string, std::vector<std::string>> factors = {};
  Eigen::Index n_participants() const { return values.rows(); }
};

/// One column of ones, named intercept.
GroupDesign one_sample_design(Eigen::Index n_participants);

/// Checks a design before anything is read from images.
/// @throws Error{bad_input}: values that are not finite, two columns of one name, fewer
/// participants than columns plus one, columns that depend on each other; each named.
void check_group_design(const GroupDesign& design);

/// A contrast as weights on the columns of the design.
struct GroupContrast {
  ContrastSpec spec;
  Eigen::MatrixXd rows;  ///< C, (n_rows, n_columns), independent rows
  bool is_t() const { return spec.kind == ContrastKind::t; }
};

/// The name of a factor stands for its columns: all of them in an F contrast, its only one in t.
/// @throws Error{bad_input} for an unknown column, a factor of several columns in t, a list of
/// weights whose length is not the number of columns, a contrast of zeros.
GroupContrast resolve_group_contrast(const ContrastSpec& spec, const GroupDesign& design);

/// What a contrast tests, in the space of the participants.
///
/// The model M beta splits into the reduced model, in which C beta = 0, with orthonormal basis
/// `nuisance` (Z), and what the contrast adds to it, with orthonormal basis `tested` (Q). With e
/// what the reduced model leaves of the data, t = sqrt(dof) q'e / sqrt(e'e - (q'e)^2).
/// @source Winkler et al. 2014, Permutation inference for the general linear model, NeuroImage 92.
struct TestedSpace {
  Eigen::MatrixXd tested;    ///< Q, (n, n_rows); t: along the effect
  Eigen::MatrixXd nuisance;  ///< Z, (n, rank - n_rows)
  double dof = 0;            ///< n - rank(M)
  /// The contrast needs more than these participants can tell, or no degree of freedom is left.
  bool estimable = false;
  bool nuisance_has_constant = false;  ///< 1 lies in the span of Z
};

/// @param design  rows of M of the participants taken.
TestedSpace tested_space(const Eigen::MatrixXd& design, const GroupContrast& contrast);

/// The rows of a matrix that are chosen.
Eigen::MatrixXd chosen_rows(const Eigen::MatrixXd& matrix, const std::vector<Eigen::Index>& rows);

}  // namespace sociometer
