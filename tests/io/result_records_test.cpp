// Records of pattern analyses, mixed models and connectivity: what is written is read back.
#include <limits>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"
#include "io/records/connectivity_records.hpp"
#include "io/records/described_table.hpp"
#include "io/records/mixed_records.hpp"
#include "io/records/rsa_records.hpp"
#include "tests/io/refusal.hpp"
#include "tests/io/there_and_back.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

RsaRecord some_rsa() {
  RsaRecord rsa;
  rsa.patterns = "condition";
  rsa.conditions = "chosen";
  rsa.trial_types = {{"feedback"}};
  rsa.dissimilarity = "crossnobis";
  rsa.normalisation = "multivariate";
  rsa.noise_from = "residual images";
  rsa.comparison = "spearman";
  rsa.pairs = "products of different runs only";
  rsa.generalises_to = {"other participants", "other conditions", "both"};
  rsa.models = {{"rating", "column"}, {"rank", "column"}};
  rsa.nuisance = {{{"run", "same run"}}};
  rsa.permutations = 50;
  rsa.bootstraps = 200;
  rsa.seed = 7;
  rsa.participants = {"sub-01", "sub-02"};
  rsa.inputs = {{"sub-01_trials.tsv", "01"}};
  rsa.left_out = {{"sub-03 is left out: too few pairs"}};
  rsa.regions = {{"rejection", {"union", "a study", "one region"}}, {"A", {"mask", "a.nii", {}}}};
  return rsa;
}

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST(RsaRecords, OfTablesAreTheSameReadBack) {
  RsaRecord rsa = some_rsa();
  EXPECT_EQ(there_and_back(RsaValuesRecord{rsa}).facts, rsa);
  EXPECT_EQ(there_and_back(RsaRdmsRecord{rsa}), RsaRdmsRecord{rsa});
  rsa.permutations.reset();
  EXPECT_EQ(there_and_back(rsa), rsa) << "the seed is that of the bootstraps";
  rsa.bootstraps.reset();
  rsa.seed.reset();
  rsa.nuisance.reset();
  rsa.left_out.reset();
  EXPECT_EQ(there_and_back(RsaGroupRecord{rsa}).facts, rsa);
  Json without = record_to_json(rsa);
  without.erase("Pairs");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.json", "/Pairs"},
                      [&] { parse_record<RsaGroupRecord>(without, "x.json"); }));
}

TEST(RsaRecords, OfImportancesAreTheSameReadBack) {
  const ImportanceRecord importance{"jackknife", "the value less", "ours", 0.1,
                                    20,          "mean",           7,      "rating"};
  RsaRecord rsa = some_rsa();
  const RsaOverlapGroupRecord group{{rsa, importance, {{"sub-02"}}}};
  EXPECT_EQ(there_and_back(group), group);
  rsa.permutations.reset();
  rsa.bootstraps.reset();
  rsa.seed.reset();
  const Json json = record_to_json(RsaOverlapRecord{{rsa, importance, {}}});
  const auto keys = keys_of(json);
  EXPECT_EQ(keys[keys.size() - 2], "Seed") << "where nothing before is drawn";

  ImportanceMapRecord map{
      "importance", "rating", "column",          "dACC", "sub-01", importance, "crossnobis",
      "none",       "cosine", {{"a.nii", "02"}}, {}};
  map.ending.statistic = "importance";
  EXPECT_EQ(there_and_back(map), map);
}

TEST(RsaRecords, OfSearchlightsAndPresetsAreTheSameReadBack) {
  RsaMapRecord map;
  map.description = "agreement";
  map.model = "rating";
  map.model_rdm = "column";
  map.radius_mm = 7.5;
  map.nuisance = {{{"run", "same run"}}};
  map.participant = "sub-01";
  map.inputs = {{"a.nii", "02"}};
  map.full_sphere = 33;
  map.least_sphere = 10;
  map.spheres_below_least = 4;
  map.voxels_without_value = 5;
  map.ending.statistic = "effect";
  EXPECT_EQ(there_and_back(map), map);
  RsaMapRecord sizes = map;
  sizes.model.reset();
  sizes.model_rdm.reset();
  sizes.voxels_without_value.reset();
  EXPECT_EQ(there_and_back(sizes), sizes);
  const RsaReportedRecord reported{"babur2024",
                                   "a paper",
                                   {"models"},
                                   {"distances"},
                                   {{"deciders", {{"models", {"rating"}}}}, {"trials", Json()}},
                                   {{"deciders", some_rsa()}, {"trials", some_rsa()}}};
  EXPECT_EQ(there_and_back(reported), reported);
}

MixedRowsFacts some_rows() {
  MixedRowsFacts rows;
  rows.coding = "treatment";
  rows.references = {{"side=left"}};
  rows.made_columns = {{"value_lag1"}};
  rows.sequence = TrialSequenceRecord{{"participant_id", "run"}, true, "rows", false};
  rows.where = {{"trial_type=feedback"}};
  rows.join = JoinRecord{{"participant_id", "trial"}, {"dACC"}, 3};
  rows.inputs = {{"events.tsv", "01"}};
  return rows;
}

TEST(MixedRecords, AreTheSameReadBack) {
  MixedModelFacts model;
  model.formula = "choice ~ value + (1 | participant_id)";
  model.family = "logistic";
  model.response = "choice is left";
  model.rows = 240;
  model.rows_left_out = 2;
  model.missing_values = {{"value", 2}};
  model.levels = {{{"participant_id", 6}}};
  model.log_likelihood = -120.25;
  model.converged = true;
  model.singular_because = {"a variance is 0"};
  model.separated = false;
  model.of_rows = some_rows();
  EXPECT_EQ(there_and_back(MixedEffectsRecord{model}).facts, model);
  model.levels.reset();
  model.separated.reset();
  model.of_rows = {"sum", {}, {}, {}, {}, {}, {}};
  EXPECT_EQ(there_and_back(MixedTestsRecord{model}).facts, model);
  EXPECT_EQ(there_and_back(MixedRowsRecord{some_rows()}).facts, some_rows());
  MediationRecord mediation;
  mediation.mediation = "x -> m -> y";
  mediation.seed = uint64_t(1) << 60;
  mediation.left_out = {"sub-03"};
  mediation.of_rows = some_rows();
  EXPECT_EQ(there_and_back(mediation), mediation);
  mediation.covariance = kNaN;
  EXPECT_TRUE(std::isnan(there_and_back(mediation).covariance));
}

TEST(MixedRecords, WithoutAFieldOfAPartAreRefused) {
  for (const char* key : {"TrialsFollowWithin", "TrialOrder", "JoinedBy", "RowsWithoutMatch"}) {
    Json json = record_to_json(some_rows());
    json.erase(key);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.json", std::string("/") + key},
                        [&] { parse_record<MixedRowsRecord>(json, "x.json"); }));
  }
}

TEST(BetaSeriesRecords, AreTheSameReadBack) {
  const BetaSeriesFacts facts{"dACC", "match", 96, 1, 2, 3, "within each run's", {{"t.tsv", "01"}}};
  EXPECT_EQ(there_and_back(BetaSeriesRecord{facts}).facts, facts);
  EXPECT_EQ(there_and_back(BetaSeriesTestsRecord{facts}).facts, facts);
}

TEST(DescribedTable, HasTheRecordAfterItsColumns) {
  const TemporaryFolder folder;
  const BetaSeriesFacts facts{"dACC", "all trials", 96, 0, 0, 0, "within each run's", {}};
  OutputSet outputs(folder / "out");
  write_described_table(outputs, "t", {{"a", "a column"}, {"b", "another"}}, {{"1", "2"}},
                        BetaSeriesRecord{facts}, {});
  outputs.commit();
  const Json json = Json::parse(read_bytes(folder / "out/t.json"));
  const auto keys = keys_of(json);
  EXPECT_EQ(std::vector<std::string>(keys.begin(), keys.begin() + 3),
            (std::vector<std::string>{"a", "b", "Seed"}));
  EXPECT_EQ(json["Record"], "sociometer/beta-series 1");
  EXPECT_EQ(read_record<BetaSeriesRecord>(folder / "out/t.json").facts, facts);
}

}  // namespace
}  // namespace sociometer::testing
