#include "engine/core/journal.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "engine/core/stopwatch.hpp"

namespace sociometer {
namespace {

TEST(Journal, RecordsByLevelInOrder) {
  RecordingJournal journal;
  journal.warn("first");
  journal.info("fact");
  journal.warn("second");
  journal.start("fitting")->update(1, 2);
  EXPECT_EQ(journal.messages(Journal::Level::warning),
            (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(journal.messages(Journal::Level::info), (std::vector<std::string>{"fact", "fitting"}));
  EXPECT_TRUE(journal.messages(Journal::Level::error).empty());
}

TEST(Journal, IsSafeFromSeveralThreads) {
  RecordingJournal journal;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) journal.warn("x");
      });
  }
  EXPECT_EQ(journal.messages(Journal::Level::warning).size(), 2000u);
}

TEST(Journal, StagesAreTimedWhenTheyEnd) {
  RecordingJournal journal;
  {
    const Stage stage(journal, "reading");
    EXPECT_TRUE(journal.messages(Journal::Level::debug).empty());
  }
  const auto told = journal.messages(Journal::Level::debug);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].starts_with("reading: 0.")) << told[0];
}

TEST(Stopwatch, DurationsReadAsPeopleSayThem) {
  EXPECT_EQ(duration_text(3.24), "3.2 s");
  EXPECT_EQ(duration_text(12.4), "12 s");
  EXPECT_EQ(duration_text(250), "4 min 10 s");
  EXPECT_EQ(duration_text(7500), "2 h 5 min");
}

}  // namespace
}  // namespace sociometer
