#pragma once
#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"

namespace sociometer {

/// Columns of a group design that belong together, by name.
struct DesignColumns {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  ///< (n_observations, n_columns)
};

/// How the levels of a factor become columns.
enum class FactorCoding {
  treatment,  ///< a column per level but the reference: its difference from the reference
  sum,  ///< a column per level but the reference, which is -1 in all: difference from the mean
};

constexpr std::array<Name<FactorCoding>, 2> names_of(std::type_identity<FactorCoding>) {
  return {{{FactorCoding::treatment, "treatment"}, {FactorCoding::sum, "sum"}}};
}

/// What the intercept of a design with covariates is at: their means, or their zeros.
enum class CovariateCentering { mean, none };
constexpr std::array<Name<CovariateCentering>, 2> names_of(std::type_identity<CovariateCentering>) {
  return {{{CovariateCentering::mean, "mean"}, {CovariateCentering::none, "none"}}};
}

/// A covariate as a column of a design.
struct Covariate {
  Eigen::VectorXd values;
  double mean = 0;                 ///< of the values that are there, before centring
  Eigen::Index n_missing = 0;      ///< that were taken to be the mean
  std::optional<double> constant;  ///< the value that all have, if they have one
};

/// @param values  NaN where missing; at least one is there.
Covariate covariate(Eigen::VectorXd values, CovariateCentering centering);

/// A property with a few labels, one per observation.
struct Factor {
  std::string name;
  std::vector<std::string> labels;
  std::string reference;  ///< empty: the first level (treatment), the last (sum)
};

/// Distinct labels: numbers by value, then words by letters.
std::vector<std::string> factor_levels(const std::vector<std::string>& labels);

/// The level that gets no column of its own.
/// @throws Error{bad_input} for a reference that is no level, or a factor with a single level.
std::string reference_level(const Factor& factor, FactorCoding coding);

/// Columns name_level, (n_levels - 1): in the order of the levels; other signs than letters, digits
/// and points of a level become underscores.
/// @throws Error{bad_input} as reference_level.
DesignColumns factor_columns(const Factor& factor, FactorCoding coding);

/// Products of each column of one with each of the other, named a:b.
DesignColumns interaction_columns(const DesignColumns& a, const DesignColumns& b);

/// An indicator column per person, in the order in which they come.
DesignColumns person_columns(const std::vector<std::string>& participants);

/// One matrix of all.
DesignColumns joined_columns(const std::vector<DesignColumns>& parts);

/// Whether a column is a combination of those of a design, to rounding.
bool spans(const Eigen::MatrixXd& design, const Eigen::VectorXd& column);

}  // namespace sociometer
