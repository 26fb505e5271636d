#pragma once
#include <cmath>
#include <string>

namespace sociometer {

/// A parametric modulator: a column or a function of one. abs(COLUMN) is its absolute value, taken
/// before centring; missing values stay missing.
struct ModulatorTerm {
  std::string column;
  bool absolute = false;
  double of(double value) const { return absolute ? std::abs(value) : value; }
};

/// Parses a modulator: "COLUMN" or "abs(COLUMN)".
ModulatorTerm modulator_term(const std::string& text);

}  // namespace sociometer
