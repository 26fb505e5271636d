// Events tables as found in real studies.
#include <cmath>

#include <gtest/gtest.h>

#include "io/tables/design_tables.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

struct Outcome {
  Events events;
  Warnings warnings;
};

Outcome events_of(const std::string& text, const std::vector<std::string>& columns = {}) {
  const TemporaryFolder folder;
  write_text(folder / "events.tsv", text);
  Outcome out;
  out.events = read_events(read_table(folder / "events.tsv"), columns, out.warnings);
  return out;
}

::testing::AssertionResult refused(const std::string& text, const std::vector<std::string>& words,
                                   const std::vector<std::string>& columns = {}) {
  const TemporaryFolder folder;
  const std::string path = folder / "events.tsv";
  write_text(path, text);
  std::vector<std::string> all = words;
  all.push_back(path);
  Warnings warnings;
  return refuses(ErrorCode::bad_input, all,
                 [&] { read_events(read_table(path), columns, warnings); });
}

TEST(Events, AreReadWithMarksReturnsPaddingAndBlankLines) {
  const Outcome out = events_of(
      "\xEF\xBB\xBFonset\tduration\ttrial_type\r\n   10.5\t  2\t face \r\n\r\n  3.0\t0 "
      "\thouse\r\n\r\n");
  ASSERT_EQ(out.events.size(), 2u);
  EXPECT_TRUE(out.warnings.empty());
  EXPECT_EQ(out.events[0].type, "face");  // the order of rows is preserved
  EXPECT_TRUE(close_number(out.events[0].onset_s, 10.5, 0));
  EXPECT_TRUE(close_number(out.events[1].onset_s, 3, 0));
  EXPECT_TRUE(close_number(out.events[1].duration_s, 0, 0));
  EXPECT_TRUE(close_number(out.events[1].amplitude, 1, 0));
}

TEST(Events, WithoutTrialTypeAreTrials) {
  EXPECT_EQ(events_of("duration\tonset\n1\t2\n").events.at(0).type, "trial");
}

TEST(Events, KeepModulatorsWithNanBesideNa) {
  const Outcome out = events_of(
      "onset\tduration\ttrial_type\trank\n1\t0\ta\tNaN\n2\t0\ta\tn/a\n3\t0\ta\t-0.5\n4\t0\ta\t\n",
      {"rank"});
  ASSERT_EQ(out.events.size(), 4u);
  for (size_t i : {0, 1, 3}) EXPECT_TRUE(std::isnan(out.events[i].values.at("rank"))) << i;
  EXPECT_TRUE(close_number(out.events[2].values.at("rank"), -0.5, 0));
}

TEST(Events, TakeTheirAmplitudeFromModulation) {
  const Outcome out = events_of("onset\tduration\tmodulation\n1\t0\t-2.5\n2\t0\t1\n");
  EXPECT_TRUE(close_number(out.events[0].amplitude, -2.5, 0));
  EXPECT_TRUE(close_number(out.events[1].amplitude, 1, 0));
}

TEST(Events, WithoutOnsetDurationOrTypeAreCounted) {
  const Outcome out = events_of(
      "onset\tduration\ttrial_type\nn/a\t1\ta\nNaN\t1\ta\n1\t1\tn/a\n2\tn/a\tb\n3\t1\tc\n");
  ASSERT_EQ(out.events.size(), 2u);
  EXPECT_EQ(out.events[0].type, "b");
  EXPECT_TRUE(close_number(out.events[0].duration_s, 0, 0));
  EXPECT_EQ(out.events[1].type, "c");
  ASSERT_EQ(out.warnings.size(), 3u);
  EXPECT_NE(out.warnings[0].find("2 event(s) without an onset"), std::string::npos);
  EXPECT_NE(out.warnings[1].find("1 event(s) without a trial_type"), std::string::npos);
  EXPECT_NE(out.warnings[2].find("1 event(s) without a duration"), std::string::npos);
}

TEST(Events, MayBeginBeforeTheFirstScan) {
  EXPECT_TRUE(close_number(events_of("onset\tduration\n-4.5\t1\n").events.at(0).onset_s, -4.5, 0));
}

TEST(Events, AreRefusedWhenThereAreNone) {
  EXPECT_TRUE(refused("onset\tduration\ttrial_type\n", {"no events"}));
  EXPECT_TRUE(refused("onset\tduration\ttrial_type\n\r\n\n", {"no events"}));
  EXPECT_TRUE(refused("onset\tduration\ttrial_type\nn/a\t1\ta\n", {"no event"}));
}

TEST(Events, AreRefusedWithColumnsMissing) {
  EXPECT_TRUE(refused("duration\ttrial_type\n1\ta\n", {"'onset'", "duration, trial_type"}));
  EXPECT_TRUE(refused("onset\ttrial_type\n1\ta\n", {"'duration'"}));
  EXPECT_TRUE(refused("onset\tduration\n1\t1\n", {"'rank'"}, {"rank"}));
}

TEST(Events, AreRefusedWithCellsThatAreNoTimes) {
  EXPECT_TRUE(refused("onset\tduration\n1\t1\nsoon\t1\n", {"line 3", "onset", "soon"}));
  EXPECT_TRUE(refused("onset\tduration\n1\tlong\n", {"line 2", "duration", "long"}));
  EXPECT_TRUE(refused("onset\tduration\n1\t-0.5\n", {"line 2", "duration", "-0.5"}));
  EXPECT_TRUE(refused("onset\tduration\ninf\t1\n", {"line 2", "onset"}));
  EXPECT_TRUE(refused("onset\tduration\n1\tinf\n", {"line 2", "duration"}));
  EXPECT_TRUE(refused("onset\tduration\tmodulation\n1\t1\tinf\n", {"line 2", "modulation"}));
  EXPECT_TRUE(refused("onset\tduration\trank\n1\t1\thigh\n", {"line 2", "rank", "high"}, {"rank"}));
}

TEST(Events, AreRefusedWithRaggedRows) {
  EXPECT_TRUE(refused("onset\tduration\ttrial_type\n1\t1\ta\n2\t1\n", {"line 3", "2 cells"}));
}

}  // namespace
}  // namespace sociometer::testing
