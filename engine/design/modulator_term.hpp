#pragma once
#include <cmath>
#include <string>

namespace sociometer {

/// A parametric modulator is a column or a function of one: abs(COLUMN) is its absolute value,
/// taken before centring; missing values stay missing.
struct ModulatorTerm {
  std::string column;
  bool absolute = false;
  double of(double value) const { return absolute ? std::abs(value) : value; }
};

/// The term that a modulator's text names.
ModulatorTerm modulator_term(const std::string& text);

}  // namespace sociometer
