// Where outputs go: names from the inputs, intent in the headers, runs that do not mix,
// participants kept apart.
#include <cmath>
#include <cstring>
#include <filesystem>
#include <span>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

float header_float(const std::string& bytes, size_t at) {
  float value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}
int16_t header_short(const std::string& bytes, size_t at) {
  int16_t value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

/// The decompressed bytes of a map's NIfTI-1 header.
std::string header_of(const std::string& path) {
  const auto stream = open_byte_stream(path);
  std::string bytes(352, '\0');
  stream->read(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

/// The study's first run under a BIDS name.
struct NamedStudy : Study {
  explicit NamedStudy(const std::string& name) {
    only_one_run();
    const auto rename = [&](std::string& file, const std::string& ending) {
      const std::string named = folder / (name + ending);
      fs::rename(file, named);
      file = named;
    };
    rename(bold[0], "_bold.nii.gz");
    rename(events[0], "_events.tsv");
  }
};

TEST(Outputs, AreNamedByTheEntitiesOfTheImages) {
  const NamedStudy study("sub-01_ses-2_task-x_run-1_space-MNI_desc-preproc");
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const std::string base = study / "out/sub-01/ses-2/sub-01_ses-2_task-x_run-1_space-MNI_";
  for (const char* name : {"contrast-a_stat-t_statmap.nii.gz", "mask.nii.gz", "design.tsv",
                           "design.json", "design.png", "estimates.h5"})
    EXPECT_TRUE(fs::exists(base + name)) << name;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "--prefix", "mine"}, "other"), 0));
  EXPECT_TRUE(fs::exists(study / "other/mine_contrast-a_stat-t_statmap.nii.gz"));
}

TEST(Outputs, HeadersStateWhatMapsHold) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "--f-contrast", "f=a;b", "--log-p",
                                    "--noise-model", "ar4-averaged"}),
                         0));
  constexpr size_t kP1 = 56, kP2 = 60, kCode = 68;
  const auto map = [&](const char* name) {
    return header_of(study / (std::string("out/contrast-") + name + "_statmap.nii.gz"));
  };
  const double dof =
      read_json(study / "out/contrast-a_stat-t_statmap.json")["Contrast"]["DegreesOfFreedom"];
  const std::string t = map("a_stat-t"), f = map("f_stat-F");
  EXPECT_EQ(header_short(t, kCode), 3);  // NIFTI_INTENT_TTEST
  EXPECT_FLOAT_EQ(header_float(t, kP1), float(dof));
  EXPECT_EQ(header_short(f, kCode), 4);  // NIFTI_INTENT_FTEST
  EXPECT_EQ(header_float(f, kP1), 2);
  EXPECT_FLOAT_EQ(header_float(f, kP2), float(dof));
  EXPECT_EQ(header_short(map("a_stat-z"), kCode), 5);   // ZSCORE
  EXPECT_EQ(header_short(map("a_stat-p"), kCode), 22);  // PVAL
  EXPECT_EQ(header_short(map("a_stat-effect"), kCode), 0);
  const auto p = read_nifti(study / "out/contrast-a_stat-p_statmap.nii.gz").values,
             log_p = read_nifti(study / "out/contrast-a_stat-log10p_statmap.nii.gz").values;
  EXPECT_TRUE(close_relative(Eigen::MatrixXd(-p.array().log10()), log_p, 1e-6, 1));
}

TEST(Outputs, PIsNoNumberOutsideTheMask) {
  Study study;
  study.only_one_run();
  std::vector<double> ones(kStudyVoxels, 1);
  ones[5] = 0;
  write_text(study.mask, raw_series({4, 3, 2, 1}, ones).file());
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  EXPECT_TRUE(std::isnan(read_nifti(study / "out/contrast-a_stat-p_statmap.nii.gz").values(5, 0)));
  EXPECT_EQ(read_nifti(study / "out/contrast-a_stat-t_statmap.nii.gz").values(5, 0), 0);
}

TEST(Outputs, OfASecondRunNeedOverwriteAndReplaceTheFirst) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "b"}), 4, {study / "out", "--overwrite"}));
  EXPECT_FALSE(fs::exists(study / "out/contrast-b_stat-t_statmap.nii.gz"));
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "b", "--overwrite"}), 0));
  EXPECT_FALSE(fs::exists(study / "out/contrast-a_stat-t_statmap.nii.gz"));
  EXPECT_TRUE(fs::exists(study / "out/contrast-b_stat-t_statmap.nii.gz"));
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "--prefix", "x"}), 0));  // others may
}

TEST(Outputs, SeriesOfAFitAddUpToTheData) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(
      exits_with(study.fit({"--contrast", "a", "--save", "residuals", "predicted", "tsnr"}), 0));
  const auto residuals = read_nifti(study / "out/stat-errorts_statmap.nii.gz"),
             predicted = read_nifti(study / "out/stat-predictedts_statmap.nii.gz");
  EXPECT_EQ(residuals.header.n_volumes, kStudyScans);
  EXPECT_EQ(residuals.header.tr_s, 2.0);
  EXPECT_TRUE(close_relative(Eigen::MatrixXd(residuals.values + predicted.values),
                             read_nifti(study.bold[0]).values, 1e-6, 1));
  EXPECT_GT(read_nifti(study / "out/stat-tsnr_statmap.nii.gz").values.minCoeff(), 10);
}

TEST(Outputs, SourcesAreBidsUris) {
  const NamedStudy study("sub-01_task-x");
  write_text(study / "dataset_description.json", "{}");
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}, "out"), 0));
  const Json json = read_json(study / "out/sub-01/sub-01_task-x_estimates.json");
  const std::string uri = json["Sources"][0];
  EXPECT_TRUE(uri.starts_with("bids:") && uri.ends_with(":sub-01_task-x_bold.nii.gz")) << uri;
  const std::string name = uri.substr(5, uri.find(':', 5) - 5);
  EXPECT_EQ(read_json(study / "out/dataset_description.json")["DatasetLinks"][name],
            "file://" + study.folder.path().string());
}

TEST(Contrast, KeepsPeopleApart) {
  const NamedStudy study("sub-01_task-x");
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const std::string first = study / "out/sub-01/sub-01_task-x_estimates.h5";
  const NamedStudy other("sub-02_task-x");
  write_text(other.bold[0], gzipped(raw_series(kStudySize, study_values(9)).file()));
  ASSERT_TRUE(exits_with(other.fit({"--contrast", "a"}), 0));
  const std::string second = other / "out/sub-02/sub-02_task-x_estimates.h5";
  const std::string out = study / "contrasts";
  ASSERT_TRUE(exits_with(run_program({"contrast", first, second, "--contrast", "d=a-b", "-o", out,
                                      "--log-level", "error"}),
                         0));
  for (const char* label : {"sub-01", "sub-02"}) {
    const std::string l = label;
    const Json json = read_json(out + "/" + l + "/" + l + "_task-x_contrast-d_stat-t_statmap.json");
    EXPECT_EQ(json["Runs"].size(), 1u) << label;
  }
  const auto alone = study / "alone";
  ASSERT_TRUE(exits_with(
      run_program({"contrast", first, "--contrast", "d=a-b", "-o", alone, "--log-level", "error"}),
      0));
  EXPECT_EQ(read_bytes(alone + "/sub-01/sub-01_task-x_contrast-d_stat-t_statmap.nii.gz"),
            read_bytes(out + "/sub-01/sub-01_task-x_contrast-d_stat-t_statmap.nii.gz"));
}

TEST(Contrast, OneDamagedParticipantDoesNotStopTheOthers) {
  const NamedStudy study("sub-01_task-x");
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const std::string good = study / "out/sub-01/sub-01_task-x_estimates.h5",
                    bad = study / "sub-02_estimates.h5";
  std::string bytes = read_bytes(good);
  bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 4);
  write_text(bad, bytes);
  const std::string out = study / "contrasts";
  const auto result = run_program(
      {"contrast", good, bad, "--contrast", "d=a-b", "-o", out, "--log-level", "warning"});
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("sub-02: " + bad + " is damaged"), std::string::npos) << result.err;
  EXPECT_TRUE(fs::exists(out + "/sub-01/sub-01_task-x_contrast-d_stat-t_statmap.nii.gz"));
  EXPECT_TRUE(fails_with(run_program({"contrast", bad, "--contrast", "d=a-b", "-o", study / "none",
                                      "--log-level", "error"}),
                         3, {bad, "damaged"}));
}

TEST(Contrast, RefusesTheSameEstimatesTwice) {
  const NamedStudy study("sub-01_task-x");
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const std::string first = study / "out/sub-01/sub-01_task-x_estimates.h5",
                    copy = study / "sub-01_copy_estimates.h5";
  fs::copy_file(first, copy);
  EXPECT_TRUE(fails_with(run_program({"contrast", first, copy, "--contrast", "d=a-b", "-o",
                                      study / "none", "--log-level", "error"}),
                         3, {first, copy, "same content"}));
}

}  // namespace
}  // namespace sociometer::testing
