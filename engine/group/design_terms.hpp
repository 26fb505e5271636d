#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

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
