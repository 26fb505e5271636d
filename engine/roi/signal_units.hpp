#pragma once
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/roi/dissociation.hpp"

namespace sociometer {

/// The unit in which the effects of different signals are compared.
///
/// An effect per unit of probability and one per rank cannot be subtracted: the signal with the
/// smaller unit would dominate the difference. Each signal therefore gets one factor, the same for
/// all participants and regions, which does not affect tests within the signal.
enum class SignalUnits {
  /// Effect per standard deviation of the trial-wise regressor, averaged over participants: the
  /// effect of the signal as it varied in this study.
  regressor_sd,
  /// Effect divided by the standard deviation (over participants) of the difference between
  /// regions, root mean square over pairs of regions: needs only the values.
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
/// @param units  null: regressor_sd if known for every signal, else difference_sd.
/// @param regressor_sd  per signal, in the unit of its regressor; NaN if unknown.
/// @throws Error{usage} if regressor_sd is requested but unknown for a signal, Error{bad_input} if
/// regions do not differ in any participant, so that there is no variation to divide by.
ScaledSignals in_comparable_units(const DissociationData& data,
                                  const std::vector<double>& regressor_sd,
                                  const SignalUnits* units = nullptr);

}  // namespace sociometer
