#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/roi/study_regions.hpp"
#include "engine/simulate/images.hpp"
#include "engine/simulate/phantom.hpp"
#include "engine/simulate/play.hpp"
#include "engine/simulate/schedule_search.hpp"
#include "engine/simulate/truth.hpp"

namespace sociometer {

/// The plan of a simulated study.
struct StudyPlan {
  SimulationSettings settings;
  LearningSettings learning;
  int n_participants = 12, n_runs = 2, n_rounds = 60;  ///< rounds of each run
  int n_candidates = 1;                                ///< schedules to choose from
  uint64_t seed = 1;
  SimulationGrid grid = SimulationGrid::mm3;
};

/// All that is known of a participant before the images are made.
struct SimulatedParticipant {
  Person person;
  PlayedGame game;
  std::vector<TrialSignals> signals;  ///< of all rounds
  ChosenSchedule schedule;
  ScheduleQuality played;  ///< of the choices made
};

/// A study without its images.
struct SimulatedStudy {
  StudyPlan plan;
  std::vector<Decider> deciders;
  std::vector<SimulatedParticipant> participants;
  Phantom phantom;
  ResponseMaps maps;
};

/// The same for any number of threads.
SimulatedStudy simulate_study(const StudyPlan& plan, int n_threads);

/// Motion of the head in one run, and the images, which are made volume by volume.
struct SimulatedRun {
  Eigen::MatrixXd motion;  ///< (n_scans, 6)
  RunImages images;
};
/// @param participant, run  numbers from 0. The result refers to nothing in `study`.
SimulatedRun simulate_run(const SimulatedStudy& study, size_t participant, size_t run);

/// Mean coefficients of a region on the two signals, in their units.
struct RegionEffects {
  StudyRegion region;
  size_t n_voxels = 0;  ///< of the brain within the sphere on this grid
  double outcome = 0, rank = 0;
};
/// Of each of study_regions().
/// @param effects  (n_voxels of the brain, truth_columns()), as person_effects gives them.
std::vector<RegionEffects> region_effects(const Phantom& phantom, const Eigen::MatrixXd& effects);

}  // namespace sociometer
