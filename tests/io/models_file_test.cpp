#include <algorithm>

#include <gtest/gtest.h>

#include "io/models/model_file.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

using testing::refuses;
using Names = std::vector<std::string>;

bool has_words(const Names& lines, const std::string& words) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(words) != std::string::npos;
  });
}

ReadModel read_text_of(const std::string& text, const ModelReading& reading = {}) {
  return model_from_json(Json::parse(text), "model.json", reading);
}

/// A model with one Run node and these members.
std::string of_node(const std::string& members) {
  return R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [{"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"], )" +
         members + "}]}";
}
const std::string kX = R"("Model": {"Type": "glm", "X": ["a", "b", 1]})";

/// A Run node with contrasts a and b, then this node, then `rest`.
std::string above(const std::string& node, const std::string& rest = "") {
  return R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [
      {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"], )" +
         kX + R"(, "DummyContrasts": {"Contrasts": ["a", "b"], "Test": "t"}}, )" + node + "]" +
         rest + "}";
}

bool refused(const std::string& text, Names words) {
  words.push_back("model.json: ");
  const auto result = refuses(ErrorCode::bad_input, words, [&] { read_text_of(text); });
  if (!result) ADD_FAILURE() << result.message();
  return bool(result);
}

TEST(ModelFile, IsReadIntoNodesEdgesAndInput) {
  const ReadModel read =
      read_text_of(R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Description": "d",
    "Input": {"task": "x", "run": [1, 2], "Subject": ["sub-01", "02"], "ses": ["pre"]},
    "Nodes": [{"Level": "run", "Name": "r", "GroupBy": ["run", "sub"], "Description": "first",
      "Model": {"Type": "GLM", "X": ["a*", "b", "1", "b", "intercept"],
        "HRF": {"Variables": ["a*"], "Model": "Glover + Derivative"},
        "Options": {"HighPassFilterCutoffHz": "0.008", "Mask": {"desc": "brain", "suffix": ["mask"]}}}},
     {"Level": "Dataset", "Name": "d", "GroupBy": "contrast", "Model": {"Type": "meta", "X": [1]}}],
    "Edges": [{"Source": "r", "Destination": "d", "Filter": {"contrast": "c", "run": [1]}}]})");
  const StatsModel& m = read.model;
  EXPECT_EQ(m.description, "d");
  EXPECT_EQ(
      m.input,
      (EntityFilter{
          {"task", {"x"}}, {"run", {"1", "2"}}, {"subject", {"01", "02"}}, {"session", {"pre"}}}));
  ASSERT_EQ(m.nodes.size(), 2u);
  EXPECT_EQ(m.nodes[0].level, NodeLevel::run);
  EXPECT_EQ(m.nodes[0].group_by, (Names{"run", "subject"}));
  EXPECT_EQ(m.nodes[0].x, (Names{"a*", "b", "1"})) << "each once, 1 in all its spellings";
  EXPECT_TRUE(m.nodes[0].has_constant());
  EXPECT_EQ(to_string(m.nodes[0].hrf->hrf), "glover + derivative");
  EXPECT_EQ(m.nodes[0].high_pass_hz, 0.008);
  EXPECT_EQ(m.nodes[0].mask, (EntityFilter{{"desc", {"brain"}}, {"suffix", {"mask"}}}));
  EXPECT_EQ(m.nodes[1].type, NodeModelType::meta);
  EXPECT_EQ(m.node("d").group_by, (Names{"contrast"}));
  EXPECT_EQ(m.edges[0].filter, (EntityFilter{{"contrast", {"c"}}, {"run", {"1"}}}));
  EXPECT_EQ(m.edges[0].place, "/Edges/0");
}

TEST(ModelFile, WithoutEdgesIsLinearInItsOrder) {
  const auto m =
      read_text_of(above(R"({"Level": "Subject", "Name": "s", "GroupBy": ["subject", "contrast"],
      "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}})"))
          .model;
  ASSERT_EQ(m.edges.size(), 1u);
  EXPECT_EQ(m.edges[0].source, "run");
  EXPECT_EQ(m.edges[0].destination, "s");
}

TEST(ModelFile, OnDiskHasAChecksumAndAReadableError) {
  const testing::TemporaryFolder folder;
  testing::write_text(folder / "m.json", "\xEF\xBB\xBF" + of_node(kX));
  EXPECT_EQ(read_model(folder / "m.json").file.checksum.size(), 16u);
  testing::write_text(folder / "bad.json", "{\n \"Name\": \"m\",\n \"Nodes\": [,]\n}");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"bad.json is no valid JSON", "line 3"},
                      [&] { read_model(folder / "bad.json"); }));
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"none.json"}, [&] { read_model(folder / "none.json"); }));
}

TEST(ModelKeys, InOtherSpellingsAreForgivenWithANotice) {
  const auto read = read_text_of(of_node(kX + R"(, "contrasts": [
      {"name": "c", "Condition_list": ["a", "b"], "weights": ["1/3", "-1/3"], "Type": "T"}])"));
  const ModelContrast& c = read.model.nodes[0].contrasts.at(0);
  EXPECT_EQ(c.conditions, (Names{"a", "b"}));
  EXPECT_EQ(c.weights(0, 1), -1.0 / 3);
  EXPECT_EQ(c.test, ContrastTest::t);
  for (const char* key :
       {"'contrasts' is read as Contrasts", "'Condition_list' is read as ConditionList",
        "'weights' is read as Weights", "Type of contrasts is now Test"})
    EXPECT_TRUE(has_words(read.notes.notices, key)) << key;
}

TEST(ModelKeys, ThatAreUnknownAreRefusedWithPlaceAndNearest) {
  refused(
      above(
          R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"], "Model": {"Type": "glm", "X": [1]}})",
          R"(, "Edges": [{"Source": "run", "Destionation": "d"}])"),
      {"/Edges/0", "an edge has no Destination"});
  refused(of_node(kX + R"(, "Contrast": [])"),
          {"/Nodes/0", "node 'run'", "'Contrast'", "the nearest is Contrasts"});
  refused(of_node(R"("Model": {"Type": "glm", "X": [1], "Descriptions": ""})"),
          {"/Nodes/0/Model", "'Descriptions'", "Description"});
  refused(of_node(R"("Model": {"Type": "glm", "X": [1], "Options": {"HighPassFilterCutoff": 1}})"),
          {"/Nodes/0/Model/Options", "HighPassFilterCutoffHz"});
  refused(R"({"Name": "m", "Node": []})", {"the model has no Nodes"});
  refused(of_node(kX + R"(, "Name": "x", "name": "y")"), {"the key Name twice"});
}

TEST(ModelVersion, IsOneInAnySpelling) {
  for (const char* version : {"\"1.0\"", "\"1.0.0\"", "1", "1.0", "\"1.0.0-rc1\""}) {
    const auto read = read_text_of(
        R"({"Name": "m", "BIDSModelVersion": )" + std::string(version) +
        R"(, "Nodes": [{"Level": "Run", "Name": "r", "GroupBy": ["run"], )" + kX + "}]}");
    EXPECT_TRUE(read.notes.warnings.empty()) << version;
  }
  const auto old =
      read_text_of(R"({"BIDSModelVersion": "0.9", "Nodes": [{"Level": "Run", )" + kX + "}]}");
  EXPECT_TRUE(has_words(old.notes.warnings, "BIDSModelVersion is 0.9"));
  for (const char* said : {"has no Name", "has no GroupBy; run, subject"})
    EXPECT_TRUE(has_words(old.notes.notices, said)) << said;
  EXPECT_EQ(old.model.nodes[0].name, "run");
}

TEST(Weights, OfAnotherLengthAreRefusedWithBothLengths) {
  const auto contrast = [](const std::string& weights, const std::string& test) {
    return of_node(kX +
                   R"(, "Contrasts": [{"Name": "c", "ConditionList": ["a", "b"], "Weights": )" +
                   weights + R"(, "Test": ")" + test + "\"}]");
  };
  refused(contrast("[1]", "t"),
          {"/Nodes/0/Contrasts/0/Weights", "contrast 'c'", "1 weights for 2 conditions"});
  refused(contrast("[[1, 0], [1]]", "F"), {"1 weights for 2 conditions (row 2)"});
  refused(contrast("[[1, 0], [0, 1]]", "t"), {"2 rows of weights, but Test is t"});
  refused(contrast("[1, \"\"]", "t"), {"/Nodes/0/Contrasts/0/Weights/1", "\"\" is no number"});
  refused(contrast("[1, \"1/0\"]", "t"), {"\"1/0\" is no number"});
  refused(contrast("[1, -1]", "z"), {"'z' is not known", "t, F, pass"});
  refused(contrast("[1, -1]", "FEMA"), {"FEMA is of version 0.x", "meta"});
  refused(contrast("[0, 0]", "t"), {"the weights cancel to 0"});
  const auto f = read_text_of(contrast("[[1, 0], [0, 1]]", "F")).model.nodes[0].contrasts[0];
  EXPECT_EQ(f.weights, Eigen::MatrixXd::Identity(2, 2));
}

TEST(Weights, ThatMissZeroOrOneAreReported) {
  const auto notes = [](const std::string& weights) {
    return read_text_of(of_node(R"("Model": {"Type": "glm", "X": ["a", "b", "c"]}, "Contrasts": [
        {"Name": "x", "ConditionList": ["a", "b", "c"], "Weights": )" +
                                weights + R"(, "Test": "t"}])"))
        .notes;
  };
  EXPECT_TRUE(has_words(notes("[0.333, 0.333, -0.667]").warnings, "sum to -0.001, not to 0"));
  EXPECT_TRUE(has_words(notes("[0.333, 0.333, -0.667]").warnings, "\"1/3\""));
  EXPECT_TRUE(has_words(notes("[0.33, 0.33, 0.33]").notices, "sum to 0.99"));
  for (const char* exact :
       {R"(["1/3", "2/3", -1])", "[0.5, 0.5, -1]", R"(["1/3", "1/3", "1/3"])", "[1, 1, 1]"}) {
    const auto silent = notes(exact);
    EXPECT_TRUE(silent.warnings.empty() && silent.notices.empty()) << exact;
  }
}

TEST(Conditions, MustBeInX) {
  const auto with = [](const std::string& x, const std::string& condition) {
    return of_node(R"("Model": {"Type": "glm", "X": )" + x + R"(}, "Contrasts": [
        {"Name": "c", "ConditionList": [")" +
                   condition + R"("], "Weights": [1], "Test": "t"}])");
  };
  refused(with(R"(["pumps", 1])", "pump"),
          {"/Nodes/0/Contrasts/0", "'pump' is not in X", "'pumps'"});
  refused(with("[1]", "trial_type.go"), {"'trial_type.go' is not in X", "add it to X"});
  EXPECT_NO_THROW(read_text_of(with(R"(["trial_type.*"])", "trial_type.go")));
  EXPECT_NO_THROW(read_text_of(with(R"(["trial_type.go"])", "trial_type.*")));
  EXPECT_NO_THROW(read_text_of(with(R"(["go"])", "go_derivative")));
  ModelReading dropping;
  dropping.drop_invalid_contrasts = true;
  const auto dropped = read_text_of(with(R"(["pumps", 1])", "pump"), dropping);
  EXPECT_TRUE(dropped.model.nodes[0].contrasts.empty());
  EXPECT_TRUE(has_words(dropped.notes.warnings, "the contrast is left out"));
  refused(
      of_node(
          R"("Model": {"Type": "glm", "X": ["a"]}, "DummyContrasts": {"Contrasts": ["b"], "Test": "t"})"),
      {"/Nodes/0/DummyContrasts", "'b' is not in X"});
  refused(
      of_node(
          R"("Model": {"Type": "glm", "X": ["a"], "HRF": {"Variables": ["b"], "Model": "spm"}})"),
      {"/Nodes/0/Model/HRF/Variables", "'b' is not in X"});
}

TEST(Conditions, OfRunsAtHigherLevelsAreRefusedWithAdvice) {
  refused(
      above(
          R"({"Level": "Subject", "Name": "s", "GroupBy": ["subject", "contrast"], "Model": {"Type": "glm", "X": [1]},
      "Contrasts": [{"Name": "c", "ConditionList": ["trial_type.A"], "Weights": [1], "Test": "t"}]})"),
      {"node 's'", "'trial_type.A' is not in X", "belong to the Run node"});
  refused(
      above(
          R"({"Level": "Subject", "Name": "s", "GroupBy": ["subject", "contrast"], "Model": {"Type": "glm", "X": ["run", 1]}})"),
      {"node 's'", "'run'"});
  refused(
      above(
          R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"], "Model": {"Type": "glm", "X": ["session", 1]}})"),
      {"/Nodes/1/Model/X", "'session'", "at a Subject node", "GroupBy"});
  refused(
      above(
          R"({"Level": "Subject", "Name": "s", "GroupBy": ["subject"], "Model": {"Type": "glm", "X": ["a", "b"]}})"),
      {"(Subject) names 'a'", "X may be [1]", "belong to the Run node"});
}

TEST(ContrastNames, MustDiffer) {
  refused(of_node(kX + R"(, "Contrasts": [
      {"Name": "c", "ConditionList": ["a"], "Weights": [1], "Test": "t"},
      {"Name": "c", "ConditionList": ["b"], "Weights": [1], "Test": "t"}])"),
          {"/Nodes/0/Contrasts/1", "two contrasts named 'c'"});
}

TEST(GroupBy, WithoutContrastIsRefusedWhereContrastsWouldBeAveraged) {
  const auto subject = [](const std::string& by, const std::string& rest = "") {
    return above(R"({"Level": "Subject", "Name": "s", "GroupBy": )" + by +
                     R"(, "Model": {"Type": "glm", "X": [1]}, "DummyContrasts": {"Test": "t"}})",
                 rest);
  };
  for (const char* by : {R"(["subject"])", "[]", R"([""])"})
    refused(subject(by), {"/Nodes/1/GroupBy", "node 's'", "a, b", "\"contrast\""});
  EXPECT_NO_THROW(read_text_of(subject(R"(["subject", "contrast"])")));
  EXPECT_NO_THROW(read_text_of(subject(R"(["subject"])", R"(, "Edges": [
      {"Source": "run", "Destination": "s", "Filter": {"contrast": ["a"]}}])")))
      << "one comes in";
  EXPECT_NO_THROW(read_text_of(above(
      R"({"Level": "Dataset", "Name": "d", "GroupBy": [], "Model": {"Type": "glm", "X": ["a", "b"]},
      "Contrasts": [{"Name": "F", "ConditionList": ["a", "b"], "Weights": [[1, 0], [0, 1]], "Test": "F"}]})")));
}

TEST(Graph, NamesMustBeThereAndDiffer) {
  const std::string node =
      R"({"Level": "Dataset", "Name": "group", "GroupBy": ["contrast"], "Model": {"Type": "glm", "X": [1]}})";
  refused(above(node, R"(, "Edges": [{"Source": "run", "Destination": "grup"}])"),
          {"/Edges/0", "no node is named 'grup'", "'group'"});
  refused(above(node + "," + node), {"/Nodes/2", "two nodes are named 'group'"});
}

TEST(Unsupported, IsRefusedByNameAndPlace) {
  const auto model = [](const std::string& rest) {
    return of_node(R"("Model": {"Type": "glm", "X": ["a", 1], )" + rest + "}");
  };
  refused(model(R"("Formula": "~ 0 + a:b")"),
          {"/Nodes/0/Model/Formula", "'~ 0 + a:b' is not supported"});
  refused(model(R"("Options": {"LowPassFilterCutoffHz": 0.1})"),
          {"LowPassFilterCutoffHz is not supported"});
  refused(model(R"("Options": {"Aggregate": "mean"})"), {"Aggregate mean", "roi fit"});
  refused(model(R"("Options": {"ReplaceVariables": {}})"), {"ReplaceVariables"});
  refused(model(R"("Options": {"HighPassFilterCutoffHz": 0})"), {"HighPassFilterCutoffHz is 0"});
  refused(model(R"("VarianceComponents": [])"), {"VarianceComponents is not supported"});
  refused(model(R"("HRF": {"Variables": ["a"], "Model": "afni"})"),
          {"/Nodes/0/Model/HRF/Model", "afni", "glover"});
  refused(
      model(
          R"("HRF": {"Variables": ["a"], "Model": "DoubleGamma", "Parameters": {"PeakDelay": 3}})"),
      {"HRF.Parameters", "'PeakDelay'"});
  refused(model(R"("Software": {"SPM": {"HRFderivatives": "temporal"}})"),
          {"HRFderivatives", "spm + derivative"});
  refused(R"({"Name": "m", "Nodes": [{"Level": "Runs", "Name": "r", )" + kX + "}]}",
          {"/Nodes/0/Level", "'Runs' is not known", "Run, Session, Subject, Dataset"});
  refused(model(R"("Type": "lme")").replace(model("").find("\"Type\": \"glm\", "), 15, ""),
          {"/Nodes/0/Model/Type", "'lme'", "glm, meta"});
}

TEST(Cutoffs, ThatAreUnusualAreReported) {
  const auto read = read_text_of(of_node(
      R"("Model": {"Type": "glm", "X": [1], "Options": {"HighPassFilterCutoffHz": 0.08}})"));
  EXPECT_TRUE(has_words(read.notes.warnings, "slower than 12 s"));
}

std::string with_instructions(
    const std::string& list,
    const std::string& transformer = R"("Transformer": "pybids-transforms-v1", )") {
  return of_node(R"("Transformations": {)" + transformer + R"("Instructions": )" + list + "}, " +
                 kX);
}

TEST(Instructions, AreReadInAnyCaseAndForgiven) {
  const auto read = read_text_of(with_instructions(R"([
      {"Name": "AND", "Input": ["a", "b"], "Output": "c", "Description": "why"},
      {"Name": "Convolve", "Input": "a", "Derivative": "True", "Dispersion": false, "Model": "SPM"},
      {"Name": "Scale", "Input": ["a"], "Demean": true, "Rescale": false, "ReplaceNa": "after"},
      {"Name": "", "Input": [""]}])"));
  const auto& list = read.model.nodes[0].instructions;
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].name, "And");
  EXPECT_EQ(std::get<transforms::Convolve>(list[1].parameters).hrf.time_derivative, true);
  EXPECT_EQ(std::get<transforms::Scale>(list[2].parameters).replace_missing,
            transforms::Scale::ReplaceMissing::after);
  EXPECT_TRUE(has_words(read.notes.notices, "an instruction without a name is left out"));
}

TEST(Instructions, OfOtherTransformersAreReadOrRefusedByName) {
  for (const char* known : {"bidspm", "bids-matlab_v0.1.0dev", "cpp_spm", ""})
    EXPECT_TRUE(has_words(
        read_text_of(with_instructions("[]", R"("Transformer": ")" + std::string(known) + "\", "))
            .notes.notices,
        "additions of bids-matlab"))
        << known;
  EXPECT_TRUE(
      has_words(read_text_of(with_instructions("[]", "")).notes.notices, "names no Transformer"));
  refused(with_instructions("[]", R"("Transformer": "mine", )"),
          {"/Nodes/0/Transformations/Transformer", "'mine' is not known"});
  EXPECT_TRUE(has_words(
      read_text_of(of_node(R"("Transformations": [{"Name": "Factor", "Input": "x"}], )" + kX))
          .notes.notices,
      "Transformations is a list"));
}

TEST(Instructions, ThatAreUnknownOrMisspeltAreRefused) {
  const auto at = std::string("/Nodes/0/Transformations/Instructions/0");
  refused(with_instructions(R"([{"Name": "Convole", "Input": "a"}])"),
          {at, "'Convole' is not supported", "Convolve"});
  refused(with_instructions(R"([{"Name": "PCA", "Input": "a"}])"),
          {at, "'PCA' is not supported", "Factor, Convolve"});
  refused(with_instructions(R"([{"Name": "Threshold", "Input": "a", "Binarise": true}])"),
          {at, "'Binarise'", "Binarize"});
  refused(with_instructions(R"([{"Name": "Scale", "Input": "a", "ReplaceNA": "yes"}])"),
          {at, "ReplaceNA is 'yes'", "before"});
  refused(with_instructions(R"([{"Name": "Factor"}])"), {at, "Factor has no Input"});
  refused(with_instructions(R"([{"Name": "Factor", "Input": "a", "Output": "b"}])"),
          {at, "'Output'"});
  refused(with_instructions(R"([{"Name": "Assign", "Input": "a"}])"), {at, "Assign has no Target"});
  refused(with_instructions(R"([{"Name": "Filter", "Input": "a", "Query": "b"}])"),
          {at, "COLUMN OPERATOR VALUE"});
  refused(with_instructions(R"([{"Name": "Convolve", "Input": "a", "Model": "gamma"}])"),
          {at, "unknown HRF 'gamma'"});
  refused(
      above(
          R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"], "Model": {"Type": "glm", "X": [1]},
      "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [{"Name": "Convolve", "Input": "age"}]}})"),
      {"Convolve is for Run nodes", "'d'"});
}

/// Keys of Replace are values, not words of the model.
TEST(Replace, KeepsItsKeys) {
  const auto read = read_text_of(with_instructions(
      R"([{"Name": "Replace", "Input": "a", "Replace": {"Some_Key": 1, "1": "Rt"}}])"));
  const auto& pairs =
      std::get<transforms::Replace>(read.model.nodes[0].instructions[0].parameters).pairs;
  EXPECT_EQ(pairs[0].from, "Some_Key");
  EXPECT_EQ(pairs[0].to, "1");
  EXPECT_EQ(pairs[1].to, "Rt");
}

TEST(Steps, OfVersionZeroAreConvertedWhenPlain) {
  const auto read = read_text_of(R"({"name": "old", "Input": {"task": "x"}, "Steps": [
      {"Level": "run", "Transformations": [{"Name": "Factor", "Input": ["trial_type"]}], "Model": {"X": ["trial_type.a"]},
       "Contrasts": [{"Name": "c", "ConditionList": ["trial_type.a"], "weights": [1], "type": "T"}]},
      {"Level": "subject", "AutoContrasts": true},
      {"Level": "dataset", "DummyContrasts": {"Conditions": ["c"], "Type": "t"}}]})");
  const StatsModel& m = read.model;
  ASSERT_EQ(m.nodes.size(), 3u);
  EXPECT_EQ(m.nodes[1].group_by, (Names{"subject", "contrast"}));
  EXPECT_TRUE(m.nodes[1].dummies && !m.nodes[1].dummies->conditions);
  EXPECT_EQ(m.nodes[2].x, (Names{"1"}));
  ASSERT_EQ(m.edges.size(), 2u);
  EXPECT_EQ(m.edges[1].filter, (EntityFilter{{"contrast", {"c"}}}));
  EXPECT_TRUE(has_words(read.notes.notices, "Steps, as in version 0.x"));
  refused(R"({"Steps": [{"Level": "run", "Model": {"X": ["a"]}},
      {"Level": "session", "Transformations": [{"Name": "split", "Input": ["c"], "By": "session"}]}]})",
          {"/Steps/1", "transformations above Run"});
}

TEST(Settings, HaveTheWordsOfTheCommandLine) {
  const auto read =
      read_text_of(of_node(R"("Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": {
      "NoiseModel": "ar1", "NoiseSmoothing": 6, "SmoothingFwhm": 8, "Scaling": "psc", "Drift": "polynomial",
      "DriftOrder": 2, "Save": ["betas", "tsnr"], "Learners": ["hybrid", "rank"], "Trials": "lsa", "TrialShrinkage": 0.5,
      "SignalsModel": "hybrid"}}})"));
  const EngineSettings& s = read.model.nodes[0].settings;
  EXPECT_EQ(to_string(*s.noise_model), "ar1");
  EXPECT_EQ(s.noise_smoothing_fwhm_mm, 6);
  EXPECT_EQ(s.smoothing_fwhm_mm, (std::vector<double>{8}));
  EXPECT_EQ(s.scaling, Scaling::psc);
  EXPECT_EQ(s.drift, DriftModel::polynomial);
  EXPECT_EQ(s.drift_order, 2);
  EXPECT_EQ(s.trial_shrinkage, (Shrinkage{Shrinkage::Kind::fixed, 0.5}));
  EXPECT_EQ(s.save, (std::vector<SavedMap>{SavedMap::betas, SavedMap::tsnr}));
  EXPECT_EQ(s.learners, (Names{"hybrid", "rank"}));
  EXPECT_FALSE(s.permutations.has_value());
}

TEST(Settings, OfAGroupHaveTheWordsOfTheCommandLine) {
  const auto read = read_text_of(above(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": {
      "Permutations": 5000, "Statistic": ["tfce", "extent"], "TfceE": 1, "TfceSteps": "palm",
      "Method": "robust", "Sided": "two", "Exchange": "flips", "Seed": 18446744073709551615,
      "Corrections": "fdr", "Rois": ["rois.tsv"], "knapp-hartung": "true"}}}})"));
  const EngineSettings& s = read.model.nodes[1].settings;
  EXPECT_EQ(s.permutations, 5000);
  EXPECT_EQ(s.statistic, (std::vector<ShuffledMap>{ShuffledMap::tfce, ShuffledMap::extent}));
  EXPECT_EQ(s.tfce_steps, TfceSteps::palm);
  EXPECT_EQ(s.method, GroupMethod::robust);
  EXPECT_EQ(s.sided, Sides::two);
  EXPECT_EQ(s.exchange, ShuffleScheme::flips);
  EXPECT_EQ(s.seed, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(s.corrections, (std::vector<MapCorrection>{MapCorrection::fdr}));
  EXPECT_EQ(s.knapp_hartung, true);
  EXPECT_FALSE(s.connectivity.has_value());
}

TEST(Settings, ThatAreUnknownAreRefusedWithTheNearest) {
  const auto settings = [](const std::string& text) {
    return of_node(R"("Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": )" + text +
                   "}}");
  };
  const std::string at = "/Nodes/0/Model/Software/Sociometer";
  refused(settings(R"({"NoiseModle": "ar1"})"), {at, "'NoiseModle'", "NoiseModel"});
  refused(settings(R"({"NoiseModel": "ar9"})"), {at + "/NoiseModel", "ar9"});
  refused(settings(R"({"TrialShrinkage": 1.5})"), {at + "/TrialShrinkage", "'1.5'", "at most 1"});
  refused(settings(R"({"Scaling": "percent"})"),
          {at + "/Scaling", "'percent'", "none, psc, grand"});
  refused(settings(R"({"SmoothingFwhm": [1, 2]})"), {at, "2 numbers"});
  const auto group_settings = [](const std::string& text) {
    return above(R"({"Level": "Dataset", "Name": "d", "GroupBy": ["contrast"],
        "Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": )" +
                 text + "}}}");
  };
  const std::string group = "/Nodes/1/Model/Software/Sociometer";
  refused(group_settings(R"({"Permutations": 2.5})"),
          {group + "/Permutations", "not a whole number"});
  refused(group_settings(R"({"Permutations": -1})"), {group, "Permutations is -1"});
  refused(group_settings(R"({"Seed": -1})"), {group + "/Seed"});
  refused(of_node(R"("Model": {"Type": "glm", "X": [1], "Software": {"Sociomter": {}}})"),
          {"'Sociomter'", "is Sociometer meant?"});
}

TEST(Input, NamesEntities) {
  refused(R"({"Name": "m", "Input": {"tsak": ["x"]}, "Nodes": [{"Level": "Run", "Name": "r", )" +
              kX + "}]}",
          {"/Input", "'tsak'", "the nearest is task"});
}

TEST(Describe, StatesWhatEachNodeDoes) {
  const auto lines = describe(
      read_text_of(above(R"({"Level": "Subject", "Name": "s", "GroupBy": ["subject", "contrast"],
      "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}})"))
          .model);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0],
            "Node 'run' (Run): a general linear model of each run. Columns: a, b, a constant. "
            "Contrasts: one each for a, b.");
  EXPECT_EQ(lines[1],
            "Node 's' (Subject): the mean of the effects, weighted by their precision, for each "
            "subject and contrast, "
            "from 'run'. Columns: a constant. Contrasts: one for each column.");
}

}  // namespace
}  // namespace sociometer
