#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/design/events.hpp"
#include "engine/design/regressors.hpp"

namespace sociometer {

/// Parametric modulators of one event type, in order: "feedback:match,rank".
struct ModulatorSet {
  std::string event_type;
  std::vector<std::string> columns;
};

enum class Centering { run, all, none };
constexpr std::array<Name<Centering>, 3> names_of(std::type_identity<Centering>) {
  return {{{Centering::run, "run"}, {Centering::all, "all"}, {Centering::none, "none"}}};
}
enum class Orthogonalisation { none, serial };
constexpr std::array<Name<Orthogonalisation>, 2> names_of(std::type_identity<Orthogonalisation>) {
  return {{{Orthogonalisation::none, "none"}, {Orthogonalisation::serial, "serial"}}};
}
/// Division of trial values by their standard deviation (n - 1), after centring: effects are then
/// per standard deviation, comparable between modulators with different units.
enum class ModulatorScaling {
  none,
  sd,      ///< over the trials of the run; with serial orthogonalisation, of the residual
  sd_all,  ///< of the raw values over the trials of all runs
};
constexpr std::array<Name<ModulatorScaling>, 3> names_of(std::type_identity<ModulatorScaling>) {
  return {{{ModulatorScaling::none, "none"},
           {ModulatorScaling::sd, "sd"},
           {ModulatorScaling::sd_all, "sd-all"}}};
}

/// How trial values become weights. The defaults are ours; packages differ (docs/numerics.md).
struct ModulatorPolicy {
  Centering center = Centering::run;
  Orthogonalisation orthogonalise = Orthogonalisation::none;
  ModulatorScaling scaling = ModulatorScaling::none;
  /// For Centering::all: mean of each "type:column" over all runs' trials that have a value.
  std::map<std::string, double> means_over_runs;
  /// For ModulatorScaling::sd_all: their standard deviation over the same trials.
  std::map<std::string, double> sds_over_runs;
};

/// @throws Error{usage} unless the text is TYPE:COLUMN[,COLUMN..].
ModulatorSet parse_modulators(const std::string& text);
Centering parse_centering(const std::string& text);  ///< @throws Error{usage}
std::string to_string(Centering c);
Orthogonalisation parse_orthogonalisation(const std::string& text);  ///< @throws Error{usage}
ModulatorScaling parse_modulator_scaling(const std::string& text);   ///< @throws Error{usage}
std::string to_string(ModulatorScaling scaling);

/// Mean of each "type:column" over all runs' trials that have a value, for Centering::all.
std::map<std::string, double> modulator_means(const std::vector<Events>& runs,
                                              const std::vector<ModulatorSet>& sets);

/// Standard deviation (n - 1) over the same trials, for
/// ModulatorScaling::sd_all; 0 for fewer than two.
std::map<std::string, double> modulator_sds(const std::vector<Events>& runs,
                                            const std::vector<ModulatorSet>& sets);

/// The stimulus of one event type and one for each modulator, sharing onsets and durations.
///
/// A modulator is centred over the trials that have a value; trials without one get weight 0 and
/// still count in the main effect; true zeros are values. With Orthogonalisation::serial, each
/// modulator's projection on the constant and the preceding modulators is removed, over the trials
/// that have a value for it. Scaled values are divided by their standard deviation; a modulator
/// without variation stays 0. The weights are multiplied by the event's amplitude.
/// @return main effect first, named after the type, then "type:column" for each modulator; empty if
/// no event has the type.
std::vector<Stimulus> stimuli_of_type(const Events& events, const std::string& type,
                                      const std::vector<std::string>& columns,
                                      const ModulatorPolicy& policy);

}  // namespace sociometer
