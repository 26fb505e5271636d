// What the files of datasets tell: times, filter files, values of people.
#include <gtest/gtest.h>

#include "io/dataset/filter_file.hpp"
#include "io/dataset/people_values.hpp"
#include "io/dataset/run_timing.hpp"
#include "tests/io/bids_trees.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

class RunTimes : public ::testing::Test {
 protected:
  /// An image of 3 volumes whose header tells a repetition time, and sidecars with these texts.
  RunFiles run(const std::string& derivative, const std::string& raw, double header_tr = 2) {
    RawNifti image = raw_series({2, 2, 2, 3}, {});
    image.pixdim[4] = header_tr;
    RunFiles out;
    out.bold = folder_ / "bold.nii";
    out.name = bids_name("sub-01_task-x_bold.nii");
    write_text(out.bold, image.file());
    if (!derivative.empty()) out.sidecars.push_back(written("own.json", derivative));
    if (!raw.empty()) out.raw_sidecars.push_back(written("raw.json", raw));
    return out;
  }
  BoldTiming timing(const RunFiles& files) {
    Sidecars sidecars;
    findings_.clear();
    return read_timing(files, sidecars, findings_);
  }
  std::string written(const std::string& name, const std::string& text) const {
    write_text(folder_ / name, text);
    return folder_ / name;
  }
  TemporaryFolder folder_;
  BidsFindings findings_;
};

TEST_F(RunTimes, RepetitionTimeIsTheDerivativesElseTheRawElseTheHeaders) {
  auto t = timing(run(R"({"RepetitionTime": 2, "StartTime": 0.97, "SliceTimingCorrected": true})",
                      R"({"RepetitionTime": 2.0001, "SliceTiming": [0, 1]})"));
  EXPECT_EQ(t.tr_s, 2);
  EXPECT_EQ(t.tr_source, folder_ / "own.json");
  EXPECT_EQ(t.start_time_s, 0.97);
  EXPECT_EQ(t.slice_timing_corrected, true);
  EXPECT_EQ(t.slice_timing_s, (std::vector<double>{0, 1}));
  EXPECT_TRUE(findings_.empty());
  t = timing(run(R"({"StartTime": null})", R"({"RepetitionTime": 2})"));
  EXPECT_EQ(t.tr_source, folder_ / "raw.json");
  EXPECT_FALSE(t.start_time_s.has_value());
  t = timing(run("", ""));
  EXPECT_EQ(t.tr_s, 2);
  EXPECT_EQ(t.tr_source, folder_ / "bold.nii");
  t = timing(run("", "", 0));
  EXPECT_FALSE(t.tr_s.has_value());
  EXPECT_EQ(kinds_of(findings_), std::vector<std::string>{"no-repetition-time"});
}

TEST_F(RunTimes, RepetitionTimesThatDifferAreAllNamed) {
  const auto t = timing(run(R"({"RepetitionTime": 2})", R"({"RepetitionTime": 2.5})", 1));
  EXPECT_EQ(t.tr_s, 2);
  const std::string text = finding(findings_, BidsOddity::repetition_times_differ).message;
  for (const char* part :
       {"2 s in the image's sidecar", "2.5 s in the raw sidecars", "1 s in the header"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  timing(run(R"({"RepetitionTime": 2000})", "", 0));
  EXPECT_EQ(kinds_of(findings_), std::vector<std::string>{"repetition-time-large"});
}

TEST_F(RunTimes, SpecificSidecarsReplaceGeneralOnesKeyByKey) {
  RunFiles files = run("", "");
  files.raw_sidecars = {
      written("task-x_bold.json", R"({"RepetitionTime": 3, "SliceTiming": [0, 1]})"),
      written("sub-01_task-x_bold.json", R"({"RepetitionTime": 2})")};
  const auto t = timing(files);
  EXPECT_EQ(t.tr_s, 2);
  EXPECT_EQ(t.slice_timing_s.size(), 2u);
}

TEST_F(RunTimes, VolumeTimingIsReturnedAndCheckedAgainstTheImage) {
  auto t = timing(run("", R"({"VolumeTiming": [0, 1, 6]})"));
  EXPECT_EQ(t.volume_timing_s, (std::vector<double>{0, 1, 6}));
  EXPECT_FALSE(t.tr_s.has_value());  // whatever the header says
  EXPECT_EQ(kinds_of(findings_), std::vector<std::string>{"volume-timing"});
  t = timing(run("", R"({"VolumeTiming": [0, 1.5, 3]})"));
  EXPECT_EQ(t.tr_s, 1.5);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"raw.json", "2 onsets", "3 volumes"},
                      [&] { timing(run("", R"({"VolumeTiming": [0, 1]})")); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"raw.json", "0.5 after 1", "increase"},
                      [&] { timing(run("", R"({"VolumeTiming": [0, 1, 0.5]})")); }));
}

TEST_F(RunTimes, CorrectionWithoutStartTimeIsReported) {
  timing(run(R"({"RepetitionTime": 2, "SliceTimingCorrected": true})", ""));
  EXPECT_EQ(kinds_of(findings_), std::vector<std::string>{"no-start-time"});
}

TEST_F(RunTimes, RefusesTextWhereNumbersAreDue) {
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"own.json", "RepetitionTime", "\"2\"", "a number"},
                      [&] { timing(run(R"({"RepetitionTime": "2"})", "")); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"own.json", "RepetitionTime", "positive"},
                      [&] { timing(run(R"({"RepetitionTime": 0})", "")); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"own.json", "is not JSON"},
                      [&] { timing(run(R"({"RepetitionTime": )", "")); }));
}

TEST_F(RunTimes, UnreadableHeaderAndAbsentSidecarsDoNotStop) {
  RunFiles files = run(R"({"RepetitionTime": 2})", "");
  write_text(files.bold, "");
  files.raw_sidecars.push_back(folder_ / "missing.json");
  EXPECT_EQ(timing(files).tr_s, 2);
  EXPECT_EQ(kinds_of(findings_), std::vector<std::string>{"unreadable-header"});
}

class FilterFiles : public ::testing::Test {
 protected:
  BidsFilter filter(const std::string& text) {
    BidsFilter out;
    write_text(folder_ / "filter.json", text);
    findings_.clear();
    add_filter_file(out, folder_ / "filter.json", findings_);
    return out;
  }
  static bool allows(const BidsFilter& filter, const char* name) {
    return filter.allows(bids_name(name));
  }
  TemporaryFolder folder_;
  BidsFindings findings_;
};

TEST_F(FilterFiles, ChooseByTheEntryOfFunctionalImages) {
  const auto f = filter(R"({"t1w": {"datatype": "anat", "session": "9"},
      "bold": {"datatype": "func", "suffix": "bold", "session": ["01", "ses-02"], "task": "x",
               "run": 1, "acquisition": null, "dir": "*", "echo": [null, "2"]}})");
  EXPECT_TRUE(findings_.empty());
  EXPECT_TRUE(allows(f, "sub-1_ses-02_task-x_dir-AP_run-01_bold.nii.gz"));
  EXPECT_TRUE(allows(f, "sub-1_ses-01_task-x_dir-AP_run-1_echo-2_bold.nii.gz"));
  EXPECT_FALSE(allows(f, "sub-1_ses-01_task-x_dir-AP_run-1_echo-1_bold.nii.gz"));
  EXPECT_FALSE(allows(f, "sub-1_ses-01_task-x_run-1_bold.nii.gz"));
  EXPECT_FALSE(allows(f, "sub-1_ses-01_task-x_acq-a_dir-AP_run-1_bold.nii.gz"));
  EXPECT_FALSE(allows(f, "sub-1_ses-1_task-x_dir-AP_run-1_bold.nii.gz"));
}

TEST_F(FilterFiles, ReportWhatHasNoEffect) {
  const auto f = filter(R"({"bold": {"sesion": "01", "task": "x"}, "Bold": {}})");
  EXPECT_TRUE(allows(f, "sub-1_task-x_bold.nii.gz"));
  ASSERT_EQ(findings_.size(), 2u);
  EXPECT_NE(findings_[0].message.find("'Bold'"), std::string::npos);
  EXPECT_NE(findings_[1].message.find("'sesion'"), std::string::npos);
  filter(R"({"sbref": {"session": "1"}})");
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_NE(findings_[0].message.find("no entry 'bold'"), std::string::npos);
}

TEST_F(FilterFiles, RefuseOtherForms) {
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"filter.json", "'task'", "{\"a\":1}"},
                      [&] { filter(R"({"bold": {"task": {"a": 1}}})"); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'run'", "1.5"},
                      [&] { filter(R"({"bold": {"run": 1.5}})"); }));
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"empty list"}, [&] { filter(R"({"bold": {"run": []}})"); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'bold'"}, [&] { filter(R"({"bold": "x"})"); }));
}

class PeopleTables : public ::testing::Test {
 protected:
  PeopleValues values() {
    findings_.clear();
    return read_people_values(index_dataset(folder_.path(), {}, findings_), findings_);
  }
  TemporaryFolder folder_;
  BidsFindings findings_;
};

TEST_F(PeopleTables, GiveTextByPersonAndSession) {
  make_files(folder_.path(), {"sub-01/x", "sub-02/x", "sub-03/x"});
  write_text(folder_ / "participants.tsv",
             "participant_id\tgroup\tage\nsub-01\ta\t020\n02\tb\tn/a\nsub-77\tc\t1\n");
  write_text(folder_ / "sub-01/sub-01_sessions.tsv", "session_id\tscore\nses-1\t5\n2\t\n");
  const auto v = values();
  EXPECT_EQ(v.columns(), (std::vector<std::string>{"group", "age", "score"}));
  EXPECT_EQ(v.value("sub-01", "ses-1", "score"), "5");
  EXPECT_EQ(v.value("01", "2", "score"), "n/a");
  EXPECT_EQ(v.value("01", "1", "age"), "020");  // text, as it is written
  EXPECT_EQ(v.value("02", "", "group"), "b");
  EXPECT_EQ(v.value("03", "", "group"), "n/a");
  EXPECT_EQ(finding(findings_, BidsOddity::person_not_in_table).where,
            std::vector<std::string>{"sub-03"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'grop'", "did you mean group?"},
                      [&] { v.value("01", "", "grop"); }));
}

TEST_F(PeopleTables, AreOptional) {
  make_files(folder_.path(), {"sub-01/x"});
  const auto v = values();
  EXPECT_FALSE(v.has("group"));
  EXPECT_TRUE(findings_.empty());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"'group'", "participants.tsv, which is missing"},
                      [&] { v.value("01", "", "group"); }));
}

TEST_F(PeopleTables, MayHaveARowPerSession) {
  make_files(folder_.path(), {"sub-01/x"});
  write_text(folder_ / "participants.tsv",
             "participant_id\tsession_id\tage\nsub-01\tses-1\t20\nsub-01\tses-2\t21\n");
  const auto v = values();
  EXPECT_EQ(v.value("01", "2", "age"), "21");
  EXPECT_EQ(v.value("01", "", "age"), "n/a");
  EXPECT_TRUE(findings_.empty());
}

TEST_F(PeopleTables, RefuseRowsOfNobodyAndSecondRows) {
  make_files(folder_.path(), {"sub-01/x"});
  write_text(folder_ / "participants.tsv", "id\tage\nsub-01\t20\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"participant_id"}, [&] { values(); }));
  write_text(folder_ / "participants.tsv", "participant_id\tage\nsub-01\t20\n01\t21\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 3", "second row of sub-01"}, [&] { values(); }));
}

}  // namespace
}  // namespace sociometer::testing
