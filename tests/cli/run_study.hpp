#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/program.hpp"
#include "tests/cli/simulated_study.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// A model of the social study: both signals at Run, fixed effects, a group, the dissociation.
inline std::string social_model(const std::string& group_settings = "{}") {
  return R"({"Name": "dissociation", "BIDSModelVersion": "1.0.0", "Input": {"task": ["social"]},
 "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Scale", "Input": ["outcome_update", "rank_update_unsigned"], "Demean": true,
      "Rescale": false, "ReplaceNA": "after", "Output": ["outcome", "rank"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*", "outcome", "rank"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.*", "outcome", "rank", "trans_?", 1],
     "Software": {"Sociometer": {"NoiseModel": "ar1", "Learners": ["hybrid"]}}},
   "Contrasts": [
     {"Name": "outcome", "ConditionList": ["outcome"], "Weights": [1], "Test": "t"},
     {"Name": "rank", "ConditionList": ["rank"], "Weights": [1], "Test": "t"}]},
  {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
   "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
  {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": )" +
         group_settings + R"(}}, "DummyContrasts": {"Test": "t"}}]})";
}

/// Four simulated people with two runs each.
class RunStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(simulated_study(folder / "study", 4));
    write_text(folder / "model.json", social_model());
  }
  Words words_of_run(const std::string& level, const std::string& out = "out") const {
    return {"run",         folder / "study", folder / out, level, "--model", folder / "model.json",
            "--log-level", "warning",        "-j",         "2"};
  }
  /// Without pages, which take longer than all else on these images.
  CommandResult run(const std::string& level, const Words& more = {},
                    const std::string& out = "out") const {
    Words words = words_of_run(level, out);
    words.emplace_back("--no-report");
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  std::string run_file(const std::string& sub, int run, const std::string& ending) const {
    return folder /
           fmt::format("study/derivatives/fmriprep/sub-{0}/func/sub-{0}_task-social_run-{1}{2}",
                       sub, run, ending);
  }
  TemporaryFolder folder;
};

/// Renames run-1 and run-2 to sessions 1 and 2.
inline void make_sessions(const std::string& study) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(study))
    if (entry.is_regular_file() &&
        entry.path().filename().string().find("_run-") != std::string::npos)
      files.push_back(entry.path());
  for (const auto& path : files) {
    std::string name = path.filename().string();
    const size_t at = name.find("_run-");
    const std::string session = name.substr(at + 5, 1);
    name.erase(at, 6);
    name.insert(name.find("_task-"), "_ses-" + session);
    const std::filesystem::path folder =
        path.parent_path().parent_path() / ("ses-" + session) / "func";
    std::filesystem::create_directories(folder);
    std::filesystem::rename(path, folder / name);
  }
}

}  // namespace sociometer::testing
