#include "io/tables/confound_strategies.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

using Names = std::vector<std::string>;
using Flags = std::vector<uint8_t>;

/// A small table with fMRIPrep's column names, and its JSON.
struct ConfoundFolder {
  ConfoundFolder(const std::string& table, const std::string& json = "") {
    write_text(path(), table);
    if (!json.empty()) write_text(folder / "c.json", json);
  }
  std::string path() const { return folder / "c.tsv"; }
  TemporaryFolder folder;
};

using Part = ConfoundPart;
using Expansion = ConfoundExpansion;

ConfoundStrategy strategy_of(const std::vector<Part>& parts) {
  ConfoundStrategy s;
  s.parts = parts;
  return s;
}

/// Framewise displacement with a peak at each of `peaks`.
std::string displacement(int n_scans, const std::vector<int>& peaks) {
  std::string text = "framewise_displacement\tstd_dvars\n";
  for (int t = 0; t < n_scans; ++t) {
    const bool peak = std::find(peaks.begin(), peaks.end(), t) != peaks.end();
    text += t == 0 && !peak ? "n/a\tn/a\n" : peak ? "0.6\t1\n" : "0.5\t1.5\n";
  }
  return text;
}

Flags scrubbed(int n_scans, const std::vector<int>& peaks, int shortest) {
  const ConfoundFolder files(displacement(n_scans, peaks));
  ConfoundStrategy s = strategy_of({Part::scrub});
  s.scrub = shortest;
  Flags kept = choose_confounds(read_confounds_table(files.path()), s).kept;
  for (auto& flag : kept) flag = !flag;
  return kept;
}

TEST(Scrubbing, TakesShortStretchesAlong) {
  // Definition: scans above a threshold, and every shorter segment between or beside them.
  EXPECT_EQ(scrubbed(12, {4}, 0), (Flags{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(scrubbed(12, {4}, 5), (Flags{1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(scrubbed(12, {4}, 4), (Flags{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(scrubbed(12, {5, 9}, 3), (Flags{0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(scrubbed(12, {4, 7}, 3), (Flags{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(scrubbed(6, {}, 10), (Flags{0, 0, 0, 0, 0, 0})) << "nothing to scrub, nothing is short";
}

TEST(Strategies, ChooseMotionInEachForm) {
  const Names basic{"trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"};
  std::string header, values;
  for (const auto& name : basic)
    for (const char* end : {"", "_derivative1", "_power2", "_derivative1_power2"})
      header += name + end + "\t", values += "1\t";
  const ConfoundFolder files(header + "x\n" + values + "1\n");
  const auto chosen = [&](Expansion how) {
    ConfoundStrategy s = strategy_of({Part::motion});
    s.motion = how;
    return choose_confounds(read_confounds_table(files.path()), s).columns;
  };
  EXPECT_EQ(chosen(Expansion::basic), basic);
  EXPECT_EQ(chosen(Expansion::power2).size(), 12u);
  EXPECT_EQ(chosen(Expansion::derivatives).size(), 12u);
  EXPECT_EQ(chosen(Expansion::full).size(), 24u);
  EXPECT_EQ(chosen(Expansion::derivatives)[1], "trans_x_derivative1");
  EXPECT_EQ(chosen(Expansion::power2)[1], "trans_x_power2");
}

TEST(Strategies, NameTheColumnsThatAreNotThere) {
  const ConfoundFolder files("trans_x\ttrans_y\n1\t2\n");
  EXPECT_TRUE(refuses(
      ErrorCode::bad_input, {files.path(), "motion", "rot_x_derivative1_power2"},
      [&] { choose_confounds(read_confounds_table(files.path()), strategy_of({Part::motion})); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"ica_aroma", "aroma_motion_"}, [&] {
    choose_confounds(read_confounds_table(files.path()), strategy_of({Part::ica_aroma}));
  }));
}

TEST(Strategies, LeaveOutTheNonSteadyState) {
  const ConfoundFolder files(
      "csf\twhite_matter\tnon_steady_state_outlier00\tnon_steady_state_outlier01\n"
      "1\t2\t1\t0\n2\t2\t0\t1\n1\t3\t0\t0\n");
  const auto chosen =
      choose_confounds(read_confounds_table(files.path()), strategy_of({Part::wm_csf}));
  EXPECT_EQ(chosen.columns, (Names{"csf", "white_matter"}));
  EXPECT_EQ(chosen.kept, (Flags{0, 0, 1}));
  EXPECT_EQ(chosen.non_steady_state, 2);
}

const char* const kCompcorTable =
    "a_comp_cor_00\ta_comp_cor_01\ta_comp_cor_02\ta_comp_cor_03\tt_comp_cor_00\tcosine00\n"
    "1\t2\t3\t4\t5\t6\n1\t2\t3\t4\t5\t7\n";
const char* const kCompcorJson = R"({
  "a_comp_cor_00": {"Method": "aCompCor", "Mask": "combined", "Retained": true, "SingularValue": 5},
  "a_comp_cor_01": {"Method": "aCompCor", "Mask": "combined", "Retained": true, "SingularValue": 9},
  "a_comp_cor_02": {"Method": "aCompCor", "Mask": "WM", "Retained": true, "SingularValue": 4},
  "a_comp_cor_03": {"Method": "aCompCor", "Mask": "CSF", "Retained": true, "SingularValue": 3},
  "a_comp_cor_04": {"Method": "aCompCor", "Mask": "combined", "Retained": false, "SingularValue": NaN},
  "t_comp_cor_00": {"Method": "tCompCor", "Retained": true, "SingularValue": 2}})";

Names compcor(CompcorKind kind, int n, const std::vector<Part>& parts) {
  const ConfoundFolder files(kCompcorTable, kCompcorJson);
  ConfoundStrategy s = strategy_of(parts);
  s.compcor = kind;
  s.n_compcor = n;
  return choose_confounds(read_confounds_table(files.path()), s).columns;
}

TEST(Strategies, ChooseCompcorByMaskAndStrength) {
  using Kind = CompcorKind;
  const std::vector<Part> both{Part::high_pass, Part::compcor};
  EXPECT_EQ(compcor(Kind::anat_combined, 0, both),
            (Names{"cosine00", "a_comp_cor_01", "a_comp_cor_00"}));
  EXPECT_EQ(compcor(Kind::anat_combined, 1, both), (Names{"cosine00", "a_comp_cor_01"}));
  EXPECT_EQ(compcor(Kind::anat_separated, 0, both),
            (Names{"cosine00", "a_comp_cor_02", "a_comp_cor_03"}));
  EXPECT_EQ(compcor(Kind::temporal, 5, both), (Names{"cosine00", "t_comp_cor_00"}));
  EXPECT_EQ(compcor(Kind::temporal_anat_combined, 1, both),
            (Names{"cosine00", "t_comp_cor_00", "a_comp_cor_01"}));
  EXPECT_EQ(compcor(Kind::temporal, 1, {Part::compcor}), (Names{"t_comp_cor_00", "cosine00"}))
      << "the cosines are added, once";
}

TEST(Strategies, NeedTheJsonForCompcor) {
  const ConfoundFolder files(kCompcorTable);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"compcor", "c.json"}, [&] {
    choose_confounds(read_confounds_table(files.path()), strategy_of({Part::compcor}));
  }));
}

TEST(Strategies, HaveTheWordsOfLoadConfounds) {
  EXPECT_EQ(value_of<Part>("wm_csf", "part"), Part::wm_csf);
  EXPECT_EQ(value_of<Expansion>("power2", "motion"), Expansion::power2);
  EXPECT_EQ(names_of_all(std::vector{Part::scrub, Part::high_pass}), (Names{"scrub", "high_pass"}));
  EXPECT_EQ(all_names<CompcorKind>(), (Names{"anat_combined", "anat_separated", "temporal",
                                             "temporal_anat_combined", "temporal_anat_separated"}));
  EXPECT_TRUE(refuses(ErrorCode::usage, {"part", "movement", "motion, wm_csf"},
                      [] { value_of<Part>("movement", "part"); }));
  EXPECT_TRUE(
      refuses(ErrorCode::usage, {"all", "known"}, [] { value_of<Expansion>("all", "motion"); }));
}

TEST(Strategies, AreRefusedWithUnusableNumbers) {
  ConfoundStrategy s = strategy_of({Part::scrub});
  s.scrub = -1;
  EXPECT_THROW(check_strategy(s), Error);
  s.scrub = 0;
  s.fd_threshold_mm = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(check_strategy(s), Error);
}

TEST(StrategiesRealData, ChooseWhatNilearnChooses) {
  SOCIOMETER_NEEDS_DATA(path, "nilearn_confounds/test-v21_desc-confounds_timeseries.tsv");
  ConfoundStrategy s = strategy_of({Part::motion, Part::high_pass, Part::wm_csf});
  const auto usual = choose_confounds(read_confounds_table(path), s);
  EXPECT_EQ(usual.columns.size(), 24u + 1u + 2u);
  EXPECT_EQ(usual.non_steady_state, 3);
  s.parts = {Part::high_pass, Part::compcor};
  s.compcor = CompcorKind::anat_combined;
  EXPECT_EQ(choose_confounds(read_confounds_table(path), s).columns,
            (Names{"cosine00", "a_comp_cor_00", "a_comp_cor_01", "a_comp_cor_02", "a_comp_cor_03",
                   "a_comp_cor_04"}));
  s.compcor = CompcorKind::anat_separated;
  EXPECT_EQ(choose_confounds(read_confounds_table(path), s).columns.size(), 1u + 4u + 3u);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "--confound-strategy", "motion", "compcor"},
                      [&] { require_a_choice(read_confounds_table(path)); }));
}

}  // namespace
}  // namespace sociometer::testing
