// Records written and read back: what a reader gets is what the writer was given.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"
#include "io/records/column_words.hpp"
#include "io/records/power_record.hpp"
#include "io/records/region_masks.hpp"
#include "io/records/region_records.hpp"
#include "io/records/region_series.hpp"
#include "io/records/simulation_settings.hpp"
#include "io/records/stored_power.hpp"
#include "io/records/truth_records.hpp"
#include "io/records/voxel_dissociation.hpp"
#include "tests/io/refusal.hpp"
#include "tests/io/there_and_back.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

std::string description_of(const ByName<ColumnWords>& columns, const std::string& name) {
  for (const auto& [column, words] : columns)
    if (column == name) return words.description;
  return "";
}

TEST(RegionSeriesRecord, IsReadBackWithItsTable) {
  const TemporaryFolder folder;
  RegionSeries series;
  series.values.resize(3, 2);
  series.values << 1.5, kNaN, -2, 3, 0.1, 1e-9;
  series.coverage = {1, 0.75};
  const InputFile source{"sub-01_bold.nii.gz", "00112233aabbccdd"};
  OutputSet outputs(folder / "out");
  const ScanTimes times{2.5, {}};
  write_region_series(series, {"A", "dACC"}, RegionStatistic::weighted_mean, source, {}, "sub-01",
                      outputs, times);
  outputs.commit();
  const StoredSeries read = read_stored_series(folder / "out/sub-01_timeseries.json");
  EXPECT_EQ(read.record.statistic, "weighted-mean");
  EXPECT_EQ(read.record.source, source);
  EXPECT_EQ(read.record.times, times);
  EXPECT_EQ(read.record.coverage, (ByName<double>{{"A", 1}, {"dACC", 0.75}}));
  EXPECT_EQ(read.regions, (std::vector<std::string>{"A", "dACC"}));
  ASSERT_EQ(read.values.rows(), 3);
  for (Eigen::Index t = 0; t < 3; ++t)
    for (Eigen::Index r = 0; r < 2; ++r)
      EXPECT_TRUE(read.values(t, r) == series.values(t, r) ||
                  (std::isnan(read.values(t, r)) && std::isnan(series.values(t, r))))
          << t << ", " << r;
  write_text(folder / "out/sub-01_timeseries.tsv", "A\n1\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"2 regions", "1 columns"},
                      [&] { read_stored_series(folder / "out/sub-01_timeseries.json"); }));
}

/// A sphere of two voxels, and weights of one.
std::vector<MadeRegion> made_regions() {
  std::vector<MadeRegion> made(2);
  made[0].known.region.name = "dACC";
  made[0].known.region.voxels = {0, 1};
  made[0].known.kind = "sphere";
  made[0].known.role = "rejection";
  made[0].known.source = "a study";
  made[0].centre_mm = Eigen::Vector3d(1.5, -2, 30);
  made[0].radius_mm = 6;
  made[1].known.region.name = "w";
  made[1].known.region.voxels = {3};
  made[1].known.region.weights = {0.5};
  made[1].known.kind = "weights";
  made[1].known.note = "weights are of 30 people";
  return made;
}

TEST(RegionMaskRecords, AreReadBack) {
  const TemporaryFolder folder;
  GridRule rule{Grid{{2, 2, 2}}, "like.nii", true};
  rule.grid.orientation_note = "none is stated";
  OutputSet outputs(folder / "out");
  write_region_masks(made_regions(), rule, {"faraway"}, {}, outputs, 1);
  outputs.commit();
  const auto table = read_record<RegionTableRecord>(folder / "out/rois.json");
  EXPECT_EQ(table.grid.image, "like.nii");
  EXPECT_EQ(table.orientation, "none is stated");
  EXPECT_EQ(table.resampled, "nearest voxel for labels and masks, linear for weights");
  EXPECT_EQ(table.lost, std::vector<std::string>{"faraway"});
  EXPECT_EQ(there_and_back(table), table);
  const auto columns = read_dictionary(folder / "out/rois.json", RecordKind::regions);
  ASSERT_EQ(columns.size(), 14u) << "those of rois.tsv, without the grid";
  EXPECT_EQ(columns.front().first, "name");
  EXPECT_EQ(description_of(columns, "radius_mm"), "Radius of a sphere");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"rois.json", "regions"},
                      [&] { read_dictionary(folder / "out/rois.json", RecordKind::power); }));

  const auto sphere = read_record<RegionMaskRecord>(folder / "out/roi-dACC_mask.json");
  const RegionMaskRecord of_sphere{"region of interest dACC", "sphere", "a study",       {},
                                   {{1.5, -2, 30}},           6.,       "none is stated"};
  EXPECT_EQ(sphere, of_sphere);
  const auto weights = read_record<RegionMaskRecord>(folder / "out/roi-w_probseg.json");
  EXPECT_EQ(weights.note, "weights are of 30 people");
  EXPECT_FALSE(weights.centre_mm || weights.radius_mm);
}

TEST(RegionMaskRecords, OfLabelsHaveADescriptionOnly) {
  const TemporaryFolder folder;
  OutputSet outputs(folder / "out");
  write_region_masks({made_regions()[0]}, {Grid{{2, 2, 2}}, "like.nii", false}, {}, {}, outputs, 1);
  outputs.commit();
  const auto labels = read_record<RegionMaskRecord>(folder / "out/rois_dseg.json");
  EXPECT_FALSE(labels.kind || labels.source || labels.orientation);
  EXPECT_FALSE(read_record<RegionTableRecord>(folder / "out/rois.json").lost);
}

VoxelDissociationRecord voxel_dissociation() {
  VoxelDissociationRecord r;
  r.x = "outcome", r.y = "rank";
  r.negative = true;
  r.min_participants = 5;
  r.reference = "vs.nii.gz";
  r.participants = {"sub-01", "sub-02"};
  r.correction = VoxelCorrection::holm;
  r.threshold_p = 0.01;
  r.rule.equivalence_d = INFINITY;
  const Eigen::VectorXd two = Eigen::Vector2d(1, -2);
  auto& d = r.dissociation;
  for (Eigen::VectorXd* v : {&d.effect_a, &d.effect_b, &d.t_a, &d.t_b, &d.both, &d.t_above_a,
                             &d.t_above_b, &d.p_goes_with_a, &d.p_goes_with_b})
    *v = two;
  r.places = {two.cwiseAbs(), {{1, 0}, 0.002, 1}, {{0, 1}, 0.003, 1}, {{0, 0}, kNaN, 0}};
  r.crossovers = VoxelCrossovers{two.cwiseAbs(), {{1, 1}, 0.004, 2}, {{0, 0}, kNaN, 0}};
  return r;
}

TEST(DissociationMapRecord, IsReadBackFromEverySidecar) {
  const TemporaryFolder folder;
  const Mask mask{Grid{{2, 1, 1}}, {0, 1}};
  OutputSet outputs(folder / "out");
  const Provenance provenance;  // the writer keeps a reference to it
  MapWriter writer(outputs, "", mask, ScalarType::float32, provenance,
                   RecordKind::dissociation_map);
  std::set<std::string> queued;
  add_voxel_dissociation(voxel_dissociation(), false, writer, queued);
  writer.flush(1);
  outputs.commit();
  const std::string stem = folder / "out/contrast-outcomeAndRank";
  const auto places = read_record<DissociationMapRecord>(stem + "_dseg.json");
  EXPECT_EQ(places.signals, (std::array<std::string, 2>{"outcome", "rank"}));
  EXPECT_EQ(places.direction, "negative effects");
  EXPECT_EQ(places.min_participants, 5);
  EXPECT_EQ(places.reference, "vs.nii.gz");
  EXPECT_EQ(places.participants, (std::vector<std::string>{"sub-01", "sub-02"}));
  ASSERT_TRUE(places.levels && places.threshold && places.evidence_of_no_effect && places.counts);
  EXPECT_EQ(places.levels->size(), 6u);
  EXPECT_EQ(*places.threshold, (VoxelThreshold{0.01, "holm"}));
  EXPECT_FALSE(places.evidence_of_no_effect->equivalence_bound.value);
  EXPECT_EQ((*places.counts)[0], (std::pair<std::string, PassingCount>{"First", {1, 0.002}}));
  EXPECT_TRUE(std::isnan((*places.counts)[2].second.largest_p));
  there_and_back(places);
  const auto crossed = read_record<DissociationMapRecord>(stem + "Crossover_dseg.json");
  EXPECT_EQ((*crossed.counts)[0].second.voxels, 2);
  EXPECT_FALSE(crossed.evidence_of_no_effect);
  const auto t =
      read_record<DissociationMapRecord>(folder / "out/contrast-rank_stat-t_statmap.json");
  EXPECT_EQ(t.description, "t of the mean, one voxel each");
  EXPECT_FALSE(t.levels || t.threshold || t.counts);
  EXPECT_EQ(there_and_back(t), t);
}

PowerRecord power_record() {
  PowerRecord record;
  record.plan.effects = {0.02};
  record.plan.rule.equivalence_d = INFINITY;
  record.plan.seed = uint64_t(1) << 63;
  record.n_people = 12;
  record.signals = {"feedback", {"outcome_update", "rank_update_unsigned"}};
  StudyDesigns design;
  design.trials = 60, design.runs = 2, design.scans = 310.5;
  design.sd = Eigen::Vector2d(0.7, 2.5);
  design.vif_x = 1.25, design.vif_y = 1.5, design.correlation = -0.125;
  design.error = {Eigen::Matrix2d::Identity()};
  record.designs = {design};
  for (const Eigen::Index n : {20, 30}) {
    PowerRow row;
    row.participants = n;
    row.effect = {0.02, 0.03};
    row.rate[size_t(Claim::selective)] = double(n) / 100;
    record.rows.push_back(row);
  }
  record.plan.participants = {20, 30};
  record.files = {{"events.tsv", "0123456789abcdef"}};
  return record;
}

TEST(PowerRecords, AreReadBack) {
  const PowerRecord record = power_record();
  const Json json = Json::parse(to_text(to_json(record)));
  const auto read = parse_record<StoredPower>(json, "power.json");
  EXPECT_EQ(there_and_back(read), read);
  EXPECT_EQ(read.sentences, power_sentences(record));
  EXPECT_EQ(read.rule.seed, record.plan.seed);
  EXPECT_TRUE(std::isinf(read.rule.equivalence.d));
  EXPECT_EQ(read.assumptions.own_effects, record.plan.effects);
  EXPECT_EQ(read.assumptions.noise_sd, record.plan.people.noise_sd);
  EXPECT_EQ(read.signals.y, "rank_update_unsigned");
  ASSERT_EQ(read.designs.size(), 1u);
  EXPECT_EQ(read.designs[0].scans, 310.5);
  EXPECT_EQ(read.designs[0].vif, (std::array<double, 2>{1.25, 1.5}));
  EXPECT_EQ(read.people, 12u);
  ASSERT_EQ(read.rows.size(), 2u);
  const auto number = [&](size_t row, const std::string& column) {
    for (const auto& [name, value] : read.rows[row])
      if (name == column) return value;
    return kNaN;
  };
  EXPECT_EQ(number(1, "participants"), 30);
  EXPECT_EQ(number(1, "p_selective"), 0.3);
  EXPECT_EQ(read.inputs, record.files);
  // The settings of a game are there to be run again.
  EXPECT_EQ(to_json(simulation_settings_from_json(json["Settings"])),
            to_json(record.game.settings));
  Json bounded = json;
  bounded["Rule"]["EquivalenceD"] = 0.4;
  EXPECT_EQ(parse_record<StoredPower>(bounded, "power.json").rule.equivalence.d, 0.4);
  bounded["Rule"]["EquivalenceD"] = "some";
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"power.json", "/Rule/EquivalenceD"},
                      [&] { parse_record<StoredPower>(bounded, "power.json"); }));
}

TEST(TruthRecords, AreReadBack) {
  TruthRecord truth{6, 2, 60, 7, "tiny", 4, {}};
  truth.settings.simulation.game.pairs = OfferedPairs::same_visibility;
  truth.settings.simulation.noise.ar_coefficient = 0.25;
  truth.settings.learning.priors["w"] = {PriorFamily::beta, 2, 3};
  const TruthRecord again = there_and_back(truth);
  EXPECT_EQ(again.participants, 6);
  EXPECT_EQ(again.seed, 7u);
  EXPECT_EQ(again.settings.simulation.game.pairs, OfferedPairs::same_visibility);
  EXPECT_EQ(again.settings.learning.priors.at("w").second, 3);
  TruthSchedules schedules{3, "the criterion", "of both", {}};
  schedules.participants.emplace_back(
      "sub-01", TruthSchedule{2, {1.5, 2, 0.1, 40}, {1.2, 1.3, 0, 41}, {INFINITY, 1, 0, 0}});
  const TruthSchedules read = there_and_back(schedules);
  ASSERT_EQ(read.participants.size(), 1u);
  EXPECT_EQ(read.participants[0].first, "sub-01");
  EXPECT_EQ(read.participants[0].second.candidate, 2);
  EXPECT_EQ(read.participants[0].second.chosen.vif_rank, 1.3);
  EXPECT_TRUE(std::isnan(read.participants[0].second.played.vif_outcome));
  Json broken = record_to_json(truth);
  broken["Settings"].erase("learning");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"truth.json", "/Settings"},
                      [&] { parse_record<TruthRecord>(broken, "truth.json"); }));
}

TEST(Dictionaries, HaveUnitsAndLevelsWhereTheyAreGiven) {
  const TemporaryFolder folder;
  Json json{{"role", {{"Description", "what it follows"}, {"Levels", {{"reward", "outcomes"}}}}},
            {"x", {{"Description", "centre"}, {"Units", "mm"}}},
            {"Model", "hybrid"},
            {"Inputs", Json::array()}};
  Provenance{}.sign(json, RecordKind::truth_regions);
  write_text(folder / "regions.json", to_text(json));
  const auto columns = read_dictionary(folder / "regions.json", RecordKind::truth_regions);
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].second.levels, (ByName<std::string>{{"reward", "outcomes"}}));
  EXPECT_EQ(columns[1].second.units, "mm");
}

}  // namespace
}  // namespace sociometer::testing
