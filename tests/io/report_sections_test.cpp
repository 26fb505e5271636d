// Sections of reports on behaviour, regions and influence.
#include <cmath>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "io/report/behaviour_section.hpp"
#include "io/report/influence_section.hpp"
#include "io/report/region_section.hpp"
#include "tests/io/learning_results.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

const std::string kHostile = "<script>alert('x')</script>&\"";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Every id once, every element closed, and nothing that runs.
void expect_sound(const std::string& markup) {
  std::set<std::string> ids;
  const std::regex id(" id=\"([^\"]*)\"");
  for (std::sregex_iterator at(markup.begin(), markup.end(), id), end; at != end; ++at)
    EXPECT_TRUE(ids.insert((*at)[1]).second) << (*at)[1];
  for (const char* name : {"svg", "figure", "table", "g", "text", "details"})
    EXPECT_EQ(
        count(markup, std::string("<") + name + " ") + count(markup, std::string("<") + name + ">"),
        count(markup, std::string("</") + name + ">"))
        << name;
  EXPECT_FALSE(has(markup, "<script")) << "names of a dataset must be escaped";
  EXPECT_FALSE(has(markup, "nan")) << "missing figures are n/a";
}

/// Texts of pictures have at least 11 pixels.
void expect_legible(const std::string& markup) {
  const std::regex size("font-size=\"([0-9.]+)\"");
  for (std::sregex_iterator at(markup.begin(), markup.end(), size), end; at != end; ++at)
    EXPECT_GE(std::stod((*at)[1]), 11) << at->str();
}

BehaviourFindings all_behaviour() {
  const TemporaryFolder folder;
  const LearningResults results = learning_results();
  write_learning_results(results, folder / "learning");
  const auto record = [&](const char* name) {
    return folder / (std::string("learning/task-social_") + name + ".json");
  };
  BehaviourFindings f;
  f.task = "social";
  f.signals_model = "hybrid";
  f.comparison = read_stored_table<StoredComparison>(record("comparison"));
  f.parameters = read_stored_table<StoredParameters>(record("parameters"));
  f.fits = read_stored_table<StoredFits>(record("fits"));
  f.group_parameters = read_stored_table<StoredGroupParameters>(record("groupParameters"));
  f.stay_switch = read_stored_table<StoredStaySwitch>(record("staySwitch"));
  f.ratings = read_stored_table<StoredRatings>(record("ratings"));
  f.predictive = read_stored_table<StoredPredictive>(record("predictive"));
  f.recovery = read_stored_table<StoredRecovery>(record("parameterRecovery"));
  f.recovery_summary = read_stored_table<StoredRecoverySummary>(record("parameterRecoverySummary"));
  f.confusion = read_stored_table<StoredConfusion>(record("modelRecovery"));
  std::vector<std::vector<TrialSignals>> signals;
  for (size_t i = 0; i < results.people.size(); ++i)
    signals.push_back(trial_signals(*results.analysis.study.learners[0], results.record.settings,
                                    results.people[i], results.analysis.study.fits[i][0].estimate));
  f.curves = learning_curves(results.people, signals, 6);
  return f;
}

TEST(BehaviourSection, HasAPictureAndATableOfEverything) {
  const ReportSection section = behaviour_section(all_behaviour());
  const std::string& markup = section.body.markup();
  EXPECT_EQ(section.id, "behaviour");
  expect_sound(markup);
  expect_legible(markup);
  for (const char* id : {"choices", "learning", "beliefs", "models", "parameters", "recovery",
                         "confusion", "predictive", "stay-switch"})
    EXPECT_TRUE(has(markup, std::string("id=\"behaviour-") + id + "\"")) << id;
  for (const char* id : {"comparison", "fits", "parameters", "group-parameters", "stay-switch",
                         "ratings", "predictive", "recovery", "confusion"})
    EXPECT_TRUE(has(markup, std::string("id=\"behaviour-table-") + id + "\"")) << id;
  EXPECT_TRUE(has(markup, "sub-09: no responses"));
  // The odds ratio that was reported stands beside the study's, with its source.
  EXPECT_TRUE(has(markup, "1.23 [1.10, 1.39]"));
  EXPECT_TRUE(has(markup, "e2400022121"));
  EXPECT_TRUE(has(markup, "1 of 3 dots lie outside"));
}

TEST(BehaviourSection, LeavesOutWhatIsNotThere) {
  EXPECT_TRUE(behaviour_section({}).body.empty());
  const BehaviourFindings all = all_behaviour();
  BehaviourFindings some;
  some.confusion = all.confusion;
  const std::string markup = behaviour_section(some).body.markup();
  EXPECT_TRUE(has(markup, "behaviour-confusion"));
  EXPECT_EQ(count(markup, "<figure"), 1u);
  expect_sound(markup);
  // Parameters alone: the model that is drawn is the first.
  BehaviourFindings parameters;
  parameters.parameters = all.parameters;
  EXPECT_TRUE(has(behaviour_section(parameters).body.markup(), "Parameters of hybrid"));
}

TEST(BehaviourSection, EscapesNames) {
  BehaviourFindings f = all_behaviour();
  f.task = f.signals_model = kHostile;
  for (auto& p : f.curves->partners) p.partner = kHostile;
  for (auto& row : f.comparison->rows) row.model = kHostile;
  for (auto& row : f.parameters->rows) row.model = row.participant = row.parameter = kHostile;
  for (auto& row : f.confusion->rows) row.true_model = row.fitted_model = kHostile;
  for (auto& row : f.predictive->rows) row.level = kHostile;
  for (auto& row : f.stay_switch->rows) row.term = kHostile;
  for (auto& row : f.recovery->rows) row.model = row.parameter = kHostile;
  f.parameters->facts.fit.left_out = {kHostile};
  const std::string markup = behaviour_section(f).body.markup();
  expect_sound(markup);
  EXPECT_TRUE(has(markup, "&lt;script&gt;"));
}

DissociationTest some_test(const std::string& region, const std::string& other,
                           const std::string& signal, double bf10) {
  DissociationTest t;
  t.about = signal + " in " + region;
  t.region = region;
  if (!other.empty()) t.other_region = other;
  t.signal = signal;
  t.finding = "positive";
  t.figures.bf10 = bf10;
  return t;
}

RegionFindings all_regions(const std::string& name) {
  RegionFindings f;
  StoredRegionValues values;
  values.file.path = "values/roi_values.tsv";
  StoredAnalysis a;
  a.subject.regions = {name, "dACC"};
  a.subject.signals = {"outcome", "rank"};
  a.units =
      StoredUnits{"regressor-sd", "units per standard deviation", {{"outcome", 2}, {"rank", 1}}};
  for (int i = 0; i < 8; ++i) {
    const std::string person = "sub-0" + std::to_string(i + 1);
    a.subject.participants.push_back(person);
    for (const auto& region : a.subject.regions)
      for (const auto& signal : a.subject.signals) {
        RegionValue v;
        v.unit = {person, "", signal};
        v.roi = region;
        v.statistic = "mean";
        v.value = std::sin(double(i)) + (region == "dACC");
        values.values.push_back(v);
      }
  }
  a.subject.sentences = {"A sentence on " + name + "."};
  for (const auto& signal : a.subject.signals) {
    a.cells.push_back(some_test(name, "", signal, 24.7));
    a.cells.push_back(some_test("dACC", "", signal, 1 / 3.96));
    a.simple_effects.push_back(some_test(name, "dACC", signal, 150));
  }
  VerdictRecord verdict;
  verdict.verdict = "double dissociation";
  verdict.sentence = "Double dissociation: " + name + " follows outcome & more.";
  a.interactions.push_back({some_test(name, "dACC", "outcome", 5), verdict, {}});
  f.values.push_back(values);
  StoredDissociation dissociation;
  dissociation.statistic = "mean";
  dissociation.alpha = 0.05;
  dissociation.bayes_factor_needed = 3;
  dissociation.analyses = {a};
  f.dissociations.push_back({"dissociation.json", dissociation});
  StoredRegionTests tests;
  tests.path = "tests/roi_tests.tsv";
  RegionTestRow row;
  row.roi = name;
  row.figures.bf10 = 0.2;
  row.figures.partial_r = std::nan("");
  tests.rows = {row};
  tests.facts.test = "one-sample";
  f.tests.push_back(tests);
  StoredIndividual individual;
  individual.scores = {name};
  individual.sentences = {"A slope on " + name + "."};
  StoredSlope slope;
  slope.region = name;
  slope.signal = "rank";
  slope.score = name;
  slope.bf10 = 2;
  slope.scatter = StoredScatter{{1, 2, 3}, {1, 3, 2}, {1, 3}, {1, 2}, {0, 1}, {2, 3}};
  individual.slopes = {slope, slope};
  individual.slopes[1].scatter.reset();
  f.individuals.push_back({"individual.json", individual});
  return f;
}

TEST(RegionSection, RepeatsTheVerdictWordByWord) {
  const std::string markup = region_section(all_regions("ventralStriatum")).body.markup();
  expect_sound(markup);
  expect_legible(markup);
  EXPECT_TRUE(has(markup, "Double dissociation: ventralStriatum follows outcome &amp; more."));
  EXPECT_TRUE(has(markup, "<strong>double dissociation</strong>"));
  EXPECT_TRUE(has(markup, "A sentence on ventralStriatum."));
  EXPECT_TRUE(has(markup, "strong evidence of an effect"));
  EXPECT_TRUE(has(markup, "BF01 = 3.96, moderate evidence of no effect"));
  EXPECT_TRUE(has(markup, "BF01 = 5.00, moderate evidence of no effect"));
  // The values are in the unit of the tests: the outcome's are doubled. Person 1 has sin(0) + 1.
  EXPECT_TRUE(has(markup, "<title>sub-01: 2.00</title>"));
  EXPECT_TRUE(has(markup, "units per standard deviation"));
  EXPECT_TRUE(has(markup, "id=\"regions-scores-scatter\""));
  EXPECT_TRUE(has(markup, "Lee &amp; Wagenmakers 2013"));
}

TEST(RegionSection, LeavesOutWhatIsNotThere) {
  EXPECT_TRUE(region_section({}).body.empty());
  RegionFindings f = all_regions("vS");
  f.values.clear();
  const std::string markup = region_section(f).body.markup();
  expect_sound(markup);
  EXPECT_FALSE(has(markup, "id=\"regions-dissociation\"")) << "no picture without values";
  EXPECT_TRUE(has(markup, "Double dissociation: vS"));
}

TEST(RegionSection, EscapesNames) {
  const std::string markup = region_section(all_regions(kHostile)).body.markup();
  expect_sound(markup);
  EXPECT_TRUE(has(markup, "&lt;script&gt;"));
}

TEST(BayesFactorWords, SayWhichWay) {
  EXPECT_EQ(bayes_factor_words(2), "BF10 = 2.00, anecdotal evidence of an effect");
  EXPECT_EQ(bayes_factor_words(0.25), "BF01 = 4.00, moderate evidence of no effect");
  EXPECT_EQ(bayes_factor_words(std::nan("")), "");
}

TEST(InfluenceSection, NamesThoseWhoAreFlagged) {
  InfluenceFindings f;
  f.title = "outcome: " + kHostile;
  f.method = "ols";
  for (int i = 0; i < 30; ++i) {
    f.participants.push_back("sub-" + std::to_string(i + 10));
    ParticipantInfluence p;
    p.leverage = i == 4 ? 0.3 : 1.0 / 30;
    p.distance = p.distance_z = 1;
    p.t_at_peak = 5;
    f.influence.participants.push_back(p);
    f.peaks_mm.push_back({1, 2, 3});
  }
  f.influence.mean_leverage = 1.0 / 30;
  f.influence.peak_t = 5.2;
  f.influence.peak_dof = 29;
  f.influence.participants[3].far_away = true;
  f.influence.participants[7].peak_lost = true;
  const ReportSection section = influence_section({f, f});
  const std::string& markup = section.body.markup();
  expect_sound(markup);
  expect_legible(markup);
  EXPECT_TRUE(has(markup, "Far from what the others predict: sub-13"));
  EXPECT_TRUE(has(markup, "without sub-17"));
  EXPECT_TRUE(has(markup, "Leverage"));
  EXPECT_TRUE(has(markup, "30 participants"));
  for (auto& p : f.influence.participants) p.leverage = 1.0 / 30;
  EXPECT_FALSE(has(draw_influence(f).markup(), "Leverage")) << "the same for all";
}

}  // namespace
}  // namespace sociometer::testing
