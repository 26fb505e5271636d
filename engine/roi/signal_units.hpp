#pragma once
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/roi/dissociation.hpp"

namespace sociometer {

/// In which unit the effects of different signals are compared.
///
/// An effect per unit of probability and one per rank cannot be subtracted: the difference is that
/// of the signal with the smaller unit. Each signal therefore gets one factor, the same for all
/// participants and regions, which leaves every test within the signal as it is.
enum class SignalUnits {
  /// Effect of one standard deviation of the trial-wise regressor, averaged over participants:
  /// what the signal as it varied in this study did.
  regressor_sd,
  /// Effect over the standard deviation (over participants) of the difference between regions, root
  /// mean square over pairs of regions: needs nothing but the values.
  difference_sd,
  given,  ///< as in the table
};
constexpr std::array<Name<SignalUnits>, 3> names_of(std::type_identity<SignalUnits>) {
  return {{{SignalUnits::regressor_sd, "regressor-sd"},
           {SignalUnits::difference_sd, "difference-sd"},
           {SignalUnits::given, "given"}}};
}
std::string to_string(SignalUnits units);

struct ScaledSignals {
  DissociationData data;
  SignalUnits units = SignalUnits::given;
  std::vector<double> factors;  ///< by which each signal was multiplied
};

/// The same data in comparable units.
/// @param units  none: regressor_sd where it is known for every signal, else difference_sd.
/// @param regressor_sd  per signal, in the unit of its regressor; NaN where not known.
/// @throws Error{usage} when regressor_sd is asked for and not known for a signal, Error{bad_input}
/// when regions do not differ in anyone, so that there is no spread to divide by.
ScaledSignals in_comparable_units(const DissociationData& data,
                                  const std::vector<double>& regressor_sd,
                                  const SignalUnits* units = nullptr);

}  // namespace sociometer
