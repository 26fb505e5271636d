// What a folder of results has, as the parts of a report.
#include <filesystem>

#include <gtest/gtest.h>

#include "cli/jobs/report/read_behaviour.hpp"
#include "cli/jobs/report/read_influence.hpp"
#include "cli/jobs/report/read_regions.hpp"
#include "cli/jobs/report/viewer_regions.hpp"
#include "io/records/region_masks.hpp"
#include "io/tables/trial_table.hpp"
#include "tests/io/learning_results.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;
using jobs::read_behaviour;

/// Rounds of a participant as an events table with signals, and its record.
std::vector<TrialSignals> write_signals(const LearningResults& r, size_t person,
                                        const std::string& folder) {
  std::vector<std::vector<std::string>> rows;
  const auto number = [](double v) { return format_number(v); };
  const Participant& p = r.people[person];
  for (size_t t = 0; t < p.trials.size(); ++t) {
    const Trial& trial = p.trials[t];
    const auto option = [&](size_t k) { return p.options[size_t(trial.options[k])]; };
    const std::string chosen = trial.chosen < 0 ? "n/a" : p.options[size_t(trial.chosen)];
    const std::string at = std::to_string(6 * t);
    rows.push_back({at, "choice", std::to_string(t), option(0), option(1), chosen, "n/a", "n/a"});
    rows.push_back({at + ".5", "feedback", std::to_string(t), option(0), option(1), chosen,
                    number(trial.rank), number(trial.outcome)});
  }
  write_text(folder + "/events.tsv", to_tsv({"onset", "trial_type", "trial", "option_left",
                                             "option_right", "chosen", "rank", "match"},
                                            rows));
  Participant again{p.label, {}, {}};
  Warnings warnings;
  const TrialTable table =
      read_trials(folder + "/events.tsv", r.record.columns, 8, 0, again, warnings);
  const auto signals = trial_signals(*r.analysis.study.learners[0], r.record.settings, again,
                                     r.analysis.study.fits[person][0].estimate);
  const std::string sub = "sub-" + p.label;
  fs::create_directories(folder + "/learning/" + sub + "/func");
  const std::string stem =
      folder + "/learning/" + sub + "/func/" + sub + "_task-social_desc-signals_events";
  write_text(stem + ".tsv", signals_to_tsv(table, signals));
  Json record =
      record_to_json(LearningSignalsRecord{"hybrid", learning_facts(r.record), Json::object(), {}});
  Provenance{}.sign(record, RecordKind::learning_signals);
  write_text(stem + ".json", to_text(record));
  return signals;
}

TEST(ReadBehaviour, FindsTablesAndRounds) {
  const TemporaryFolder folder;
  const LearningResults results = learning_results();
  write_learning_results(results, folder / "learning");
  std::vector<std::vector<TrialSignals>> signals;
  for (size_t i = 0; i < results.people.size(); ++i)
    signals.push_back(write_signals(results, i, folder.path().string()));
  Warnings warnings;
  const auto found = read_behaviour(folder.path().string(), warnings);
  ASSERT_TRUE(found);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_EQ(found->task, "social");
  EXPECT_EQ(found->signals_model, "hybrid");
  EXPECT_TRUE(found->comparison && found->parameters && found->fits && found->group_parameters);
  EXPECT_TRUE(found->stay_switch && found->ratings && found->predictive && found->confusion);
  EXPECT_TRUE(found->recovery && found->recovery_summary);
  ASSERT_TRUE(found->curves);
  const LearningCurves expected = learning_curves(results.people, signals, 6);
  ASSERT_EQ(found->curves->partners.size(), 4u);
  EXPECT_EQ(found->curves->n_people, 5);
  for (const auto& wanted : expected.partners) {
    const auto at = std::find_if(found->curves->partners.begin(), found->curves->partners.end(),
                                 [&](const auto& p) { return p.partner == wanted.partner; });
    ASSERT_TRUE(at != found->curves->partners.end());
    EXPECT_EQ(at->choice_share.mean, wanted.choice_share.mean);
    EXPECT_EQ(at->person_shares, wanted.person_shares);
    for (size_t b = 0; b < 6; ++b) {
      EXPECT_TRUE(close_number(at->rank_belief[b].mean, wanted.rank_belief[b].mean, 1e-14));
      EXPECT_TRUE(close_number(at->outcome_belief[b].mean, wanted.outcome_belief[b].mean, 1e-14));
    }
  }
}

TEST(ReadBehaviour, TakesAnySubsetAndWarnsOfTheRest) {
  const TemporaryFolder folder;
  write_learning_results(learning_results(), folder / "a");
  for (const char* gone : {"comparison", "predictive", "parametersWide"})
    for (const char* ending : {".json", ".tsv"})
      fs::remove(folder / (std::string("a/task-social_") + gone + ending));
  fs::remove(folder / "a/task-social_ratings.tsv");
  write_text(folder / "a/task-social_staySwitch.tsv", "term\tz\nintercept\t1\n");
  Warnings warnings;
  auto found = read_behaviour(folder.path().string(), warnings);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->comparison || found->predictive || found->curves);
  EXPECT_FALSE(found->ratings || found->stay_switch);
  EXPECT_TRUE(found->parameters && found->confusion);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("no column 'estimate'"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("ratings.tsv"), std::string::npos) << warnings[1];
  // A second analysis is named, not mixed in.
  write_learning_results(learning_results(), folder / "b");
  warnings.clear();
  found = read_behaviour(folder.path().string(), warnings);
  EXPECT_FALSE(found->comparison);
  EXPECT_NE(warnings[0].find("/b/task-social_"), std::string::npos) << warnings[0];
  fs::create_directories(folder / "empty");
  warnings.clear();
  EXPECT_FALSE(read_behaviour(folder / "empty", warnings));
  EXPECT_FALSE(jobs::read_regions(folder / "empty", warnings));
  EXPECT_TRUE(warnings.empty());
}

TEST(ReadRegions, WarnsOfRecordsThatCannotBeRead) {
  const TemporaryFolder folder;
  Json json{{"Statistic", "mean"}};
  Provenance{}.sign(json, RecordKind::dissociation);
  write_text(folder / "dissociation.json", to_text(json));
  Warnings warnings;
  EXPECT_FALSE(jobs::read_regions(folder.path().string(), warnings));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("/Alpha"), std::string::npos) << warnings[0];
}

TEST(ReadInfluence, SaysThatMapsAreGone) {
  const TemporaryFolder folder;
  Json json{{"Method", "ols"},
            {"Participants", 2},
            {"DesignColumns", {"intercept"}},
            {"MinParticipants", 2},
            {"Contrasts", Json::array()},
            {"Clusters",
             {{"ClusterFormingP", 0.001},
              {"Connectivity", 26},
              {"MinClusterSize", 1},
              {"PeakDistanceMm", 8},
              {"Alpha", 0.05}}},
            {"Zeros", "missing"},
            {"Inputs", Json::array()}};
  jobs::FoundGroup group;
  group.path = folder / "group.json";
  group.record = parse_record<GroupRecord>(json, group.path);
  write_text(folder / "design.tsv",
             "map\tintercept\nsub-01_gone.nii.gz\t1\nsub-02_gone.nii.gz\t1\n");
  Warnings warnings;
  EXPECT_TRUE(jobs::read_influence(group, warnings).empty());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("sub-01_gone.nii.gz, which is not there"), std::string::npos)
      << warnings[0];
}

TEST(ViewerRegions, AreThoseInQuestionTheSmallerOnTop) {
  const TemporaryFolder folder;
  GridRule rule;
  rule.grid.size = {3, 2, 1};
  const auto region = [](const std::string& name, std::vector<uint32_t> voxels) {
    return MadeRegion{{Region{name, std::move(voxels), {}}, "mask", "", "", ""}, {}};
  };
  {
    OutputSet outputs(folder / "rois");
    write_region_masks({region("small", {1}), region("large", {0, 1, 2}), region("other", {5})},
                       rule, {}, {}, outputs, 1);
    outputs.commit();
  }
  RegionFindings findings;
  StoredRegionValues values;
  for (const char* name : {"small", "large"}) {
    RegionValue value;
    value.roi = name;
    values.values.push_back(value);
  }
  findings.values.push_back(values);
  const auto wanted = jobs::regions_in_question(findings);
  EXPECT_EQ(wanted, (std::set<std::string>{"large", "small"}));
  Warnings warnings;
  const auto found = jobs::viewer_regions(find_records(folder.path()), wanted, warnings);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->names, (std::vector<std::pair<int, std::string>>{{1, "large"}, {2, "small"}}));
  const Eigen::VectorXf expected = (Eigen::VectorXf(6) << 1, 2, 1, 0, 0, 0).finished();
  EXPECT_EQ(found->labels.values, expected);
  // A dissociation says which regions the question is about; a mask that is gone is reported.
  findings.dissociations.resize(1);
  findings.dissociations[0].record.analyses.resize(1);
  findings.dissociations[0].record.analyses[0].subject.regions = {"other"};
  EXPECT_EQ(jobs::regions_in_question(findings), std::set<std::string>{"other"});
  fs::remove(folder / "rois/roi-other_mask.nii.gz");
  EXPECT_FALSE(jobs::viewer_regions(find_records(folder.path()), {"other"}, warnings));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("roi-other_mask.nii.gz"), std::string::npos) << warnings[0];
}

}  // namespace
}  // namespace sociometer::testing
