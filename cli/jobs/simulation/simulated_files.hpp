#pragma once
#include <string>

#include "cli/jobs/session.hpp"
#include "engine/simulate/study.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::jobs {

/// Raw BIDS without images: descriptions, participants, ratings, events.
void write_raw_tables(OutputSet& outputs, const SimulatedStudy& study);

/// derivatives/truth: settings, parameters, schedules, regions, maps, events with signals.
void write_truth(OutputSet& outputs, const SimulatedStudy& study, const Session& session);

/// The images of one run, raw and as preprocessed by fMRIPrep, with mask and confounds.
void write_run_images(OutputSet& outputs, const SimulatedStudy& study, size_t participant,
                      size_t run);
/// Files that accompany the images in the derivatives folder.
void write_image_descriptions(OutputSet& outputs, const SimulatedStudy& study);

/// "sub-01", and "sub-01/func/sub-01_task-social_run-1_" below any dataset.
std::string subject_of(const SimulatedParticipant& participant);
std::string run_stem(const SimulatedParticipant& participant, size_t run);

}  // namespace sociometer::jobs
