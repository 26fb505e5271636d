#pragma once
#include <string>
#include <vector>

#include "engine/simulate/phantom.hpp"
#include "engine/simulate/play.hpp"
#include "engine/simulate/schedule_search.hpp"
#include "engine/simulate/truth.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer::cli {

/// What `simulate` was asked for.
struct StudyPlan {
  SimulationSettings settings;
  LearningSettings learning;
  int n_participants = 0, n_runs = 0, n_rounds = 0, n_candidates = 1;
  uint64_t seed = 1;
  std::string grid;
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

SimulatedStudy simulate_study(const StudyPlan& plan, int n_threads);

/// Raw BIDS without images: descriptions, participants, ratings, events.
void write_raw_tables(OutputSet& outputs, const SimulatedStudy& study);

/// derivatives/truth: settings, parameters, schedules, regions, maps, events with signals.
void write_truth(OutputSet& outputs, const SimulatedStudy& study, int n_threads);

/// The images of one run, raw and as fMRIPrep would leave them, with mask and confounds.
void write_run_images(OutputSet& outputs, const SimulatedStudy& study, size_t participant,
                      size_t run);
/// What the derivatives folder of the images has beside them.
void write_image_descriptions(OutputSet& outputs, const SimulatedStudy& study);

/// "sub-01", and "sub-01/func/sub-01_task-social_run-1_" below any dataset.
std::string subject_of(const SimulatedParticipant& participant);
std::string run_stem(const SimulatedParticipant& participant, size_t run);

}  // namespace sociometer::cli
