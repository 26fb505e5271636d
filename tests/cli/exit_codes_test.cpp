// Bad input of every kind: exit code, a one-line message naming it, and no files left behind.
#include <gtest/gtest.h>

#include "tests/cli/bad_inputs.hpp"

namespace sociometer::testing {
namespace {

class BadInputs : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadInputs, AreNamedAndLeaveNothing) {
  Study study;
  const Words more = GetParam().prepare(study);
  const Words before = everything_in(study.folder.path().string());
  EXPECT_TRUE(fails_with(study.fit(more), GetParam().exit_code, GetParam().words));
  EXPECT_EQ(everything_in(study.folder.path().string()), before);
}

std::string name_of_case(const ::testing::TestParamInfo<BadInput>& info) { return info.param.what; }
INSTANTIATE_TEST_SUITE_P(Images, BadInputs, ::testing::ValuesIn(bad_images()), name_of_case);
INSTANTIATE_TEST_SUITE_P(TablesAndOptions, BadInputs, ::testing::ValuesIn(bad_tables_and_options()),
                         name_of_case);

TEST(BadOutput, BelowAFileCannotBeWritten) {
  Study study;
  write_text(study / "file", "x");
  const Words before = everything_in(study.folder.path().string());
  for (const char* out : {"file", "file/out"})
    EXPECT_TRUE(fails_with(study.fit({"--contrast", "a"}, out), 4, {study / out}));
  EXPECT_EQ(everything_in(study.folder.path().string()), before);
}

TEST(BadOutput, LeavesAnOlderResultAsItWas) {
  Study study;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const Words before = everything_in(study / "out");
  const std::string map = "/contrast-a_stat-t_statmap.nii.gz";
  const std::string bytes = read_bytes(study / "out" + map);
  const std::string packed = read_bytes(study.bold[1]);
  write_text(study.bold[1], short_by(packed, packed.size() / 2));
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--overwrite"}), 3, {"run-2_bold.nii.gz"}));
  EXPECT_EQ(everything_in(study / "out"), before);
  EXPECT_TRUE(read_bytes(study / "out" + map) == bytes);
}

TEST(BadInputOfDesign, IsNamedAndLeavesNothing) {
  const Study study;
  const Words base{"design", "--log-level", "error", "--tr", "2", "-o", study / "out"};
  const auto fails = [&](const Words& more, int code, const Words& words) {
    Words all = base;
    all.insert(all.end(), more.begin(), more.end());
    return fails_with(run_program(all), code, words);
  };
  EXPECT_TRUE(fails({"--events", study / "none.tsv", "--n-scans", "60"}, 3, {"none.tsv"}));
  EXPECT_TRUE(fails({"--events", study.events[0]}, 2, {"--n-scans"}));
  EXPECT_TRUE(fails({"--events", study.events[0], "--n-scans", "60", "--hrf", "x"}, 2, {"x"}));
  EXPECT_TRUE(fails({"--events", study.events[0], "--n-scans", "-5"}, 2, {"--n-scans"}));
  EXPECT_FALSE(std::filesystem::exists(study / "out"));
}

}  // namespace
}  // namespace sociometer::testing
