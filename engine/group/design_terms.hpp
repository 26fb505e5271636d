#pragma once
#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// Columns of a group design that form one term, by name.
struct DesignColumns {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< (n_observations, n_columns)
};

/// How the levels of a factor are coded.
enum class FactorCoding {
  treatment,  ///< a column per level except the reference: its difference from the reference
  sum,  ///< a column per level except the reference, which is -1 in all: deviation from the mean
};

constexpr std::array<Name<FactorCoding>, 2> names_of(std::type_identity<FactorCoding>) {
  return {{{FactorCoding::treatment, "treatment"}, {FactorCoding::sum, "sum"}}};
}

/// Where the intercept of a design with covariates is evaluated: at their means, or at zero.
enum class CovariateCentering { mean, none };
constexpr std::array<Name<CovariateCentering>, 2> names_of(std::type_identity<CovariateCentering>) {
  return {{{CovariateCentering::mean, "mean"}, {CovariateCentering::none, "none"}}};
}

/// A covariate as a column of a design.
struct Covariate {
  Eigen::VectorXd values;
  double mean = 0;                 ///< of the observed values, before centring
  Eigen::Index n_missing = 0;      ///< values imputed by the mean
  std::optional<double> constant;  ///< the common value, if all are equal
};

/// @param values  NaN where missing; at least one must be present.
Covariate covariate(Eigen::VectorXd values, CovariateCentering centering);

/// A categorical variable, one label per observation.
struct Factor {
  std::string name;
  std::vector<std::string> labels;
  std::string reference;  ///< empty: the first level (treatment), the last (sum)
};

/// Distinct labels: numbers by value, then strings alphabetically.
std::vector<std::string> factor_levels(const std::vector<std::string>& labels);

/// The level without a column of its own.
/// @throws Error{bad_input} for a reference that is not a level, or a factor with a single level.
std::string reference_level(const Factor& factor, FactorCoding coding);

/// Columns name_level, (n_levels - 1), in the order of the levels; characters of a level other than
/// letters, digits and points become underscores.
/// @throws Error{bad_input} as reference_level.
DesignColumns factor_columns(const Factor& factor, FactorCoding coding);

/// Products of each column of one with each column of the other, named a:b.
DesignColumns interaction_columns(const DesignColumns& a, const DesignColumns& b);

/// One indicator column per participant, in order of appearance.
DesignColumns person_columns(const std::vector<std::string>& participants);

/// All matrices joined into one.
DesignColumns joined_columns(const std::vector<DesignColumns>& parts);

/// Whether a column is a linear combination of those of a design, up to rounding.
bool spans(const Eigen::MatrixXd& design, const Eigen::VectorXd& column);

}  // namespace sociometer
