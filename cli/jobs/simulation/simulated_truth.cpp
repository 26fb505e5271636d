#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/simulation/simulated_files.hpp"
#include "engine/core/parallel.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/provenance.hpp"
#include "io/records/truth_records.hpp"
#include "io/tables/study_tables.hpp"

namespace sociometer::jobs {
namespace {

constexpr const char* kTruth = "derivatives/truth/";

/// Names of the truth columns in file names, in the order of truth_columns().
constexpr const char* kContrasts[] = {"choice", "feedback", "outcomeUpdate", "rankUpdateUnsigned",
                                      "reciprocity"};

std::string map_name(size_t column) {
  return fmt::format("contrast-{}_stat-effect_statmap.nii.gz", kContrasts[column]);
}

TruthRecord settings_of(const StudyPlan& plan) {
  return {plan.n_participants,
          plan.n_runs,
          plan.n_rounds,
          plan.seed,
          name_of(plan.grid),
          plan.n_candidates,
          {plan.settings, plan.learning}};
}

TruthSchedules schedules_of(const SimulatedStudy& study) {
  TruthSchedules out;
  out.candidates = study.plan.n_candidates;
  out.criterion =
      "smallest larger VIF of both convolved signals, mean over runs, for choices of a model "
      "person "
      "(w 1/2, median beta)";
  out.efficiency = "1 / trace(C (X'X)^-1 C') of both signals' effects";
  for (const auto& p : study.participants)
    out.participants.emplace_back(
        subject_of(p),
        TruthSchedule{p.schedule.candidate, p.schedule.first, p.schedule.chosen, p.played});
  return out;
}

/// Mean effects of a region on both signals, in the units of the coefficients.
std::string regions_tsv(const SimulatedStudy& study, const Eigen::MatrixXd& mean_effects) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [region, n_voxels, outcome, rank] : region_effects(study.phantom, mean_effects))
    rows.push_back({region.name, format_number(region.centre_mm.x()),
                    format_number(region.centre_mm.y()), format_number(region.centre_mm.z()),
                    format_number(region.radius_mm), to_string(region.role),
                    std::to_string(n_voxels), format_number(outcome), format_number(rank),
                    region.source, to_string(region.centre_known), to_string(region.radius_known),
                    region.note.empty() ? "n/a" : region.note});
  return to_tsv({"region", "x", "y", "z", "radius", "role", "n_voxels", "outcome_update",
                 "rank_update_unsigned", "source", "centre_known", "radius_known", "note"},
                rows);
}

/// "outcome update and unsigned rank update": signals with a mean effect in a role's regions.
std::string followed_by(const SimulationSettings& settings, RegionRole role) {
  const RoleResponse mean = mean_response(settings.response, role);
  if (mean.outcome_percent != 0 && mean.rank_percent != 0)
    return "outcome update and unsigned rank update";
  return mean.outcome_percent != 0 ? "outcome update"
         : mean.rank_percent != 0  ? "unsigned rank update"
                                   : "neither";
}

Json regions_dictionary(const SimulationSettings& settings) {
  Json json;
  json["x"] = json["y"] = json["z"] = {{"Description", "Centre in MNI space"}, {"Units", "mm"}};
  json["radius"] = {{"Description", "Radius of the sphere"}, {"Units", "mm"}};
  json["role"] = {{"Description", "What the region follows here"},
                  {"Levels",
                   {{"reward", followed_by(settings, RegionRole::reward)},
                    {"rejection", followed_by(settings, RegionRole::rejection)},
                    {"control", followed_by(settings, RegionRole::control)}}}};
  json["n_voxels"] = {{"Description", "Voxels of the brain within the sphere on this grid"}};
  json["outcome_update"] = {
      {"Description", "Mean coefficient over the region, population mean"},
      {"Units", "signal units per unit of the regressor feedback:outcome_update"}};
  json["rank_update_unsigned"] = {
      {"Description", "Mean coefficient over the region, population mean"},
      {"Units", "signal units per unit of the regressor feedback:rank_update_unsigned"}};
  json["centre_known"] = json["radius_known"] = {
      {"Description", "stated by the source, inferred, or unknown and a default"}};
  return json;
}

void write_maps(OutputSet& outputs, const SimulatedStudy& study, const Eigen::MatrixXd& effects,
                const std::string& prefix) {
  for (size_t c = 0; c < truth_columns().size(); ++c)
    outputs.write(prefix + map_name(c),
                  nifti_bytes(study.phantom.brain, effects.col(Eigen::Index(c)),
                              ScalarType::float32, "simulated truth"));
}

void write_participant(OutputSet& outputs, const SimulatedStudy& study,
                       const SimulatedParticipant& who) {
  const std::string subject = subject_of(who);
  write_maps(outputs, study,
             person_effects(study.phantom, study.maps, study.plan.settings, who.person),
             kTruth + subject + "/" + subject + "_");
  int first = 0;
  for (size_t r = 0; r < who.game.runs.size(); ++r) {
    const TrialTable table =
        events_table(who.game.runs[r], study.deciders, study.plan.settings.timing, first);
    outputs.write(kTruth + run_stem(who, r) + "desc-signals_events.tsv",
                  signals_to_tsv(table, who.signals));
    first += int(who.game.runs[r].rounds.size());
  }
}

}  // namespace

void write_truth(OutputSet& outputs, const SimulatedStudy& study, const Session& session) {
  const std::string folder = kTruth;
  const StudyPlan& plan = study.plan;
  std::vector<Person> people;
  for (const auto& p : study.participants) people.push_back(p.person);
  const Eigen::MatrixXd mean_effects =
      person_effects(study.phantom, study.maps, plan.settings, mean_person(plan.settings));

  Json description;
  description["Name"] = "Truth of a simulated study";
  description["BIDSVersion"] = "1.9.0";
  description["DatasetType"] = "derivative";
  description["GeneratedBy"] =
      Json::array({{{"Name", "Sociometer"}, {"Version", version()}, {"Commit", commit()}}});
  outputs.write(folder + "dataset_description.json", to_text(description));
  outputs.write(
      folder + "README",
      "What was put into a simulated study. Effect maps are coefficients on the regressors "
      "that `sociometer fit --modulators feedback:outcome_update,rank_update_unsigned` "
      "makes of the events here, in signal units: those of each participant, and at the "
      "top those of the population's mean.\n");
  const auto write_record = [&](const char* name, Json json, RecordKind kind) {
    session.provenance.sign(json, kind);
    outputs.write(folder + name, to_text(json));
  };
  write_record("settings.json", record_to_json(settings_of(plan)), RecordKind::truth);
  write_record("schedules.json", record_to_json(schedules_of(study)), RecordKind::truth_schedules);
  outputs.write(folder + "parameters.tsv", parameters_to_tsv(people));
  write_record("parameters.json", parameters_dictionary(), RecordKind::truth_parameters);
  outputs.write(folder + "regions.tsv", regions_tsv(study, mean_effects));
  write_record("regions.json", regions_dictionary(plan.settings), RecordKind::truth_regions);
  Json events = events_dictionary(plan.settings, study.deciders);
  events.update(signals_dictionary());
  write_record("task-social_desc-signals_events.json", events, RecordKind::truth_signals);
  outputs.write(
      folder + "mask.nii.gz",
      nifti_bytes(study.phantom.brain, Eigen::MatrixXd::Ones(study.phantom.brain.n_voxels(), 1),
                  ScalarType::uint8, "brain of a simulated study"));
  outputs.write(
      folder + "baseline.nii.gz",
      nifti_bytes(study.phantom.brain, plan.settings.noise.baseline * study.phantom.baseline,
                  ScalarType::float32, "baseline of a simulated study"));
  write_maps(outputs, study, mean_effects, folder);
  parallel_for(Eigen::Index(study.participants.size()), session.threads, [&](Eigen::Index i) {
    write_participant(outputs, study, study.participants[size_t(i)]);
  });
}

}  // namespace sociometer::jobs
