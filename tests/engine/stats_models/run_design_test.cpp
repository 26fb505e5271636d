#include "engine/stats_models/run_design.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "tests/engine/stats_models/game.hpp"
#include "tests/engine/stats_models/small_models.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::events_of;
using testing::game;
using testing::game_events;
using testing::kScans;
using testing::kTr;
using testing::refuses;
using testing::run_model;
using testing::says;
using Names = std::vector<std::string>;

NamedColumns confounds(Names names = {"trans_x", "trans_x_derivative1", "rot_z"}) {
  NamedColumns out{std::move(names), {}};
  out.values.resize(kScans, Eigen::Index(out.names.size()));
  for (Eigen::Index j = 0; j < out.values.cols(); ++j)
    for (Eigen::Index i = 0; i < kScans; ++i)
      out.values(i, j) = std::sin(0.1 * double((i + 1) * (j + 2)));
  return out;
}

ModelDesign designed(const std::string& node, const std::optional<EventTable>& events = game(),
                     const std::optional<NamedColumns>& c = confounds(), double start_s = 0) {
  const ReadModel read = run_model(node);
  return run_design(read.model.nodes[0], RunVariables(events, c), {kTr, kScans, start_s});
}

/// Columns by the names that a command's design gives them.
Eigen::MatrixXd columns(const DesignMatrix& design, const Names& names) {
  Eigen::MatrixXd out(design.n_scans(), Eigen::Index(names.size()));
  for (size_t j = 0; j < names.size(); ++j) {
    const Eigen::Index at = design.find(names[j]);
    if (at < 0) throw std::runtime_error("no column " + names[j]);
    out.col(Eigen::Index(j)) = design.values.col(at);
  }
  return out;
}

/// One way to ask for responses, filter and sampling, for both.
struct Equivalent {
  const char* hrf;
  bool in_model_hrf;
  HrfGrid grid;
  double start_s;
  std::optional<double> high_pass_hz;
  friend void PrintTo(const Equivalent& c, std::ostream* out) {
    *out << c.hrf << " from " << c.start_s << " s";
  }
};

class ModelAndCommand : public ::testing::TestWithParam<Equivalent> {};

/// The model of docs/reference/stats_models.md and `design --modulators feedback:outcome,rank`.
TEST_P(ModelAndCommand, HaveTheSameDesign) {
  const Equivalent& same = GetParam();
  const std::string variables =
      R"(["trial_type.choice", "trial_type.feedback", "outcome_c", "rank_c"])";
  const std::string scale =
      R"({"Name": "Factor", "Input": ["trial_type"]},
         {"Name": "Scale", "Input": ["outcome", "rank"], "Rescale": false, "ReplaceNA": "after",
          "Output": ["outcome_c", "rank_c"]})";
  const HrfModel hrf = parse_hrf_model(same.hrf);
  const std::string convolve = fmt::format(
      R"(, {{"Name": "Convolve", "Input": {}, "Model": "{}", "Derivative": {}, "Dispersion": {}}})",
      variables, hrf.shape == HrfShape::glover ? "glover" : "spm", hrf.time_derivative,
      hrf.dispersion_derivative);
  const std::string node =
      R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [)" + scale +
      (same.in_model_hrf ? "" : convolve) + R"(]}, "Model": {"Type": "glm",
      "X": ["trial_type.choice*", "trial_type.feedback*", "outcome_c*", "rank_c*", "trans_*", "rot_?", 1],
      "Options": {)" +
      (same.high_pass_hz ? fmt::format("\"HighPassFilterCutoffHz\": {}", *same.high_pass_hz) : "") +
      R"(}, "Software": {"Sociometer": {"HrfGrid": ")" + name_of(same.grid) + "\"}}" +
      (same.in_model_hrf
           ? fmt::format(R"(, "HRF": {{"Variables": {}, "Model": "{}"}})", variables, same.hrf)
           : "") +
      "}";
  const ModelDesign model = designed(node, game(), confounds(), same.start_s);

  DesignOptions options;
  options.hrf = hrf;
  options.grid = same.grid;
  options.start_time_s = same.start_s;
  options.modulators = {parse_modulators("feedback:outcome,rank")};
  options.high_pass_hz = same.high_pass_hz.value_or(options.high_pass_hz);
  const DesignMatrix command = make_design(game_events(), confounds(), kTr, kScans, options);

  Names of_model, of_command;
  for (const auto& [m, c] : std::map<std::string, std::string>{{"trial_type.choice", "choice"},
                                                               {"trial_type.feedback", "feedback"},
                                                               {"outcome_c", "feedback:outcome"},
                                                               {"rank_c", "feedback:rank"}})
    for (const char* suffix : {"", "_derivative", "_dispersion"}) {
      if (command.find(c + suffix) < 0) continue;
      of_model.push_back(m + suffix);
      of_command.push_back(c + suffix);
    }
  for (const auto& name : command.names)
    if (command.roles[size_t(command.find(name))] != ColumnRole::task) {
      of_model.push_back(name);
      of_command.push_back(name);
    }
  ASSERT_EQ(of_command.size(), command.names.size());
  ASSERT_EQ(model.design.names.size(), command.names.size());
  EXPECT_TRUE(
      close_by_column(columns(model.design, of_model), columns(command, of_command), 1e-12));
  EXPECT_EQ(model.design.names.back(), "constant");
  EXPECT_EQ(model.responses, Names{to_string(hrf)});
  EXPECT_TRUE(close_by_column(model.design.frame_times_s, command.frame_times_s, 1e-15));
  for (size_t j = 0; j < of_model.size(); ++j) {
    const auto a = size_t(model.design.find(of_model[j])), b = size_t(command.find(of_command[j]));
    EXPECT_EQ(model.design.roles[a], command.roles[b]) << of_model[j];
    EXPECT_EQ(std::isnan(model.design.trial_sd[a]), std::isnan(command.trial_sd[b])) << of_model[j];
    if (!std::isnan(command.trial_sd[b])) {
      EXPECT_NEAR(model.design.trial_sd[a], command.trial_sd[b], 1e-14);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ModelAndCommand,
    ::testing::Values(
        Equivalent{"spm", false, HrfGrid::nilearn, 0, std::nullopt},
        Equivalent{"spm", true, HrfGrid::nilearn, 0, 0.01},
        Equivalent{"glover", false, HrfGrid::nilearn, 0.85, 0.02},
        Equivalent{"glover + derivative + dispersion", true, HrfGrid::nilearn, 0.85, std::nullopt},
        Equivalent{"spm + derivative", false, HrfGrid::nilearn, 0, std::nullopt},
        Equivalent{"spm + derivative + dispersion", true, HrfGrid::spm, 0, std::nullopt},
        Equivalent{"spm", false, HrfGrid::spm, 0, 0.01}));

const std::string kFactorConvolve =
    R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
       {"Name": "Factor", "Input": ["trial_type"]},
       {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*"]}]}, )";

TEST(ColumnsOfX, KeepTheirOrderOnceEachAndTheConstantLast) {
  const auto d = designed(kFactorConvolve + R"("Model": {"Type": "glm",
      "X": [1, "rot_z", "trial_type.*", "trial_type.choice", "trans_*"],
      "Options": {"HighPassFilterCutoffHz": 0.005}})");
  EXPECT_EQ(d.design.names, (Names{"rot_z", "trial_type.choice", "trial_type.feedback", "trans_x",
                                   "trans_x_derivative1", "drift_1", "constant"}));
  ASSERT_EQ(d.expansion.size(), 4u);
  EXPECT_EQ(d.expansion[3].second, (Names{"trans_x", "trans_x_derivative1"}))
      << "trans_* means all 24 motion columns where they are";
}

TEST(ColumnsOfX, MeanVariablesWithThisNameBeforeGlobs) {
  const auto d = designed(R"("Model": {"Type": "glm", "X": ["a[x]", "a[x]*", 1]})", std::nullopt,
                          confounds({"ax", "a[x]", "axy"}));
  EXPECT_EQ(d.design.names[0], "a[x]");
  EXPECT_EQ(d.design.names[1], "ax");
  EXPECT_EQ(d.design.names[2], "axy");
}

TEST(ColumnsOfX, OfTextAreRefusedButNoMatchesOfGlobs) {
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"/Model/X: ", "names 'trial_type'", "Factor"},
                      [] { designed(R"("Model": {"Type": "glm", "X": ["trial_type", 1]})"); }));
  EXPECT_EQ(designed(R"("Model": {"Type": "glm", "X": ["tr*", 1]})").design.names[0], "trans_x");
}

TEST(ColumnsOfX, OfConfoundsAloneNeedNoEvents) {
  const auto d =
      designed(R"("Model": {"Type": "glm", "X": ["trans_?", "rot_z", 1]})", std::nullopt);
  EXPECT_EQ(d.design.roles[0], ColumnRole::confound);
  EXPECT_TRUE(d.notes.warnings.empty());
}

TEST(ColumnsOfX, AreMadeOfLevelsWithoutFactor) {
  const auto d = designed(R"("Model": {"Type": "glm", "X": ["trial_type.choice", 1],
      "HRF": {"Variables": ["trial_type.choice"], "Model": "spm"}})");
  EXPECT_EQ(d.design.names[0], "trial_type.choice");
  EXPECT_EQ(d.design.roles[0], ColumnRole::task);
  EXPECT_TRUE(says(d.notes.notices, "no Factor made 'trial_type.choice'"));
  EXPECT_TRUE(d.notes.warnings.empty());
}

/// The specification's own examples name events and no response.
TEST(EventsWithoutResponse, AreBoxcarsWithAWarning) {
  const auto d = designed(R"("Model": {"Type": "glm", "X": ["trial_type.choice", 1]})");
  EXPECT_TRUE(says(d.notes.warnings, "'trial_type.choice': these events enter as boxcars"));
  Stimulus boxcars{"x", {3.2, 17.4, 33.3, 55}, {1.5, 1.5, 1.5, 1.5}, {1, 1, 1, 1}};
  const auto expected =
      nilearn_regressors(boxcars, d.design.frame_times_s, HrfModel{HrfShape::none}, {});
  EXPECT_TRUE(close_by_column(d.design.values.leftCols(1), expected.values, 1e-15));
}

TEST(ConvolveAndModelHrf, ConvolveOnceOrAreRefused) {
  const std::string x = R"("Model": {"Type": "glm", "X": ["trial_type.choice", 1], "HRF":
      {"Variables": ["trial_type.choice"], "Model": )";
  const auto once = designed(kFactorConvolve + x + "\"spm\"}}");
  EXPECT_TRUE(says(once.notes.notices, "it is convolved once"));
  const auto alone =
      designed(kFactorConvolve + R"("Model": {"Type": "glm", "X": ["trial_type.choice", 1]})");
  EXPECT_TRUE(close_by_column(once.design.values, alone.design.values, 0));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"convolved twice", "spm", "glover"},
                      [&] { designed(kFactorConvolve + x + "\"glover\"}}"); }));
}

TEST(Derivatives, EnterByGlobsAndByModelHrfNotByOtherNames) {
  const std::string convolve =
      R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
       {"Name": "Convolve", "Model": "spm", "Derivative": true, "Input": ["trial_type.choice"]}]}, )";
  const auto named =
      designed(convolve + R"("Model": {"Type": "glm", "X": ["trial_type.choice", 1]})");
  EXPECT_LT(named.design.find("trial_type.choice_derivative"), 0);
  EXPECT_EQ(named.responses, Names{"spm"}) << "as it entered";
  EXPECT_TRUE(says(named.notes.notices, "'trial_type.choice_derivative', which X does not name"));
  const auto glob = designed(convolve + R"("Model": {"Type": "glm", "X": ["trial_type.c*", 1]})");
  EXPECT_EQ(glob.design.names[1], "trial_type.choice_derivative");
}

TEST(Fir, IsNamedByItsVariable) {
  const auto d =
      designed(R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
       {"Name": "Convolve", "Model": "fir", "FirDelays": [0, 1], "Input": ["trial_type.choice"]}]},
       "Model": {"Type": "glm", "X": ["trial_type.choice", 1]})");
  EXPECT_EQ(d.design.names[0], "trial_type.choice_delay_0");
  EXPECT_EQ(d.design.names[1], "trial_type.choice_delay_1");
  EXPECT_TRUE(d.missing.empty());
}

TEST(Constant, IsAddedUnlessForbidden) {
  const auto added = designed(R"("Model": {"Type": "glm", "X": ["trans_x"]})");
  EXPECT_EQ(added.design.names.back(), "constant");
  EXPECT_TRUE(says(added.notes.notices, "X has no 1; a constant is added"));
  const auto without = designed(R"("Model": {"Type": "glm", "X": ["trans_x"],
      "Software": {"Sociometer": {"AddConstant": false}}})");
  EXPECT_LT(without.design.find("constant"), 0);
  EXPECT_EQ(without.design.values.cols(), Eigen::Index(without.design.names.size()));
}

NamedColumns with_cosines(double high_pass_hz) {
  NamedColumns out = confounds();
  const Eigen::MatrixXd basis = cosine_drift(kScans, kTr, high_pass_hz);
  out.values.conservativeResize(Eigen::NoChange, 3 + basis.cols());
  out.values.rightCols(basis.cols()) = 3 * basis;  // another scale is the same filter
  for (Eigen::Index k = 0; k < basis.cols(); ++k)
    out.names.push_back("cosine0" + std::to_string(k));
  return out;
}

TEST(Drift, IsTheCutoffTheCosinesOrTheDefault) {
  const std::string x = R"("Model": {"Type": "glm", "X": ["trans_x", "cosine*", 1])";
  const auto cosines = designed(x + "}", game(), with_cosines(1.0 / 128));
  EXPECT_EQ(cosines.design.names, (Names{"trans_x", "cosine00", "cosine01", "constant"}));
  EXPECT_EQ(cosines.options.drift, DriftModel::none);
  const auto neither = designed(R"("Model": {"Type": "glm", "X": ["trans_x", 1]})");
  EXPECT_EQ(neither.design.names, (Names{"trans_x", "drift_1", "drift_2", "constant"}));
  EXPECT_TRUE(says(neither.notes.notices, "the model names no high-pass filter"));
  const auto short_run = designed(x + "}");
  EXPECT_EQ(short_run.design.names, (Names{"trans_x", "constant"}));
  EXPECT_TRUE(says(short_run.notes.warnings, "X 'cosine*' matches no variable"));
  EXPECT_TRUE(says(short_run.notes.notices, "no high-pass filter"));
}

TEST(Drift, IsNotTakenOutTwice) {
  const std::string x = R"("Model": {"Type": "glm", "X": ["trans_x", "cosine*", 1], "Options":
      {"HighPassFilterCutoffHz": )";
  const auto same = designed(x + "0.0078125}}", game(), with_cosines(1.0 / 128));
  EXPECT_EQ(same.design.names, (Names{"trans_x", "cosine00", "cosine01", "constant"}));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"2 cosine columns", "0.01", "two high-pass filters"},
                      [&] { designed(x + "0.01}}", game(), with_cosines(1.0 / 128)); }));
}

TEST(MissingConfounds, AreZeroInFirstRowsOnly) {
  NamedColumns c = confounds();
  c.values(0, 1) = c.values(1, 1) = kMissing;
  const auto d = designed(R"("Model": {"Type": "glm", "X": ["trans_*", 1]})", game(), c);
  EXPECT_EQ(d.design.values(0, 1), 0);
  EXPECT_EQ(d.design.values(1, 1), 0);
  EXPECT_TRUE(says(d.notes.notices, "first missing values of 'trans_x_derivative1' are 0"));
  c.values(7, 1) = kMissing;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'trans_x_derivative1'", "scan 7"}, [&] {
    designed(R"("Model": {"Type": "glm", "X": ["trans_*", 1]})", game(), c);
  }));
}

TEST(MissingConfounds, InColumnsThatXDoesNotNameAreNoMatter) {
  NamedColumns c = confounds();
  c.values(7, 1) = kMissing;
  EXPECT_NO_THROW(designed(R"("Model": {"Type": "glm", "X": ["rot_z", 1]})", game(), c));
}

TEST(ConfoundsOfAnotherLength, AreRefused) {
  NamedColumns c = confounds();
  c.values.conservativeResize(80, Eigen::NoChange);
  EXPECT_TRUE(refuses(ErrorCode::shape_mismatch, {"'rot_z'", "80", "90"}, [&] {
    designed(R"("Model": {"Type": "glm", "X": ["rot_z", 1]})", game(), c);
  }));
}

/// The commonest elaborate idiom: reaction time as duration, on trials of any type.
TEST(ReactionTimeIdiom, GivesARegressorWithItsDurations) {
  const EventTable events = events_of(
      "onset duration trial_type response_time\n"
      "4     2        cash       0.5\n"
      "20    2        pumps      1.25\n"
      "41    2        cash       n/a\n");
  const auto d =
      designed(R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
      {"Name": "Copy", "Input": ["trial_type"], "Output": ["rt_reg"]},
      {"Name": "Replace", "Input": ["rt_reg"], "Replace": {"cash": "rt", "pumps": "rt"}, "Attribute": "value"},
      {"Name": "Factor", "Input": ["trial_type", "rt_reg"]},
      {"Name": "Assign", "Input": ["response_time"], "Target": ["rt_reg.rt"], "TargetAttr": "duration"},
      {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*", "rt_reg.rt"]}]},
      "Model": {"Type": "glm", "X": [1, "trial_type.*", "rt_reg.rt"]})",
               events);
  EXPECT_EQ(d.design.names[2], "rt_reg.rt");
  const auto expected = nilearn_regressors({"rt", {4, 20}, {0.5, 1.25}, {1, 1}},
                                           d.design.frame_times_s, HrfModel{}, {});
  EXPECT_TRUE(close_by_column(d.design.values.col(2), expected.values, 1e-15));
  EXPECT_TRUE(says(d.notes.warnings, "1 of 3 events"));
}

TEST(KnownColumns, AreThoseOfAnyRun) {
  const ReadModel read =
      run_model(kFactorConvolve +
                R"("Model": {"Type": "glm", "X": ["trial_type.choice", "trial_type.missed", 1]})");
  const StatsNode& node = read.model.nodes[0];
  EventTable with_miss = game();
  with_miss.columns[0][0] = "missed";
  const ScanTiming timing{kTr, kScans, 0};
  const std::vector<ModelDesign> runs{run_design(node, {game(), confounds()}, timing),
                                      run_design(node, {with_miss, confounds()}, timing)};
  EXPECT_EQ(runs[0].missing, (Names{"trial_type.missed"}));
  EXPECT_LT(runs[0].design.find("trial_type.missed"), 0);
  const auto known = known_columns(node, runs);
  EXPECT_EQ(known.back(), "trial_type.missed");
}

TEST(KnownColumns, RefuseANameThatNoRunHas) {
  const auto node_of = [](const std::string& node) { return run_model(node).model.nodes[0]; };
  const auto refused = [&](const std::string& json, const Names& words) {
    const StatsNode node = node_of(json);
    const std::vector<ModelDesign> runs{run_design(node, {game(), confounds()}, {kTr, kScans, 0})};
    return refuses(ErrorCode::bad_input, words, [&] { known_columns(node, runs); });
  };
  EXPECT_TRUE(
      refused(kFactorConvolve + R"("Model": {"Type": "glm", "X": ["trial_type.chioce", 1]})",
              {"X 'trial_type.chioce'", "no run", "'trial_type.choice'"}));
  EXPECT_TRUE(refused(
      R"("Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
          {"Name": "Convolve", "Input": ["outcom"]}]}, "Model": {"Type": "glm", "X": ["trans_x", 1]})",
      {"Convolve (/Nodes/0/Transformations/Instructions/0)", "Input 'outcom'", "'outcome'"}));
}

}  // namespace
}  // namespace sociometer
