#include "cli/jobs/simulation/simulated_files.hpp"

#include <fmt/format.h>

#include "engine/simulate/confounds.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/study_tables.hpp"

namespace sociometer::jobs {
namespace {

constexpr const char* kTask = "social";
constexpr const char* kSpace = "space-MNI152NLin2009cAsym_";
constexpr const char* kPreprocessed = "derivatives/fmriprep/";
constexpr double kSlope = 0.25;  // of the stored integers, signal units

/// dataset_description.json of a simulated dataset.
std::string description_of(const char* name, bool derivative) {
  Json json;
  json["Name"] = name;
  json["BIDSVersion"] = "1.9.0";
  json["DatasetType"] = derivative ? "derivative" : "raw";
  json["License"] = "CC0";
  if (!derivative)
    json["Authors"] = {"Sociometer (simulated: no person was scanned)", "sociometer simulate"};
  json["GeneratedBy"] = Json::array({{{"Name", "Sociometer"},
                                      {"Version", version()},
                                      {"Commit", commit()},
                                      {"Description", "sociometer simulate"}}});
  return to_text(json);
}

Json image_sidecar(const StudyPlan& plan, bool preprocessed, Eigen::Index n_slices) {
  Json json;
  json["TaskName"] = kTask;
  json["RepetitionTime"] = plan.settings.timing.tr_s;
  json["Simulated"] = true;
  if (preprocessed) {
    json["SkullStripped"] = true;
    json["SpatialReference"] = "MNI152NLin2009cAsym";
    json["StartTime"] = 0;
  } else {
    // A volume is sampled at a single time: no slice timing correction is needed.
    json["SliceTiming"] = std::vector<double>(size_t(n_slices), 0.0);
    json["Instructions"] =
        "Choose one of two partners; learn from the rank they give you and from "
        "whether you get in.";
  }
  return json;
}

}  // namespace

std::string subject_of(const SimulatedParticipant& participant) {
  return "sub-" + participant.person.label;
}

std::string run_stem(const SimulatedParticipant& participant, size_t run) {
  const std::string subject = subject_of(participant);
  return fmt::format("{0}/func/{0}_task-{1}_run-{2}_", subject, kTask, run + 1);
}

void write_raw_tables(OutputSet& outputs, const SimulatedStudy& study) {
  const SimulationSettings& settings = study.plan.settings;
  outputs.write("dataset_description.json",
                description_of("Simulated study of learning from acceptance and rank", false));
  outputs.write(
      "README",
      "A simulated study: no person took part and nothing here was measured.\n\n"
      "Made by `sociometer simulate`. Participants choose between partners and see whether they "
      "get "
      "in and, with some partners, how highly they were ranked. Raw images are written already "
      "aligned, with the values that derivatives/fmriprep has; derivatives/truth holds what was "
      "put "
      "into the images and the choices.\n");
  std::vector<Person> people;
  std::vector<std::vector<Rating>> ratings;
  for (size_t i = 0; i < study.participants.size(); ++i) {
    people.push_back(study.participants[i].person);
    ratings.push_back(draw_ratings(settings, study.deciders, study.plan.seed, int(i) + 1));
  }
  outputs.write("participants.tsv", participants_to_tsv(people));
  outputs.write("participants.json", to_text(participants_dictionary(settings.population)));
  outputs.write("phenotype/ratings.tsv",
                ratings_to_tsv(people, ratings, study.deciders, settings.game));
  outputs.write("phenotype/ratings.json", to_text(ratings_dictionary(settings.ratings)));
  outputs.write("phenotype/being_liked.tsv", wide_ratings_to_tsv(people, ratings, study.deciders));
  outputs.write("phenotype/being_liked.json",
                to_text(wide_ratings_dictionary(settings.ratings, study.deciders, settings.game)));
  outputs.write("phenotype/rating_effects.tsv",
                rating_effects_to_tsv(people, ratings, study.deciders, settings.game));
  outputs.write("phenotype/rating_effects.json", to_text(rating_effects_dictionary()));
  // BIDS allows one row per participant in a phenotype table; the long table is for analysis.
  outputs.write(".bidsignore", "phenotype/ratings.*\nsociometer-*.toml\n");
  outputs.write(fmt::format("task-{}_events.json", kTask),
                to_text(events_dictionary(settings, study.deciders)));
  for (const auto& participant : study.participants)
    for (size_t r = 0; r < participant.game.runs.size(); ++r) {
      const Table table =
          events_table(participant.game.runs[r], study.deciders, settings.timing, 0).table;
      outputs.write(run_stem(participant, r) + "events.tsv", to_tsv(table.names, table.rows));
    }
}

void write_image_descriptions(OutputSet& outputs, const SimulatedStudy& study) {
  outputs.write(std::string(kPreprocessed) + "dataset_description.json",
                description_of("Simulated images in the layout of fMRIPrep", true));
  const std::string mask_bytes = [&] {
    const auto bytes =
        nifti_bytes(study.phantom.brain, Eigen::MatrixXd::Ones(study.phantom.brain.n_voxels(), 1),
                    ScalarType::uint8, "brain of a simulated study");
    return std::string(bytes.begin(), bytes.end());
  }();
  for (const auto& participant : study.participants)
    for (size_t r = 0; r < participant.game.runs.size(); ++r) {
      const std::string stem = kPreprocessed + run_stem(participant, r) + kSpace;
      outputs.write(stem + "desc-brain_mask.nii.gz", mask_bytes);
      outputs.write(stem + "desc-brain_mask.json", to_text({{"Type", "Brain"}}));
    }
}

void write_run_images(OutputSet& outputs, const SimulatedStudy& study, size_t participant,
                      size_t run) {
  const StudyPlan& plan = study.plan;
  const SimulatedParticipant& who = study.participants[participant];
  const double tr_s = plan.settings.timing.tr_s;
  SimulatedRun simulated = simulate_run(study, participant, run);
  const Eigen::Index n_scans = simulated.images.n_scans();
  NiftiSeriesWriter series(study.phantom.brain, n_scans, tr_s, ScalarType::int16, kSlope,
                           "simulated by Sociometer");
  ConfoundCollector confounds(study.phantom);
  for (Eigen::Index t = 0; t < n_scans; ++t) {
    const Eigen::VectorXd& volume = simulated.images.next();
    series.add(volume);
    confounds.add(volume);
  }
  const auto bytes = series.finish();
  const Eigen::Index n_slices = study.phantom.brain.grid.size[2];
  const std::string raw = run_stem(who, run), preprocessed = kPreprocessed + raw;
  outputs.write(raw + "bold.nii.gz", bytes);
  outputs.write(raw + "bold.json", to_text(image_sidecar(plan, false, n_slices)));
  outputs.write(preprocessed + kSpace + "desc-preproc_bold.nii.gz", bytes);
  outputs.write(preprocessed + kSpace + "desc-preproc_bold.json",
                to_text(image_sidecar(plan, true, n_slices)));
  outputs.write(preprocessed + "desc-confounds_timeseries.tsv",
                columns_to_tsv(confounds.finish(simulated.motion, tr_s)));
  outputs.write(preprocessed + "desc-confounds_timeseries.json", to_text({{"Simulated", true}}));
}

}  // namespace sociometer::jobs
