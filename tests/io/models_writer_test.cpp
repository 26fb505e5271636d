#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/models/model_file.hpp"
#include "io/models/model_writer.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

/// A setting as text, for comparison.
template <class T>
std::string setting_text(const T& value) {
  if constexpr (Named<T>) {
    return name_of(value);
  } else if constexpr (std::is_same_v<T, NoiseModel> || std::is_same_v<T, Shrinkage>) {
    return to_string(value);
  } else if constexpr (std::is_same_v<T, MaskSource>) {
    return fmt::format("{}", fmt::join(to_words(value), ";"));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else {
    return fmt::format("{}", value);
  }
}
template <class T>
std::string setting_text(const std::vector<T>& values) {
  std::string text;
  for (const auto& value : values) text += setting_text(value) + ";";
  return text;
}
template <class T>
std::string setting_text(const std::optional<T>& value) {
  return value ? setting_text(*value) : "unset";
}

void expect_same(const EngineSettings& a, const EngineSettings& b) {
  std::vector<std::string> of_b;
  visit_settings(b, [&](const char*, const auto& field) { of_b.push_back(setting_text(field)); });
  size_t i = 0;
  visit_settings(a, [&](const char* key, const auto& field) {
    EXPECT_EQ(setting_text(field), of_b.at(i)) << key;
    ++i;
  });
}

void expect_same(const StatsNode& a, const StatsNode& b) {
  SCOPED_TRACE(a.name);
  EXPECT_EQ(a.level, b.level);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.group_by, b.group_by);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.formula_factors, b.formula_factors);
  EXPECT_EQ(a.high_pass_hz, b.high_pass_hz);
  EXPECT_EQ(a.mask, b.mask);
  expect_same(a.settings, b.settings);
  ASSERT_EQ(a.hrf.has_value(), b.hrf.has_value());
  if (a.hrf) {
    EXPECT_EQ(a.hrf->variables, b.hrf->variables);
    EXPECT_EQ(a.hrf->hrf, b.hrf->hrf);
    EXPECT_EQ(a.hrf->fir_delays, b.hrf->fir_delays);
  }
  ASSERT_EQ(a.instructions.size(), b.instructions.size());
  for (size_t i = 0; i < a.instructions.size(); ++i) {
    EXPECT_EQ(a.instructions[i].name, b.instructions[i].name);
    EXPECT_EQ(a.instructions[i].input, b.instructions[i].input);
    EXPECT_EQ(a.instructions[i].output, b.instructions[i].output);
    EXPECT_TRUE(a.instructions[i].parameters == b.instructions[i].parameters)
        << i << " " << a.instructions[i].name;
  }
  ASSERT_EQ(a.contrasts.size(), b.contrasts.size());
  for (size_t i = 0; i < a.contrasts.size(); ++i) {
    EXPECT_EQ(a.contrasts[i].name, b.contrasts[i].name);
    EXPECT_EQ(a.contrasts[i].conditions, b.contrasts[i].conditions);
    EXPECT_EQ(a.contrasts[i].weights, b.contrasts[i].weights);
    EXPECT_EQ(a.contrasts[i].test, b.contrasts[i].test);
  }
  ASSERT_EQ(a.dummies.has_value(), b.dummies.has_value());
  if (a.dummies) {
    EXPECT_EQ(a.dummies->conditions, b.dummies->conditions);
    EXPECT_EQ(a.dummies->test, b.dummies->test);
  }
}

/// What both mean is equal; places in their files are not compared.
void expect_same(const StatsModel& a, const StatsModel& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.input, b.input);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (size_t i = 0; i < a.nodes.size(); ++i) expect_same(a.nodes[i], b.nodes[i]);
  ASSERT_EQ(a.edges.size(), b.edges.size());
  for (size_t i = 0; i < a.edges.size(); ++i) {
    EXPECT_EQ(a.edges[i].source, b.edges[i].source);
    EXPECT_EQ(a.edges[i].destination, b.edges[i].destination);
    EXPECT_EQ(a.edges[i].filter, b.edges[i].filter);
  }
}

ReadModel read_again(const StatsModel& model) {
  return model_from_json(Json::parse(model_text(model)), "written");
}

TEST(ModelWriter, PublicModelsAreTheSameAfterWriting) {
  SOCIOMETER_NEEDS_DATA(folder, "stats_models");
  size_t n = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ReadModel read;
    try {
      read = read_model(entry.path().string());
    } catch (const Error&) {
      continue;  // refused: AreReadOrRefusedForTheStatedReason
    }
    const ReadModel again = read_again(read.model);
    expect_same(read.model, again.model);
    for (const auto& notice : again.notes.notices)
      EXPECT_TRUE(notice.find("is read as") == std::string::npos ||
                  notice.find("Formula") != std::string::npos)
          << notice;
    ++n;
  }
  EXPECT_GE(n, 13u);
}

TEST(ModelWriter, OurModelsAreTheSameAfterWriting) {
  for (const char* name : {"model-dissociation_smdl.json", "model-surprise_smdl.json"}) {
    const ReadModel read = read_model(std::string(SOCIOMETER_SOURCE_DIR "/docs/models/") + name);
    const ReadModel again = read_again(read.model);
    expect_same(read.model, again.model);
    EXPECT_TRUE(again.notes.notices.empty()) << again.notes.notices.front();
  }
}

/// Every instruction with parameters that are not its defaults.
constexpr const char* kAllInstructions = R"([
  {"Name": "Factor", "Input": ["trial_type"], "Constraint": "drop_one", "RefLevel": "go", "Sep": "_"},
  {"Name": "Convolve", "Input": ["a"], "Model": "spm", "Derivative": true, "Dispersion": true},
  {"Name": "Convolve", "Input": ["a"], "Model": "fir", "FirDelays": [0, 1, 3]},
  {"Name": "Convolve", "Input": ["a"], "Model": "glover + derivative + dispersion"},
  {"Name": "Scale", "Input": ["a"], "Demean": false, "Rescale": true, "ReplaceNA": "before"},
  {"Name": "Demean", "Input": ["a"]},
  {"Name": "Threshold", "Input": ["a"], "Threshold": 0.5, "Binarize": true, "Above": false, "Signed": false},
  {"Name": "Orthogonalize", "Input": ["a"], "Other": ["b", "c"]},
  {"Name": "Lag", "Input": ["a"], "Shift": 1.5, "Order": 1, "Mode": "constant", "Constant": 2, "Difference": true},
  {"Name": "Product", "Input": ["a", "b"], "Output": ["p"]},
  {"Name": "Sum", "Input": ["a", "b"], "Weights": [1, -0.5], "Output": ["s"]},
  {"Name": "Power", "Input": ["a"], "Value": 2, "Query": "b >= 0.5"},
  {"Name": "Subtract", "Input": ["a"], "Value": 1.25, "Query": "b != '1'"},
  {"Name": "Or", "Input": ["a", "b"], "Output": ["o"]},
  {"Name": "Assign", "Input": ["rt"], "Target": ["a"], "TargetAttr": "duration"},
  {"Name": "Replace", "Input": ["a"], "Replace": {"1": "rt", "x y": 2}, "Attribute": "onset"},
  {"Name": "Replace", "Input": ["a"], "Replace": [{"key": "go.*", "value": "go"}], "Attribute": "all"},
  {"Name": "Filter", "Input": ["a"], "Query": "kind == 'it''s fine'"},
  {"Name": "Split", "Input": ["a"], "By": ["b"]},
  {"Name": "LabelIdenticalRows", "Input": ["a"], "Cumulative": true},
  {"Name": "Constant", "Value": 3, "Output": ["k"]},
  {"Name": "Derivative", "Input": ["a"], "Order": 2, "Initial": 0},
  {"Name": "ToDense", "Input": ["a"], "SamplingRate": 10},
  {"Name": "DropNA", "Input": ["a"], "Output": ["d"]}])";

TEST(ModelWriter, EveryInstructionKeepsItsParameters) {
  const std::string text =
      R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [{"Level": "Run", "Name": "run",
      "GroupBy": ["run", "subject"], "Transformations": {"Transformer": "pybids-transforms-v1",
      "Instructions": )" +
      std::string(kAllInstructions) + R"(}, "Model": {"Type": "glm", "X": ["a", 1],
      "HRF": {"Variables": ["a"], "Model": "fir", "Parameters": {"fir_delays": [0, 2]}}},
      "Contrasts": [{"Name": "f", "ConditionList": ["a", 1], "Weights": [[1, 0], [0, "1/3"]],
        "Test": "F"}]}]})";
  const StatsModel model = model_from_json(Json::parse(text), "m").model;
  ASSERT_EQ(model.nodes[0].instructions.size(), 24u);
  expect_same(model, read_again(model).model);
}

TEST(ModelWriter, EverySettingIsKept) {
  const char* run = R"({"HrfGrid": "spm", "Oversampling": 40, "Microtime": 20, "MicrotimeOnset": 3,
    "DriftOrder": 2, "MinOnset": -12.5, "SliceTimeRef": 0.25, "Drift": "polynomial",
    "AddConstant": false, "Censor": ["framewise_displacement>0.5"], "CensorBefore": 1,
    "CensorAfter": 2, "NoiseModel": "ar2-corrected", "NoiseSmoothing": 4, "TukeyLags": 9,
    "ArmaGrid": 4, "ArmaSearch": "afni", "SmoothingFwhm": [4, 5, 6], "Scaling": "psc",
    "FixedEffects": "nilearn", "Mask": ["mask.nii"], "MaskFraction": 0.3,
    "Save": ["betas", "status"], "Estimates": false, "LogP": true, "Learners": ["hybrid"],
    "Trials": "lsa", "TrialTypes": ["a"], "TrialOthers": "all", "TrialAmplitude": "peak",
    "TrialShrinkage": "cv", "TrialShrinkageLabels": "a", "TrialAverageBy": ["trial_type"],
    "TrialImages": "both", "TrialVariance": true,
    "SignalsModel": "hybrid", "LearnSettings": "s.json", "Columns": "c.json"})";
  const char* group = R"({"Method": "mixed", "BetweenVariance": "dersimonian-laird",
    "KnappHartung": true, "HuberK": 1.5, "Zeros": "value", "MinParticipants": 3,
    "Missing": "mean", "CenterCovariates": "mean", "ClusterFormingP": 0.01, "Alpha": 0.1,
    "Interval": 0.9, "PeakDistance": 4, "Connectivity": 6, "MinClusterSize": 5, "Sided": "two",
    "Smoothness": "differences", "RftClusters": "volume", "Corrections": ["fdr", "holm"],
    "EffectSize": true, "BayesFactor": true, "NoTables": true, "Permutations": 9000000000,
    "Statistic": ["tfce", "mass"], "ClusterFormingThreshold": 2.5, "TfceE": 0.6, "TfceH": 2.1,
    "TailP": 0.2, "TfceConnectivity": 6, "TfceSteps": "palm", "PermuteAs": "z",
    "Exchange": "both", "Blocks": "b.tsv", "BlockExchange": "whole", "Seed": 18446744073709551615,
    "Tail": "gpd", "Rois": ["a=b.nii"], "Atlas": "atlas.nii", "AtlasLabelTable": "l.tsv",
    "AtlasLabels": ["x"], "RegionSets": ["striatum"], "RegionUnions": ["u=a,b"],
    "DissociateRegions": ["a", "b"], "Signals": ["outcome,rank"]})";
  const std::string text =
      std::string(R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [{"Level": "Run",
      "Name": "run", "GroupBy": ["run", "subject"], "Model": {"Type": "glm", "X": ["a", 1],
      "Software": {"Sociometer": )") +
      run + R"(}}, "DummyContrasts": {"Contrasts": ["a"], "Test": "t"}},
      {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
      "Model": {"Type": "glm", "X": [1, "age"], "Software": {"Sociometer": )" +
      group + R"(}}, "Contrasts": [{"Name": 1, "ConditionList": [1], "Weights": [-1],
      "Test": "t"}]}], "Edges": [{"Source": "run", "Destination": "dataset",
      "Filter": {"contrast": ["a"], "sex": ["f"]}}]})";
  const StatsModel model = model_from_json(Json::parse(text), "m").model;
  size_t n_set = 0;
  for (const auto& node : model.nodes)
    visit_settings(node.settings, [&](const char*, const auto& field) {
      const std::string value = setting_text(field);
      n_set += value != "unset" && !value.empty();
    });
  size_t n_all = 0;
  const EngineSettings none;
  visit_settings(none, [&](const char*, const auto&) { ++n_all; });
  EXPECT_EQ(n_set, n_all) << "a setting is missing in this test";
  expect_same(model, read_again(model).model);
}

TEST(ModelWriter, LinesAreShort) {
  const StatsModel model =
      read_model(SOCIOMETER_SOURCE_DIR "/docs/models/model-dissociation_smdl.json").model;
  const std::string text = model_text(model);
  size_t start = 0, longest = 0, n_lines = 0;
  for (size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1, ++n_lines)
    longest = std::max(longest, end - start);
  EXPECT_LE(longest, 100u);
  EXPECT_LE(n_lines, 110u) << text;
}

}  // namespace
}  // namespace sociometer
