// Every JSON file that the commands write says what it is, and the typed readers read it.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/jobs/group/shuffle_runs.hpp"
#include "io/records/cluster_table_record.hpp"
#include "io/records/column_words.hpp"
#include "io/records/connectivity_records.hpp"
#include "io/records/design_records.hpp"
#include "io/records/dissociation_record.hpp"
#include "io/records/group_record.hpp"
#include "io/records/mixed_records.hpp"
#include "io/records/region_series.hpp"
#include "io/records/region_values.hpp"
#include "io/records/rsa_records.hpp"
#include "io/records/stored_learning.hpp"
#include "io/records/stored_power.hpp"
#include "io/records/stored_regions.hpp"
#include "io/records/trial_records.hpp"
#include "io/records/truth_records.hpp"
#include "io/records/voxel_dissociation.hpp"
#include "io/stores/shuffle_part.hpp"
#include "tests/cli/fake_sbatch.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelOfChoices = R"({"Name": "choices", "BIDSModelVersion": "1.0.0",
 "Input": {"task": ["social"]}, "Nodes": [{"Level": "Run", "Name": "run",
   "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.*", 1],
     "Software": {"Sociometer": {"NoiseModel": "ols"}}},
   "Contrasts": [{"Name": "choice", "ConditionList": ["trial_type.choice"], "Weights": [1],
     "Test": "t"}]}]})";

/// Commands that between them write each kind of record.
constexpr const char* kCommands = R"sh(
run() { sociometer "$@" --log-level error || exit; }
prep=study/derivatives/fmriprep
run simulate study --participants 6 --trials 20 --grid tiny --seed 3
run learn study learning --models hybrid,rank,random --predictive 5
run learn study recovery --models hybrid,rank --recover 2 --confusion 1 --group-priors hbi
for s in sub-01 sub-02 sub-03 sub-04 sub-05 sub-06; do
  run_1=func/${s}_task-social_run-1
  run fit --bold $prep/$s/${run_1}_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz \
    --events learning/$s/${run_1}_desc-signals_events.tsv --noise-model ols \
    --modulators feedback:outcome_update,rank_update_unsigned --save residuals status --log-p \
    --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned \
    --prefix $s -o first/$s
done
run design --events learning/sub-01/func/sub-01_task-social_run-1_desc-signals_events.tsv --tr 2 \
  --n-scans 180 -o design
run contrast first/sub-01/sub-01_estimates.h5 --contrast \
  'sum=feedback:outcome_update + feedback:rank_update_unsigned' -o more
group() {
  run group --effects first/*/*_contrast-outcome_stat-effect_statmap.nii.gz --permutations 20 \
    --statistic voxel,tfce,extent "$@"
}
group --corrections fdr -o group
group --shard 1/2 -o shards
signals="--regions ventralStriatumL dACC --signals outcome rank"
run roi make --like first/sub-01/sub-01_mask.nii.gz --set rejection striatum -o rois
run trials --bold $prep/sub-01/func/*_bold.nii.gz --noise-model ols --rois rois/rois.tsv \
  --events learning/sub-01/func/*_events.tsv --average-by chosen --prefix sub-01 -o trials
run trials --bold $prep/sub-02/func/*_bold.nii.gz --noise-model ols \
  --events learning/sub-02/func/*_events.tsv --prefix sub-02 -o rsa_in
run rsa --trials trials/sub-01_trials.tsv rsa_in/sub-02_trials.tsv --trial-types feedback \
  --rois rois/rois.tsv --model rank_mean_before outcome_value_before --pairs all --overlap \
  --overlap-permutations 5 --importance-maps -o rsa
run rsa --trials trials/sub-01_trials.tsv rsa_in/sub-02_trials.tsv --preset babur2024 \
  --values study/phenotype/ratings.tsv --overlap-permutations 5 --permutations 0 -o rsa_preset
run rsa --trials trials/sub-01_trials.tsv --trial-types feedback --searchlight 8 --searchlight-least 5 \
  --model rank_mean_before --pairs all -o spheres
run roi extract --estimates first/*/*_estimates.h5 --rois rois/rois.tsv -o values \
  --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned
run clusters group/contrast-outcome_desc-intercept_stat-z_statmap.nii.gz --value 1 -o thresholded
run roi extract --series \
  $prep/sub-01/func/sub-01_task-social_run-1_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz \
  --rois rois/rois.tsv -o series
run roi test values/roi_values.tsv --permutations 50 -o tests
run roi dissociate values/roi_values.tsv $signals --permutations 50 -o dissociation
run roi dissociate --maps first/*/*_stat-effect_statmap.nii.gz --signals outcome rank -o places
run roi individual values/roi_values.tsv --participants study/participants.tsv $signals \
  --scores social_anxiety --permutations 50 -o individual
run mixed study/sub-*/func/*_task-social_run-1_events.tsv --where trial_type=feedback \
  --formula 'rank ~ match + (1 | participant_id)' --mediation match,rank,trial --bootstraps 100 -o mixed
run ppi --series series/*_timeseries.tsv --seed dACC --tr 2 -o interactions \
  --events learning/sub-01/func/sub-01_task-social_run-1_desc-signals_events.tsv
run beta-series trials/sub-01_trialRegions.tsv --join trials/sub-01_trials.tsv --seed dACC \
  --regions ventralStriatumL --by trial_type -o correlations
run power --participants 10 --trials 40 --studies 5 -o power
run run study results participant --model model.json --participant-label 01
(
  export PATH="$PWD/slurm:$PATH"
  run run study submitted participant --model model.json --participant-label 01 --slurm
) || exit
# The name of a submission's folder has its time.
mv submitted/logs/sociometer/slurm/* submitted/logs/sociometer/slurm/submission || exit
run example example
)sh";

/// One file of each kind. That of the shuffles is in HDF5.
struct Written {
  RecordKind kind;
  const char* path;
};
const std::vector<Written> kWritten{
    {RecordKind::map, "first/sub-01/sub-01_contrast-outcome_stat-t_statmap.json"},
    {RecordKind::map, "first/sub-01/sub-01_stat-errorts_statmap.json"},
    {RecordKind::map, "first/sub-01/sub-01_mask.json"},
    {RecordKind::map, "more/sub-01/sub-01_contrast-sum_stat-t_statmap.json"},
    {RecordKind::group_map, "group/contrast-outcome_desc-intercept_stat-tfcePfwe_statmap.json"},
    {RecordKind::dissociation_map, "places/contrast-outcomeAndRank_dseg.json"},
    {RecordKind::region_mask, "rois/roi-dACC_mask.json"},
    {RecordKind::fit, "first/sub-01/sub-01_estimates.json"},
    {RecordKind::design, "first/sub-01/sub-01_design.json"},
    {RecordKind::design, "design/design.json"},
    {RecordKind::group, "group/group.json"},
    {RecordKind::cluster_table, "group/contrast-outcome_desc-intercept_clusters.json"},
    {RecordKind::thresholded_map,
     "thresholded/contrast-outcome_desc-intercept_seg-clusters_dseg.json"},
    {RecordKind::regions, "rois/rois.json"},
    {RecordKind::region_values, "values/roi_values.json"},
    {RecordKind::region_series,
     "series/sub-01_task-social_run-1_space-MNI152NLin2009cAsym_desc-preproc_bold_timeseries.json"},
    {RecordKind::region_tests, "tests/roi_tests.json"},
    {RecordKind::dissociation, "dissociation/dissociation.json"},
    {RecordKind::individual, "individual/individual.json"},
    {RecordKind::trials, "trials/sub-01_trials.json"},
    {RecordKind::trial_map, "trials/sub-01_desc-trials_stat-effect_statmap.json"},
    {RecordKind::trial_regions, "trials/sub-01_trialRegions.json"},
    {RecordKind::mixed_effects, "mixed/mixedEffects.json"},
    {RecordKind::mixed_tests, "mixed/mixedTests.json"},
    {RecordKind::mixed_variances, "mixed/mixedVariances.json"},
    {RecordKind::mixed_modes, "mixed/mixedModes.json"},
    {RecordKind::mixed_rows, "mixed/mixedRows.json"},
    {RecordKind::mediation, "mixed/mediation.json"},
    {RecordKind::design, "interactions/design.json"},
    {RecordKind::beta_series, "correlations/betaSeries.json"},
    {RecordKind::beta_series_tests, "correlations/betaSeriesTests.json"},
    {RecordKind::rsa_rdms, "rsa/rsaRdms.json"},
    {RecordKind::rsa_values, "rsa/rsaValues.json"},
    {RecordKind::rsa_group, "rsa/rsaGroup.json"},
    {RecordKind::rsa_map, "spheres/sub-01/sub-01_contrast-rankMeanBefore_stat-effect_statmap.json"},
    {RecordKind::rsa_overlap, "rsa/rsaOverlap.json"},
    {RecordKind::rsa_overlap_group, "rsa/rsaOverlapGroup.json"},
    {RecordKind::rsa_importance,
     "rsa/sub-01/sub-01_contrast-rankMeanBefore_desc-dACC_stat-importance_statmap.json"},
    {RecordKind::rsa_reported, "rsa_preset/rsaReported.json"},
    {RecordKind::power, "power/power.json"},
    {RecordKind::learning_parameters, "learning/task-social_parameters.json"},
    {RecordKind::learning_parameters_wide, "learning/task-social_parametersWide.json"},
    {RecordKind::learning_fits, "learning/task-social_fits.json"},
    {RecordKind::learning_comparison, "learning/task-social_comparison.json"},
    {RecordKind::learning_probabilities, "learning/task-social_modelProbabilities.json"},
    {RecordKind::learning_group, "recovery/task-social_groupParameters.json"},
    {RecordKind::learning_signals,
     "learning/sub-01/func/sub-01_task-social_run-1_desc-signals_events.json"},
    {RecordKind::stay_switch, "learning/task-social_staySwitch.json"},
    {RecordKind::stay_switch_slopes, "learning/task-social_staySwitchSlopes.json"},
    {RecordKind::ratings, "learning/task-social_ratings.json"},
    {RecordKind::predictive, "learning/task-social_predictive.json"},
    {RecordKind::parameter_recovery, "recovery/task-social_parameterRecovery.json"},
    {RecordKind::parameter_recovery_summary, "recovery/task-social_parameterRecoverySummary.json"},
    {RecordKind::model_recovery, "recovery/task-social_modelRecovery.json"},
    {RecordKind::truth, "study/derivatives/truth/settings.json"},
    {RecordKind::truth_schedules, "study/derivatives/truth/schedules.json"},
    {RecordKind::truth_parameters, "study/derivatives/truth/parameters.json"},
    {RecordKind::truth_regions, "study/derivatives/truth/regions.json"},
    {RecordKind::truth_signals, "study/derivatives/truth/task-social_desc-signals_events.json"},
    {RecordKind::study_job,
     "results/logs/sociometer/jobs/"
     "fit_node-run_sub-01_task-social_run-1_space-MNI152NLin2009cAsym.json"},
    {RecordKind::study_result,
     "results/logs/sociometer/results/"
     "fit_node-run_sub-01_task-social_run-1_space-MNI152NLin2009cAsym.json"},
    {RecordKind::slurm_call, "submitted/logs/sociometer/slurm/submission/call.json"},
    {RecordKind::slurm_stage, "submitted/logs/sociometer/slurm/submission/participants.json"},
    {RecordKind::slurm_end, "submitted/logs/sociometer/slurm/submission/end.json"},
};

/// Files whose content BIDS or the user determines: datasets, simulated data, the study's model.
bool is_governed_by_others(const std::string& name) {
  const bool data = name.starts_with("study/") && !name.starts_with("study/derivatives/truth/");
  return data || name.ends_with("dataset_description.json") || name.ends_with("_smdl.json") ||
         name.starts_with("example/") || name.ends_with("model.json");
}

void expect_every_kind(const TemporaryFolder& folder, const std::vector<FoundRecord>& found) {
  for (const RecordSchema& schema : kRecordSchemas) {
    const bool listed = std::any_of(kWritten.begin(), kWritten.end(),
                                    [&](const Written& w) { return w.kind == schema.kind; });
    EXPECT_TRUE(listed || schema.kind == RecordKind::shuffles)
        << "no command here writes a record '" << schema.name << "'";
  }
  for (const auto& [kind, path] : kWritten) {
    const auto at = std::find_if(found.begin(), found.end(), [&, path = path](const auto& one) {
      return one.path == folder / path;
    });
    ASSERT_TRUE(at != found.end()) << path << " is not there, or has no record";
    ASSERT_TRUE(at->header) << at->fault;
    EXPECT_EQ(name_of(at->header->kind), name_of(kind)) << path;
    EXPECT_EQ(at->header->version, schema_of(kind).version) << path;
  }
  const ShufflePart part = read_shuffle_part(folder / "shards/shard-1-of-2.h5");
  EXPECT_EQ(header_of(part.run, "shard").kind, RecordKind::shuffles);
}

/// Whether each file is a record, and ends with its signature.
void expect_no_file_without(const TemporaryFolder& folder, const std::vector<FoundRecord>& found) {
  size_t n = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    const std::string name = entry.path().lexically_relative(folder.path()).string();
    if (entry.path().extension() != ".json" || is_governed_by_others(name)) continue;
    ++n;
    const Json json = read_json(entry.path().string());
    ASSERT_TRUE(json.contains("Record")) << name << " has no record";
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) keys.push_back(key);
    if (keys.back() == "CommandLine") keys.pop_back();
    ASSERT_GE(keys.size(), 3u) << name;
    EXPECT_EQ(keys.back(), "Software") << name;
    EXPECT_EQ(keys[keys.size() - 2], "Record") << name;
  }
  EXPECT_EQ(found.size(), n);
  for (const auto& one : found) EXPECT_EQ(one.fault, "");
}

/// Whether b has all that a has.
bool is_part_of(const Json& a, const Json& b) {
  if (a.is_object() && b.is_object())
    return std::all_of(a.items().begin(), a.items().end(), [&](const auto& item) {
      return b.contains(item.key()) && is_part_of(item.value(), b[item.key()]);
    });
  if (a.is_array() && b.is_array())
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_part_of);
  return a == b;
}

/// Reads a record; what was read is written again, and found in the file unchanged.
template <class T>
T read_back(const std::string& path) {
  const T record = read_record<T>(path);
  const Json again = Json::parse(to_text(record_to_json(record)));
  EXPECT_TRUE(is_part_of(again, read_json(path))) << path << "\n" << again.dump(1);
  EXPECT_EQ(record_to_json(parse_record<T>(again, "again")).dump(), record_to_json(record).dump());
  return record;
}

/// The same of a record that is nothing but its struct: the fields and their order are the file's.
template <class T>
T read_back_whole(const std::string& path) {
  const T record = read_back<T>(path);
  Json file = read_json(path);
  for (const char* key : {"Record", "Software", "CommandLine"}) file.erase(key);
  EXPECT_EQ(Json::parse(to_text(record_to_json(record))).dump(1), file.dump(1)) << path;
  return record;
}

/// The same of a record beside a table, which also describes the table's columns.
template <class T>
T read_back_beside_table(const std::string& path) {
  const T record = read_back<T>(path);
  Json file = read_json(path);
  for (const char* key : {"Record", "Software", "CommandLine"}) file.erase(key);
  for (const auto& column : read_table(table_beside(path)).names) file.erase(column);
  EXPECT_EQ(Json::parse(to_text(record_to_json(record))).dump(1), file.dump(1)) << path;
  return record;
}

void expect_first_level(const TemporaryFolder& folder) {
  const std::string stem = folder / "first/sub-01/sub-01_";
  const auto map = read_back_whole<MapRecord>(stem + "contrast-outcome_stat-t_statmap.json");
  EXPECT_EQ(map.ending.statistic, "t");
  ASSERT_TRUE(map.contrast && map.contrast->runs && map.contrast->dof && map.fit);
  EXPECT_EQ(map.fit->noise.model, "ols");
  EXPECT_EQ(map.fit->choices.scaling, "none");
  EXPECT_EQ(map.contrast->name, "outcome");
  EXPECT_EQ(map.contrast->expressions, std::vector<std::string>{"feedback:outcome_update"});
  ASSERT_EQ(map.contrast->runs->size(), 1u);
  const auto& weights = map.contrast->runs->front().weights;
  ASSERT_TRUE(weights && weights->size() == 1u);
  EXPECT_EQ(std::count(weights->front().begin(), weights->front().end(), 1.0), 1);
  EXPECT_TRUE(read_back_whole<MapRecord>(stem + "mask.json").mask);
  EXPECT_TRUE(read_back_whole<MapRecord>(stem + "stat-status_statmap.json").levels);
  EXPECT_TRUE(read_back_whole<MapRecord>(stem + "stat-errorts_statmap.json").fit);
  const auto sum = read_back_whole<MapRecord>(
      folder / "more/sub-01/sub-01_contrast-sum_stat-effect_statmap.json");
  ASSERT_TRUE(sum.combined);
  EXPECT_EQ(sum.combined->runs.front().noise_model, "ols");

  const auto fit = read_back_whole<FitRecord>(stem + "estimates.json");
  ASSERT_EQ(fit.runs.size(), 1u);
  EXPECT_EQ(fit.runs[0].dof, map.contrast->dof->least);
  EXPECT_EQ(fit.runs[0].dof, double(fit.runs[0].scans.scans - fit.runs[0].rank));
  EXPECT_EQ(fit.voxel_status.front().first, "ok");
  EXPECT_GT(fit.voxel_status.front().second, 0);

  EXPECT_EQ(fit, *map.fit);
  EXPECT_EQ(fit.mask.voxels, fit.voxel_status.front().second);
  EXPECT_EQ(fit.design.modulators.modulators,
            std::vector<std::string>{"feedback:outcome_update,rank_update_unsigned"});

  const auto interactions = read_back_whole<DesignRecord>(folder / "interactions/design.json");
  ASSERT_TRUE(interactions.interactions);
  EXPECT_EQ(interactions.interactions->seed, "dACC");
  read_back_whole<DesignRecord>(folder / "design/design.json");
  const auto design = read_back_whole<DesignRecord>(stem + "design.json");
  EXPECT_EQ(design.settings, fit.design);
  EXPECT_EQ(long(design.design.columns.size()), fit.runs[0].columns);
  EXPECT_EQ(weights->front().size(), design.design.columns.size());
  EXPECT_EQ(design.scans, fit.runs[0].scans);
  EXPECT_EQ(design.design.columns.back().role, "constant");
  EXPECT_TRUE(std::isnan(design.design.columns.back().vif));
  EXPECT_GE(design.design.columns.front().vif, 1);
  const auto& correlations = design.design.correlations;
  ASSERT_GE(correlations.columns.size(), 4u);
  EXPECT_NEAR(correlations.values[1][1], 1, 1e-9);
  EXPECT_NEAR(correlations.values[0][1], correlations.values[1][0], 1e-12);
}

void expect_group(const TemporaryFolder& folder) {
  const auto group = read_back_whole<GroupRecord>(folder / "group/group.json");
  EXPECT_EQ(group.model.method, "ols");
  EXPECT_EQ(group.model.participants, 6);
  EXPECT_EQ(group.model.design_columns, std::vector<std::string>{"intercept"});
  ASSERT_EQ(group.contrasts.size(), 1u);
  EXPECT_EQ(group.contrasts[0].contrast.name, "intercept");
  EXPECT_EQ(group.contrasts[0].contrast.dof, (DegreesOfFreedom{5, 5}));
  ASSERT_TRUE(group.contrasts[0].permutation);
  EXPECT_EQ(group.contrasts[0].permutation->shuffles, 21u);
  EXPECT_FALSE(group.contrasts[0].permutation->exhaustive);
  EXPECT_TRUE(group.contrasts[0].permutation->cluster_threshold);
  EXPECT_GT(group.clusters.forming_p, 0);
  const auto clusters = read_back_whole<ClusterTableRecord>(
      folder / "group/contrast-outcome_desc-intercept_clusters.json");
  ASSERT_TRUE(clusters.group);
  EXPECT_EQ(clusters.group->rule, group.clusters);
  EXPECT_EQ(clusters.facts, (GroupFacts{group.model, group.details}));
}

void expect_regions(const TemporaryFolder& folder) {
  const auto values = read_back_beside_table<RegionValuesRecord>(folder / "values/roi_values.json");
  ASSERT_TRUE(values.extraction);
  const auto& inputs = values.extraction->inputs;
  EXPECT_EQ(
      std::count_if(inputs.begin(), inputs.end(),
                    [](const InputFile& file) { return file.path.ends_with("_estimates.h5"); }),
      6);
  read_back_beside_table<RegionTestFacts>(folder / "tests/roi_tests.json");
  const auto dacc = std::find_if(values.regions.begin(), values.regions.end(),
                                 [](const auto& region) { return region.first == "dACC"; });
  ASSERT_TRUE(dacc != values.regions.end());
  EXPECT_GT(dacc->second.voxels, 0);
  EXPECT_EQ(dacc->second.role, "rejection");

  const auto stored =
      read_back_whole<StoredDissociation>(folder / "dissociation/dissociation.json");
  ASSERT_EQ(stored.analyses.size(), 1u);
  const StoredAnalysis& analysis = stored.analyses[0];
  EXPECT_EQ(analysis.subject.regions, (std::vector<std::string>{"ventralStriatumL", "dACC"}));
  EXPECT_EQ(analysis.subject.signals, (std::vector<std::string>{"outcome", "rank"}));
  EXPECT_EQ(analysis.subject.participants.size(), 6u);
  EXPECT_EQ(analysis.cells.size(), 4u);
  // 50 of the 64 flips of six people, and the identity.
  EXPECT_EQ(analysis.shuffles, 51u);
  EXPECT_EQ(analysis.exhaustive, false);
  EXPECT_EQ(analysis.cells[0].figures.n, 6);
  ASSERT_EQ(analysis.interactions.size(), 1u);
  EXPECT_FALSE(analysis.interactions[0].verdict.verdict.empty());
  EXPECT_FALSE(analysis.interactions[0].verdict.sentence.empty());
  EXPECT_FALSE(analysis.subject.sentences.empty());
}

/// The first file of a kind in the list above.
std::string file_of(const TemporaryFolder& folder, RecordKind kind) {
  const auto found = std::find_if(kWritten.begin(), kWritten.end(),
                                  [&](const Written& w) { return w.kind == kind; });
  return folder / found->path;
}

void expect_regions_and_places(const TemporaryFolder& folder) {
  const auto mask = read_back<RegionMaskRecord>(file_of(folder, RecordKind::region_mask));
  EXPECT_EQ(mask.kind, "sphere");
  EXPECT_TRUE(mask.centre_mm && mask.radius_mm);
  const auto regions = read_back<RegionTableRecord>(file_of(folder, RecordKind::regions));
  EXPECT_FALSE(regions.grid.image.empty());
  EXPECT_EQ(read_dictionary(folder / "rois/rois.json", RecordKind::regions).size(), 14u);
  const std::string series = file_of(folder, RecordKind::region_series);
  const auto of_series = read_back_whole<RegionSeriesRecord>(series);
  EXPECT_EQ(of_series.statistic, "mean");
  EXPECT_EQ(of_series.times.repetition_time_s, 2);
  const StoredSeries stored = read_stored_series(series);
  EXPECT_GT(stored.values.rows(), 0);
  EXPECT_EQ(size_t(stored.values.cols()), stored.record.coverage.size());
  const auto places =
      read_back<DissociationMapRecord>(file_of(folder, RecordKind::dissociation_map));
  EXPECT_EQ(places.signals, (std::array<std::string, 2>{"outcome", "rank"}));
  ASSERT_TRUE(places.levels && places.counts);
  EXPECT_EQ(places.levels->size(), 6u);
}

void expect_simulations(const TemporaryFolder& folder) {
  const auto power = read_back_whole<StoredPower>(file_of(folder, RecordKind::power));
  EXPECT_FALSE(power.rows.empty() || power.designs.empty() || power.sentences.empty());
  EXPECT_EQ(power.rows[0].front().first, "runs");
  const auto truth = read_back_whole<TruthRecord>(file_of(folder, RecordKind::truth));
  EXPECT_EQ(truth.participants, 6);
  const auto schedules =
      read_back_whole<TruthSchedules>(file_of(folder, RecordKind::truth_schedules));
  EXPECT_EQ(schedules.participants.size(), 6u);
  for (const RecordKind kind :
       {RecordKind::truth_parameters, RecordKind::truth_regions, RecordKind::truth_signals})
    EXPECT_FALSE(read_dictionary(file_of(folder, kind), kind).empty()) << name_of(kind);
  const ShufflePart part = read_shuffle_part(folder / "shards/shard-1-of-2.h5");
  const auto run = parse_record<jobs::ShuffleRun>(part.run, "shard");
  EXPECT_EQ(run.inputs.size(), 6u);
  ASSERT_EQ(run.tests.size(), 1u);
  EXPECT_EQ(run.tests[0].contrast, "intercept");
}

void expect_maps_of_groups(const TemporaryFolder& folder) {
  const auto map = read_back_whole<GroupMapRecord>(file_of(folder, RecordKind::group_map));
  EXPECT_EQ(map.ending.statistic, "tfcePfwe");
  ASSERT_TRUE(map.permutation && map.permutation->maps && map.permutation->maps->tfce);
  ASSERT_TRUE(map.contrast);
  EXPECT_EQ(map.contrast->name, "intercept");
  EXPECT_EQ(map.facts.model.participants, 6);
  const auto thresholded =
      read_back_whole<ThresholdedMapRecord>(file_of(folder, RecordKind::thresholded_map));
  EXPECT_EQ(thresholded.search.tested_statistic, "z");
  EXPECT_EQ(thresholded.search.rule, "value");
  EXPECT_EQ(thresholded.search.level, 1);
  EXPECT_FALSE(thresholded.search.small_volume.value);
  const auto table = read_back_whole<ClusterTableRecord>(
      folder / "thresholded/contrast-outcome_desc-intercept_clusters.json");
  EXPECT_EQ(table.search, thresholded.search);
  for (const char* map_of_group : {"stat-t_statmap", "stat-p_statmap", "seg-clusters_dseg",
                                   "stat-tThresholded_statmap", "stat-pfdr_statmap"})
    read_back_whole<GroupMapRecord>(
        folder / fmt::format("group/contrast-outcome_desc-intercept_{}.json", map_of_group));
}

void expect_trials(const TemporaryFolder& folder) {
  const std::string stem = folder / "trials/sub-01_";
  const auto image = read_back_whole<TrialMapRecord>(stem + "desc-trials_stat-effect_statmap.json");
  ASSERT_TRUE(image.trials);
  EXPECT_FALSE(image.trials->fit.choices.fixed_effects);
  EXPECT_EQ(image.trials->method.amplitude, "response");
  ASSERT_TRUE(image.volumes);
  EXPECT_EQ(image.volumes->run_number.size(), image.volumes->onset_s.size());
  EXPECT_TRUE(read_back_whole<TrialMapRecord>(stem + "mask.json").mask);
  EXPECT_EQ(read_back_beside_table<TrialTableRecord>(stem + "trials.json").facts, *image.trials);
  EXPECT_EQ(read_back_beside_table<TrialRegionsRecord>(stem + "trialRegions.json").trials,
            *image.trials);
}

void expect_learning(const TemporaryFolder& folder) {
  const auto signals =
      read_back_beside_table<LearningSignalsRecord>(file_of(folder, RecordKind::learning_signals));
  EXPECT_EQ(signals.model, "hybrid");
  EXPECT_TRUE(signals.parameters.contains("w"));
  EXPECT_EQ(signals.inputs.size(), 1u);
  const auto probabilities =
      read_stored_table<StoredProbabilities>(file_of(folder, RecordKind::learning_probabilities));
  EXPECT_EQ(probabilities.rows.size(), 6u * 3u);
  const auto slopes = read_stay_switch_slopes(file_of(folder, RecordKind::stay_switch_slopes));
  EXPECT_EQ(slopes.participants.size(), size_t(slopes.facts.participants));
}

/// Reads the record beside a table of the kind, and all its fields.
template <class T>
T read_back_kind(const TemporaryFolder& folder) {
  return read_back_beside_table<T>(file_of(folder, T::kKind));
}

void expect_tables_of_learning(const TemporaryFolder& folder) {
  const auto fit = read_back_kind<ParameterFacts>(folder).fit;
  EXPECT_EQ(fit.inputs.size(), 12u);
  EXPECT_EQ(read_back_kind<SignalsModelFacts>(folder).fit, fit);
  EXPECT_EQ(read_back_kind<LearnerFitFacts>(folder).fit, fit);
  EXPECT_EQ(read_back_kind<ComparisonFacts>(folder).fit, fit);
  EXPECT_EQ(read_back_kind<ProbabilityFacts>(folder).fit, fit);
  EXPECT_TRUE(read_back_kind<GroupParameterFacts>(folder).hierarchical);
  EXPECT_EQ(read_back_kind<StaySwitchFacts>(folder).learning, fit.learning);
  read_back_kind<StaySwitchSlopeFacts>(folder);
  read_back_kind<RatingFacts>(folder);
  read_back_kind<PredictiveFacts>(folder);
  const auto recovery = read_back_kind<ParameterRecoveryFacts>(folder).recovery;
  EXPECT_EQ(recovery.simulated, 2);
  read_back_kind<RecoverySummaryFacts>(folder);
  read_back_kind<ConfusionFacts>(folder);
}

void expect_models_of_rows(const TemporaryFolder& folder) {
  const auto effects = read_back_kind<MixedEffectsRecord>(folder).facts;
  EXPECT_EQ(effects.formula, "rank ~ 1 + match + (1 | participant_id)");
  EXPECT_EQ(read_back_kind<MixedTestsRecord>(folder).facts, effects);
  EXPECT_EQ(read_back_kind<MixedVariancesRecord>(folder).facts, effects);
  EXPECT_EQ(read_back_kind<MixedModesRecord>(folder).facts, effects);
  EXPECT_EQ(read_back_kind<MixedRowsRecord>(folder).facts, effects.of_rows);
  EXPECT_EQ(read_back_kind<MediationRecord>(folder).of_rows, effects.of_rows);
  const auto series = read_back_kind<BetaSeriesRecord>(folder).facts;
  EXPECT_EQ(series.seed, "dACC");
  EXPECT_EQ(read_back_kind<BetaSeriesTestsRecord>(folder).facts, series);
}

void expect_patterns(const TemporaryFolder& folder) {
  const auto values = read_back_kind<RsaValuesRecord>(folder).facts;
  EXPECT_EQ(values.participants, (std::vector<std::string>{"sub-01", "sub-02"}));
  EXPECT_EQ(read_back_kind<RsaRdmsRecord>(folder).facts, values);
  EXPECT_EQ(read_back_kind<RsaGroupRecord>(folder).facts, values);
  EXPECT_EQ(read_back_kind<RsaOverlapRecord>(folder).facts.rsa, values);
  EXPECT_EQ(read_back_kind<RsaOverlapGroupRecord>(folder).facts.importance.permutations, 5u);
  EXPECT_EQ(read_back_kind<RsaReportedRecord>(folder).facts.size(), 2u);
  const auto map = read_back_whole<RsaMapRecord>(file_of(folder, RecordKind::rsa_map));
  EXPECT_EQ(map.radius_mm, 8);
  EXPECT_EQ(map.ending.statistic, "effect");
  const auto importance =
      read_back_whole<ImportanceMapRecord>(file_of(folder, RecordKind::rsa_importance));
  EXPECT_EQ(importance.region, "dACC");
}

TEST(Records, AreInEveryJsonFileAndReadBack) {
  const TemporaryFolder folder;
  write_text(folder / "model.json", kModelOfChoices);
  fs::create_directories(folder / "slurm");
  write_text(folder / "slurm/sbatch", kFakeSbatch);
  fs::permissions(folder / "slurm/sbatch", fs::perms::owner_all);
  const CommandResult done =
      run_script(fmt::format("cd '{}'\n{}", folder.path().string(), kCommands));
  ASSERT_TRUE(exits_with(done, 0));
  const auto found = find_records(folder.path().string());
  expect_every_kind(folder, found);
  expect_no_file_without(folder, found);
  expect_first_level(folder);
  expect_group(folder);
  expect_regions(folder);
  expect_regions_and_places(folder);
  expect_simulations(folder);
  expect_maps_of_groups(folder);
  expect_trials(folder);
  expect_learning(folder);
  expect_tables_of_learning(folder);
  expect_models_of_rows(folder);
  expect_patterns(folder);
}

}  // namespace
}  // namespace sociometer::testing
