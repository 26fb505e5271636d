// Records as structs: what is written is read back.
#include <cmath>
#include <tuple>

#include <gtest/gtest.h>

#include "io/records/cluster_table_record.hpp"
#include "io/records/design_records.hpp"
#include "io/records/dissociation_record.hpp"
#include "io/records/region_fit_record.hpp"
#include "io/records/region_values.hpp"
#include "io/records/trial_records.hpp"
#include "tests/io/refusal.hpp"
#include "tests/io/there_and_back.hpp"

namespace sociometer::testing {
namespace typed_records {

ContrastRecord some_contrast() {
  ContrastRecord contrast;
  contrast.name = "any";
  contrast.test = "F";
  contrast.expressions = {"a", "b - c"};
  contrast.dof = DegreesOfFreedom{4, 11};
  contrast.numerator_dof = 2;
  contrast.runs = {{"run-1", true, {}, {{{1, 0}, {0, -0.5}}}}, {"run-2", false, "no column b", {}}};
  return contrast;
}

DesignSettings some_settings() {
  DesignSettings settings;
  settings.source = "events";
  settings.confounds = {{{"framewise_displacement>0.5"}}, 1, 2, "0", true, {}};
  settings.confounds.strategy = {{"motion", "compcor", "scrub"}, "full", {}, {}, {}, {}};
  settings.confounds.strategy->compcor = CompcorRecord{"anat_combined", "all"};
  settings.confounds.strategy->scrub = ScrubRecord{5, 0.5, 1.5};
  settings.hrf = "spm + derivative";
  settings.grid = {"nilearn", 50, -24, {}, {}};
  settings.modulators = {{{"feedback:rank"}}, "runs", "serial", "sd", "0 after centring"};
  return settings;
}

RunSettings some_run() {
  RunSettings run;
  run.inputs = {2, 3, {{"trans_x"}}, {}, {}, {{{"confounds*", {"trans_x"}}}}, {}, {{"rot_z"}}};
  run.inputs.volume_timing = VolumeTimingRecord{120, 4, 2.5, "lags count volumes"};
  run.modulator_sd = {{"feedback x rank", 1.25}};
  run.start_time_s = 1.25;
  run.start_time_source = "--slice-time-ref";
  run.drift = "cosine";
  run.high_pass_hz = 0.008;
  return run;
}

FitRecord some_fit() {
  FitRecord fit;
  fit.noise = {"arma11", {}, {}, ArmaRecord{"afni", 3, 0.8, 0.8, false, true, 1e-4, {}, {}}, 6.0};
  fit.noise.arma->fixed = {0.5, 0.25};
  fit.noise.arma->run_starts = {0, 120};
  fit.choices = {"none", "precision"};
  fit.smoothing_fwhm_mm = {6, 6, 4};
  fit.design = some_settings();
  fit.runs = {{"a.nii.gz", "00ff", 2.5, {120, 3}, 12, 11, 106}};
  fit.runs[0].settings = some_run();
  fit.runs[0].processes = NoiseProcesses{7, 2};
  fit.sources = {"bids:raw:a.nii.gz"};
  fit.spatial_reference = Json{{"x", "MNI"}};
  fit.inputs = {{"events.tsv", "01"}};
  fit.mask = {"intersection", {}, {{{"m.nii", "02"}, {"n.nii", "03"}}}, "beside the images", 702};
  fit.voxel_status = {{"ok", 700}, {"constant", 2}};
  return fit;
}

TEST(TypedRecords, OfFirstLevelsAreTheSameReadBack) {
  const FitRecord fit = some_fit();
  EXPECT_EQ(there_and_back(fit), fit);
  MapRecord map = MapRecord::of("t statistic", fit);
  map.contrast = some_contrast();
  map.ending.statistic = "t";
  EXPECT_EQ(there_and_back(map), map);
  MapRecord combined{"F statistic"};
  combined.contrast = some_contrast();
  combined.combined = {{{"run-1", "ar1", 118.5}}, {"psc", "equal"}, "precision", {{1, -1}}, {}};
  combined.combined->estimates = {{"estimates.h5", "04"}};
  EXPECT_EQ(there_and_back(combined), combined);
  MapRecord mask{"voxels analysed"};
  mask.mask = MaskRecord{"m.nii", "05", {}, {}, 12};
  EXPECT_EQ(there_and_back(mask), mask);
  MapRecord status{"why a voxel has no statistics"};
  status.levels = {{"0", "ok"}, {"1", "constant"}};
  EXPECT_EQ(there_and_back(status), status);
}

RegionFitRecord some_region_fit() {
  return {
      "averaged first",      "mean",          "ar1",
      {"psc", "precision"},  some_settings(), {{{"a.nii.gz", "00ff"}, {120, 3}, some_run(), 106}},
      {{"events.tsv", "01"}}};
}

TEST(TypedRecords, OfRegionsThatWereFittedAreTheSameReadBack) {
  EXPECT_EQ(there_and_back(some_region_fit()), some_region_fit());
}

TEST(TypedRecords, OfDesignsAreTheSameReadBack) {
  DesignRecord design;
  design.design.rank = 2;
  design.design.columns = {{"a", "task", 1.5, {}},
                           {"b", "task", INFINITY, "other columns explain it entirely"}};
  design.design.correlations = {{"a", "b"}, {{1, -0.25}, {-0.25, 1}}};
  design.interactions =
      InteractionsRecord{"dACC", {{"x.tsv", "06"}}, {"drift"}, {"seed"}, "none", {}, {}, {}, {}};
  design.scans = {180, 4};
  design.run = some_run();
  design.settings = some_settings();
  design.inputs = {{"events.tsv", "01"}};
  const DesignRecord again = there_and_back(design);
  EXPECT_TRUE(std::isnan(again.design.columns[1].vif));
  EXPECT_EQ(again.design.columns[0], design.design.columns[0]);
  EXPECT_EQ(again.design.correlations, design.design.correlations);
  EXPECT_EQ(again.interactions, design.interactions);
  EXPECT_EQ(again.scans, design.scans);
  EXPECT_EQ(again.run, design.run);
  EXPECT_EQ(again.settings, design.settings);
}

TEST(TypedRecords, OfTrialsAreTheSameReadBack) {
  TrialFitRecord trials{
      some_fit(), {"least squares, all", {}, {}, "response", {}, "cv", "side"}, {}};
  trials.fit.choices.fixed_effects.reset();
  trials.library = HrfLibraryRecord{20, "table", "map", {},       "index.nii.gz",
                                    3,  {4, 5},  2.5,   "median", {{1, 0.5}}};
  const TrialMapRecord map{"mean amplitude", {}, TrialAverageRecord{"side", "left", 9},
                           trials,           {}, {}};
  EXPECT_EQ(there_and_back(map), map);
  const TrialMapRecord image{
      "amplitudes", TrialVolumesRecord{{1, 2}, {0.5, 31.25}}, {}, trials, {}, {}};
  EXPECT_EQ(there_and_back(image), image);
  const TrialMapRecord mask{"voxels analysed", {}, {}, {}, trials.fit.mask, {}};
  EXPECT_EQ(there_and_back(mask), mask);
  const TrialRegionsRecord regions{"mean", {{"dACC", {80, 75}}}, trials};
  EXPECT_EQ(there_and_back(regions), regions);
}

/// One of each form of tail, and clusters.
PermutationRecord some_permutation() {
  PermutationRecord permutation;
  permutation.scheme = "sign flips";
  permutation.shuffles = uint64_t(1) << 60;
  permutation.seed = 5;
  permutation.log_of_all = 41.5;
  ShuffledMapsRecord& maps = permutation.maps.emplace();
  maps.p = "number of permutations";
  maps.cluster_connectivity = 26;
  maps.tfce = TfceRecord{0.5, 2, 6, "exact"};
  maps.tail = TailRecord{"generalized Pareto", 0.1, "z", {}, VoxelTailsRecord{20, 3}};
  FittedTailRecord pareto, pearson;
  pareto.pareto = ParetoTailRecord{3.5, 0.5, -0.25, 60};
  pearson.pearson = PearsonTailRecord{2.5, 0.5, 0.125};
  maps.tail->family_wise = {{"voxel", pareto}, {"tfce", pearson}, {"extent", {}}};
  return permutation;
}

GroupFacts some_facts() {
  GroupFacts facts{{"mixed", 20, 40, {"intercept", "age"}, 2}, {}};
  facts.details.method = {{}, {}, {}, "known", {}, "reml", true};
  facts.details.effects = {{{"t"}}, "outcome", {{"task=social"}}};
  facts.details.zeros = "missing";
  facts.details.inputs = {{"a.nii.gz", "07"}};
  return facts;
}

TEST(TypedRecords, OfMapsOfGroupsAreTheSameReadBack) {
  GroupMapRecord map = GroupMapRecord::of("p of TFCE", some_contrast(), some_facts());
  map.permutation = some_permutation();
  map.ending = {"tfcePfwe", {}, "not a number"};
  EXPECT_EQ(there_and_back(map), map);
  GroupMapRecord prior = GroupMapRecord::of("ln of the Bayes factor", some_facts());
  prior.prior = BayesPrior{0.707, "the contrast"};
  EXPECT_EQ(there_and_back(prior), prior);
  GroupMapRecord clusters = GroupMapRecord::of("numbers", some_contrast(), some_facts());
  clusters.search = GroupSearch{"t", "two", {0.001, 26, 10, 8, 0.05}, {}};
  const GroupMapRecord again = there_and_back(clusters);
  EXPECT_EQ(again, clusters);
  EXPECT_FALSE(again.sided) << "that of the clusters";
}

TEST(TypedRecords, OfGroupDesignsHaveFactorsInTheOrderOfTheColumns) {
  GroupDesignRecord design;
  design.participants_table = "participants.tsv";
  design.rows_without_maps = 1;
  design.left_out = {"sub-05"};
  design.factors = std::vector<GroupFactorRecord>{{"group", {"a", "b"}, "a", "treatment"}};
  design.covariates = std::vector<GroupCovariateRecord>{{"age", 25.5, true, 2}};
  design.interactions = {"group:age"};
  const auto keys = [](const GroupDesignRecord& record) {
    std::vector<std::string> names;
    const Json json = record_to_json(record);
    for (const auto& [key, value] : json.items()) names.push_back(key);
    return names;
  };
  EXPECT_EQ(there_and_back(design), design);
  EXPECT_EQ(keys(design)[3], "Covariates");
  design.within = "ses";
  EXPECT_EQ(there_and_back(design), design);
  EXPECT_EQ(keys(design)[4], "Factors");
  design.difference = "post-pre";
  EXPECT_EQ(there_and_back(design), design);
  EXPECT_EQ(keys(design)[5], "Covariates");
}

TEST(TypedRecords, OfClustersAreTheSameReadBack) {
  ClusterTableRecord group{"clusters"};
  group.contrast = record_to_json(some_contrast());
  group.group = GroupSearch{"t", "two", {0.001, 26, 10, 8, 0.05}, {3.5}};
  group.tests = 700;
  group.hommel = {640.0};
  group.field = {
      RandomFieldRecord{{8, 8, 9}, {2, 2, 3}, "residuals", 12, {1, 2, 3, 4}, "all", 4, 30}};
  group.atlases = std::vector<AtlasRecord>{{"atlas.nii", "labels.tsv", true}};
  group.columns = {{"voxels", "size"}};
  group.facts = some_facts();
  EXPECT_EQ(there_and_back(group), group);
  EXPECT_EQ(group.sided(), "two");
  EXPECT_EQ(group.threshold().value, 3.5);

  ThresholdedMapRecord map{"numbers", "t.nii.gz", Json("as it says"), {}, {}};
  map.search.tested_statistic = "t";
  map.search.sided = "negative";
  map.search.rule = "fdr";
  map.search.tested_dof = 28;
  map.search.max_peaks = 4;
  EXPECT_EQ(there_and_back(map), map);
  ClusterTableRecord table{"clusters"};
  table.map = map.map;
  table.contrast = map.contrast;
  table.search = map.search;
  table.inputs = std::vector<InputFile>{{"t.nii.gz", "08"}};
  EXPECT_EQ(there_and_back(table), table);
  EXPECT_EQ(table.sided(), "negative");
  EXPECT_FALSE(table.threshold().value);
}

TEST(TypedRecords, OfGroupsAndRegionsAreTheSameReadBack) {
  const GroupRecord group{some_facts().model,
                          {{some_contrast(), some_permutation()}, {some_contrast(), {}}},
                          {0.001, 26, 10, 8, 0.05},
                          some_facts().details};
  EXPECT_EQ(there_and_back(group), group);
  RegionValuesRecord values;
  values.regions = {{"dACC", {"sphere", 12, false, "x", "rejection", {}}},
                    {"A", {"mask", 1, true, "y", {}, "n"}}};
  EXPECT_EQ(there_and_back(values), values);
  values.fit = some_region_fit();
  EXPECT_EQ(there_and_back(values), values);
  values.fit.reset();
  values.extraction = {
      "z",         "4 x 4 x 4", {{"7"}},           "none is stated",   "no", "finite voxels", 0.5,
      "precision", {},          {{"m.nii", "01"}}, {"n.nii: no voxel"}};
  values.extraction->percent_signal_change = PercentSignalChangeRecord{0.9, 2, "spm"};
  EXPECT_EQ(there_and_back(values), values);
  const DissociationTest test{"outcome in A",       "A",    {}, "outcome", "rank", "positive",
                              {12, 0, 1, 0.3, 3.5}, {-1, 2}};
  const VerdictRecord verdict{"double dissociation",
                              "A goes with outcome.",
                              {{"A", "outcome"}},
                              0.01,
                              0.02,
                              0.03,
                              {{"A", true}},
                              {{"A", "outcome", 0.04}},
                              false,
                              {true}};
  StoredAnalysis analysis;
  analysis.subject = {{"s"}, {"A", "B"}, {"x", "y"}, {"sub-01"}};
  analysis.cells = {test};
  analysis.interactions = {{test, verdict, {{"x in A", {12, 0.5, 2.5, 0.03, 4, 0.4}}}}};
  analysis.units = StoredUnits{"given", "units", {{"x", 1}, {"y", 2}}, {{{"x", 0.5}}}};
  analysis.interaction = {9, 1, 11, 0.01, 0.3, 1, 0.01, 0.02};
  analysis.collinearity = {{{"x", "y"}, 12, 0.1, 0.4, "sub-01", 1.2}};
  StoredDissociation dissociation;
  dissociation.statistic = "mean";
  dissociation.alpha = 0.05;
  dissociation.equivalence = {{0.5}, "standard deviations"};
  dissociation.bootstrap = {"bca", 10000};
  dissociation.inputs = {{"roi_values.tsv", "09"}};
  dissociation.notes = {{"A", "after removal"}};
  dissociation.analyses = {analysis};
  EXPECT_EQ(there_and_back(dissociation), dissociation);
  VerdictRecord open = verdict;
  open.sign_holds.value.reset();
  EXPECT_TRUE(record_to_json(open)["SignHoldsInAnyUnits"].is_null());
  EXPECT_EQ(there_and_back(open), open);
}

TEST(TypedRecords, OfWhichAPartIsTornAreRefusedByTheFieldThatIsMissing) {
  const auto refused = [](const auto& record, const char* key) {
    using Record = std::remove_cvref_t<decltype(record)>;
    Json json = record_to_json(record);
    ASSERT_EQ(json.erase(key), 1u) << key;
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.json", std::string("/") + key},
                        [&] { parse_record<Record>(json, "x.json"); }));
  };
  const MapRecord map = MapRecord::of("t statistic", some_fit());
  for (const char* key : {"VoxelStatusCounts", "SmoothingFWHM", "Design", "Runs", "Mask"})
    refused(map, key);
  MapRecord combined{"F statistic"};
  combined.combined = {{{"run-1", "ar1", 118.5}}, {"psc", "equal"}, {}, {}, {{"e.h5", "04"}}};
  for (const char* key : {"Estimates", "Runs", "Scaling"}) refused(combined, key);
  ClusterTableRecord clusters{"clusters"};
  clusters.group = GroupSearch{"t", "two", {0.001, 26, 10, 8, 0.05}, {3.5}};
  clusters.facts = some_facts();
  for (const char* key : {"ClusterFormingP", "TestedStatistic", "ClusterFormingThreshold"})
    refused(clusters, key);
  GroupMapRecord of_group{"p"};
  of_group.facts = some_facts();
  of_group.search = clusters.group;
  for (const char* key : {"ClusterFormingP", "TestedStatistic"}) refused(of_group, key);
  PermutationRecord permutation = some_permutation();
  permutation.maps = ShuffledMapsRecord{"counted", 26, "z", {}, {}};
  refused(permutation, "P");
  RegionValuesRecord values;
  values.fit = some_region_fit();
  for (const char* key : {"Order", "NoiseModel", "Runs"}) refused(values, key);
}

TEST(TypedRecords, NameThePlaceOfWhatIsWrong) {
  const FitRecord fit = some_fit();
  const auto refused = [](Json json, const std::vector<std::string>& words) {
    EXPECT_TRUE(refuses(ErrorCode::bad_input, words, [&] {
      parse_record<FitRecord>(json, "dir/estimates.json");
    })) << json;
  };
  const Json good = record_to_json(fit);
  EXPECT_EQ(parse_record<FitRecord>(good, "x"), fit);
  Json more = good;
  more["Runs"][0]["Later"] = "something new";
  EXPECT_EQ(parse_record<FitRecord>(more, "x"), fit);

  for (const auto& [pointer, value, wanted] :
       {std::tuple{"/Runs/0/Scans", Json("120"), "a whole number"},
        {"/Runs/0/Scans", Json(120.5), "a whole number"},
        {"/Runs/0/RepetitionTime", Json("2"), "a number"},
        {"/Runs/0", Json(1), "an object"},
        {"/Runs", Json::object(), "a list"},
        {"/NoiseModel", Json(1), "a text"},
        {"/ARMA/Fixed", Json{0.5}, "a list of the right length"},
        {"/Design/ConfoundStrategy/Scrub", Json("yes"), "an object"},
        {"/Mask/Files/0/XXH3", Json(1), "a text"},
        {"/VoxelStatusCounts", Json::array(), "an object"}}) {
    Json wrong = good;
    wrong[Json::json_pointer(pointer)] = value;
    refused(wrong, {"dir/estimates.json", pointer, value.dump(), wanted});
  }
  Json without = good;
  without["Runs"][0].erase("Rank");
  refused(without, {"dir/estimates.json has no /Runs/0/Rank"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.json", "/Contrast/DegreesOfFreedom", "Least"}, [] {
    parse_record<MapRecord>(
        {{"Description", "x"},
         {"Contrast", {{"Name", "a"}, {"Test", "t"}, {"DegreesOfFreedom", {{"Most", 1}}}}}},
        "x.json");
  }));
}

}  // namespace typed_records
}  // namespace sociometer::testing
