#pragma once
#include <array>
#include <string>
#include <type_traits>

#include "engine/core/names.hpp"

namespace sociometer {

/// What a JSON record is about. Each kind has one schema (docs/reference/records.md).
enum class RecordKind {
  map,
  group_map,
  dissociation_map,
  region_mask,
  fit,
  design,
  group,
  cluster_table,
  thresholded_map,
  shuffles,
  regions,
  region_values,
  region_series,
  region_tests,
  dissociation,
  individual,
  power,
  learning_parameters,
  learning_parameters_wide,
  learning_fits,
  learning_comparison,
  learning_probabilities,
  learning_group,
  learning_signals,
  stay_switch,
  stay_switch_slopes,
  ratings,
  predictive,
  parameter_recovery,
  parameter_recovery_summary,
  model_recovery,
  truth,
  truth_schedules,
  truth_parameters,
  truth_regions,
  truth_signals,
  study_job,
  study_result,
  slurm_call,
  slurm_stage,
  slurm_end,
  trials,
  trial_map,
  trial_regions,
  mixed_effects,
  mixed_tests,
  mixed_variances,
  mixed_modes,
  mixed_rows,
  mediation,
  beta_series,
  beta_series_tests,
  rsa_rdms,
  rsa_values,
  rsa_group,
  rsa_map,
  rsa_overlap,
  rsa_overlap_group,
  rsa_importance,
  rsa_reported
};

/// The name of a kind and the version of its schema. The version rises when a field is removed,
/// renamed, or changes its type or meaning; a new field leaves it.
struct RecordSchema {
  RecordKind kind;
  const char* name;
  int version;
};

inline constexpr std::array<RecordSchema, 60> kRecordSchemas{{
    {RecordKind::map, "map", 1},
    {RecordKind::group_map, "group-map", 1},
    {RecordKind::dissociation_map, "dissociation-map", 1},
    {RecordKind::region_mask, "region-mask", 1},
    {RecordKind::fit, "fit", 1},
    {RecordKind::design, "design", 1},
    {RecordKind::group, "group", 1},
    {RecordKind::cluster_table, "cluster-table", 1},
    {RecordKind::thresholded_map, "thresholded-map", 1},
    {RecordKind::shuffles, "shuffles", 1},
    {RecordKind::regions, "regions", 1},
    {RecordKind::region_values, "region-values", 1},
    {RecordKind::region_series, "region-series", 1},
    {RecordKind::region_tests, "region-tests", 1},
    {RecordKind::dissociation, "dissociation", 1},
    {RecordKind::individual, "individual", 1},
    {RecordKind::power, "power", 1},
    {RecordKind::learning_parameters, "learning-parameters", 1},
    {RecordKind::learning_parameters_wide, "learning-parameters-wide", 1},
    {RecordKind::learning_fits, "learning-fits", 1},
    {RecordKind::learning_comparison, "learning-comparison", 1},
    {RecordKind::learning_probabilities, "learning-probabilities", 1},
    {RecordKind::learning_group, "learning-group", 1},
    {RecordKind::learning_signals, "learning-signals", 1},
    {RecordKind::stay_switch, "stay-switch", 1},
    {RecordKind::stay_switch_slopes, "stay-switch-slopes", 1},
    {RecordKind::ratings, "ratings", 1},
    {RecordKind::predictive, "predictive", 1},
    {RecordKind::parameter_recovery, "parameter-recovery", 1},
    {RecordKind::parameter_recovery_summary, "parameter-recovery-summary", 1},
    {RecordKind::model_recovery, "model-recovery", 1},
    {RecordKind::truth, "truth", 1},
    {RecordKind::truth_schedules, "truth-schedules", 1},
    {RecordKind::truth_parameters, "truth-parameters", 1},
    {RecordKind::truth_regions, "truth-regions", 1},
    {RecordKind::truth_signals, "truth-signals", 1},
    {RecordKind::study_job, "study-job", 1},
    {RecordKind::study_result, "study-result", 2},
    {RecordKind::slurm_call, "slurm-call", 1},
    {RecordKind::slurm_stage, "slurm-stage", 1},
    {RecordKind::slurm_end, "slurm-end", 1},
    {RecordKind::trials, "trials", 1},
    {RecordKind::trial_map, "trial-map", 1},
    {RecordKind::trial_regions, "trial-regions", 1},
    {RecordKind::mixed_effects, "mixed-effects", 1},
    {RecordKind::mixed_tests, "mixed-tests", 1},
    {RecordKind::mixed_variances, "mixed-variances", 1},
    {RecordKind::mixed_modes, "mixed-modes", 1},
    {RecordKind::mixed_rows, "mixed-rows", 1},
    {RecordKind::mediation, "mediation", 1},
    {RecordKind::beta_series, "beta-series", 1},
    {RecordKind::beta_series_tests, "beta-series-tests", 1},
    {RecordKind::rsa_rdms, "rsa-rdms", 1},
    {RecordKind::rsa_values, "rsa-values", 1},
    {RecordKind::rsa_group, "rsa-group", 1},
    {RecordKind::rsa_map, "rsa-map", 1},
    {RecordKind::rsa_overlap, "rsa-overlap", 1},
    {RecordKind::rsa_overlap_group, "rsa-overlap-group", 1},
    {RecordKind::rsa_importance, "rsa-importance", 1},
    {RecordKind::rsa_reported, "rsa-reported", 1},
}};

namespace detail {
constexpr bool in_order_of_kinds() {
  for (size_t i = 0; i < kRecordSchemas.size(); ++i)
    if (size_t(kRecordSchemas[i].kind) != i) return false;
  return size_t(RecordKind::rsa_reported) + 1 == kRecordSchemas.size();
}
}  // namespace detail
static_assert(detail::in_order_of_kinds(), "each kind of record has one schema");

constexpr const RecordSchema& schema_of(RecordKind kind) { return kRecordSchemas[size_t(kind)]; }

constexpr std::array<Name<RecordKind>, kRecordSchemas.size()> names_of(
    std::type_identity<RecordKind>) {
  std::array<Name<RecordKind>, kRecordSchemas.size()> names{};
  for (size_t i = 0; i < names.size(); ++i)
    names[i] = {kRecordSchemas[i].kind, kRecordSchemas[i].name};
  return names;
}

/// The value of the field Record: "sociometer/region-values 1".
inline std::string record_tag(RecordKind kind) {
  const RecordSchema& schema = schema_of(kind);
  return std::string("sociometer/") + schema.name + " " + std::to_string(schema.version);
}

}  // namespace sociometer
