#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "engine/stats_models/run_design.hpp"
#include "io/models/model_file.hpp"
#include "io/models/run_tables.hpp"
#include "io/tables/design_tables.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_by_column;
using testing::refuses;
using Names = std::vector<std::string>;

std::vector<std::string> tables_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().filename().string().ends_with("_events.tsv")) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

ReadModel all_conditions(const std::string& hrf) {
  return model_from_json(
      Json::parse(
          R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [{"Level": "Run", "Name": "run",
        "GroupBy": ["run", "subject"], "Transformations": {"Transformer": "pybids-transforms-v1",
        "Instructions": [{"Name": "Factor", "Input": ["trial_type"]},
                         {"Name": "Convolve", "Model": ")" +
          hrf + R"(", "Input": ["trial_type.*"]}]},
        "Model": {"Type": "glm", "X": [1, "trial_type.*"], "Options": {"HighPassFilterCutoffHz": 0.01}}}]})"),
      "model.json");
}

/// Some sixty events tables: the model's columns are those that the commands `design` and `fit`
/// build.
class RealEvents : public ::testing::TestWithParam<const char*> {};

TEST_P(RealEvents, GiveTheDesignOfTheCommands) {
  SOCIOMETER_NEEDS_DATA(folder, GetParam());
  constexpr double kTr = 1.75;
  constexpr Eigen::Index kScans = 300;
  const ReadModel model = all_conditions("spm");
  DesignOptions options;
  options.high_pass_hz = 0.01;
  int compared = 0;
  const auto paths = tables_in(folder);
  const size_t step = 1 + paths.size() / 60;
  for (size_t i = 0; i < paths.size(); i += step) {
    const std::string& path = paths[i];
    SCOPED_TRACE(path);
    Warnings warnings;
    ModelNotes notes;
    Events events;
    try {
      events = read_events(read_table(path), {}, warnings);
    } catch (const Error&) {
      continue;  // a table that the commands refuse
    }
    const EventTable table = read_event_table(read_table(path), notes);
    if (std::find(table.names.begin(), table.names.end(), "trial_type") == table.names.end() ||
        std::find(table.names.begin(), table.names.end(), "modulation") != table.names.end())
      continue;  // amplitudes are a matter of the model there
    const DesignMatrix command = make_design(events, std::nullopt, kTr, kScans, options);
    const DesignMatrix made =
        run_design(model.model.nodes[0], RunVariables(table, std::nullopt), {kTr, kScans, 0})
            .design;
    ASSERT_EQ(made.names.size(), command.names.size());
    Eigen::MatrixXd ours(kScans, command.n_columns());
    for (Eigen::Index j = 0; j < command.n_columns(); ++j) {
      const bool task = command.roles[size_t(j)] == ColumnRole::task;
      const Eigen::Index at = made.find((task ? "trial_type." : "") + command.names[size_t(j)]);
      ASSERT_GE(at, 0) << command.names[size_t(j)];
      ours.col(j) = made.values.col(at);
    }
    EXPECT_TRUE(close_by_column(ours, command.values, 1e-12));
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

INSTANTIATE_TEST_SUITE_P(All, RealEvents, ::testing::Values("events_ds004920", "events_ds005588"));

/// Globs over a table of fMRIPrep, 24 motion columns among others.
TEST(RealConfounds, AreExpandedAsTheCommandsSelectThem) {
  SOCIOMETER_NEEDS_DATA(path, "nilearn_confounds/test_desc-confounds_regressors.tsv");
  const NamedColumns all = read_confound_columns(read_confounds_table(path));
  const ReadModel model = model_from_json(
      Json::parse(
          R"({"Name": "m", "BIDSModelVersion": "1.0.0", "Nodes": [{"Level": "Run", "Name": "run",
        "GroupBy": ["run", "subject"], "Model": {"Type": "glm",
        "X": ["trans_*", "rot_?", "cosine*", "csf", "framewise_displacement", 1]}}]})"),
      "model.json");
  const ModelDesign made =
      run_design(model.model.nodes[0], RunVariables(std::nullopt, all), {2, all.values.rows(), 0});
  Warnings notes;
  const NamedColumns selected =
      read_confounds(read_confounds_table(path),
                     {"trans_*", "rot_?", "cosine*", "csf", "framewise_displacement"}, {}, notes);
  EXPECT_EQ(Names(made.design.names.begin(), made.design.names.end() - 1), selected.names);
  EXPECT_EQ(made.expansion[0].second.size(), 12u) << "three axes, each with derivative and squares";
  EXPECT_TRUE(
      close_by_column(made.design.values.leftCols(selected.values.cols()), selected.values, 0));
}

TEST(EventTables, ReportRowsWithoutOnsetOrDuration) {
  const testing::TemporaryFolder folder;
  testing::write_text(
      folder / "e.tsv",
      "onset\tduration\ttrial_type\trt\n1\t2\tgo\tn/a\nn/a\t2\tgo\t1\n3\tn/a\tstop\t2\n");
  ModelNotes notes;
  const EventTable table = read_event_table(read_table(folder / "e.tsv"), notes);
  EXPECT_EQ(table.onset_s, (std::vector<double>{1, 3}));
  EXPECT_EQ(table.duration_s, (std::vector<double>{2, 0}));
  EXPECT_EQ(table.lines, (std::vector<int>{2, 4}));
  ASSERT_EQ(notes.warnings.size(), 2u);
  EXPECT_NE(notes.warnings[0].find("(lines 3)"), std::string::npos);
  EXPECT_NE(notes.warnings[1].find("(lines 4)"), std::string::npos);
  testing::write_text(folder / "no.tsv", "onset\ttrial_type\n1\tgo\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"no.tsv has no column duration"},
                      [&] { read_event_table(read_table(folder / "no.tsv"), notes); }));
}

TEST(ParticipantTables, AreReadByLabelWithoutMissingCells) {
  const testing::TemporaryFolder folder;
  testing::write_text(folder / "participants.tsv",
                      "participant_id\tage\tgroup\nsub-01\t20\ta\n02\tn/a\tb\n");
  const auto people = participant_columns(read_people_table(folder / "participants.tsv"));
  EXPECT_EQ(people.at("01").at("age"), "20");
  EXPECT_FALSE(people.at("02").contains("age"));
  EXPECT_EQ(people.at("02").at("group"), "b");
  const std::string again = folder / "again.tsv";
  testing::write_text(again, "participant_id\tage\nsub-01\t20\nsub-02\t30\n01\t60\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"again.tsv", "line 4", "second row of sub-01"},
                      [&] { read_people_table(again); }));
}

/// A row for each session: an input of a session has its own value, one over sessions only what
/// they agree on.
TEST(ParticipantTables, MayHaveARowForEachSession) {
  const testing::TemporaryFolder folder;
  testing::write_text(folder / "participants.tsv",
                      "participant_id\tsession_id\tage\tsex\nsub-01\tses-1\t20\tF\n"
                      "sub-01\tses-2\t21\tF\nsub-02\tses-1\t30\tM\n");
  const auto people = participant_columns(read_people_table(folder / "participants.tsv"));
  const auto cell = [&](const Entities& input, const char* column) {
    return participant_cell(people, input, column);
  };
  EXPECT_EQ(cell({{"subject", "01"}, {"session", "2"}}, "age"), "21");
  EXPECT_EQ(cell({{"subject", "01"}, {"session", "1"}}, "age"), "20");
  EXPECT_EQ(cell({{"subject", "01"}}, "age"), "");
  EXPECT_EQ(cell({{"subject", "01"}}, "sex"), "F");
  EXPECT_EQ(cell({{"subject", "02"}}, "age"), "30");
  EXPECT_EQ(cell({{"subject", "03"}}, "age"), "");
  EXPECT_EQ(cell({}, "age"), "");
}

}  // namespace
}  // namespace sociometer
