#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/simulate/power.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// What `power` was asked for. Designs are those of the simulator's game, or of events tables.
struct PowerRequest {
  PowerPlan plan;
  std::vector<double> effect_d;  ///< own effects as d; none: plan.effects in percent
  double noise_ar = 0.4;
  double target = 0.8;  ///< power that is asked for
  // The game.
  std::optional<int> runs;    ///< 2
  std::vector<int> trials;    ///< per run; none: 60
  std::optional<int> people;  ///< who play it; 12
  std::string settings;       ///< JSON, as simulate reads it
  // Events.
  std::vector<std::string> events;
  std::optional<double> tr_s;
  std::vector<Eigen::Index> n_scans;  ///< one for all, or one per table
  std::string signals;                ///< TYPE:COLUMN,COLUMN; none: those that learn writes
};

/// @throws Error{usage} for options that contradict each other, Error{bad_input} for values that
/// cannot be used.
void check(const PowerRequest& request);

/// What the figures are computed from.
struct PowerInputs {
  PowerPlan plan;
  std::vector<StudyDesigns> designs;  ///< by trials
  std::string source;                 ///< "simulated game" or "events tables"
  size_t n_people = 0;                ///< whose designs they are
  SimulationSettings settings;        ///< of the game
  LearningSettings learning;
  ModulatorSet signals;
  std::vector<InputFile> files;
  std::vector<std::string> warnings;
};

/// @throws Error as check, and for files that cannot be read.
PowerInputs load(const PowerRequest& request, int n_threads);

}  // namespace sociometer::cli
