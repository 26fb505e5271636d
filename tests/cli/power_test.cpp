// `power` as a user runs it.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

CommandResult run_power(const TemporaryFolder& folder, const Words& more,
                        const std::string& out = "out") {
  Words words{"power", "--log-level", "warning", "-o", folder / out};
  words.insert(words.end(), more.begin(), more.end());
  return run_program(words);
}

const Words kSmall{"--studies", "200", "--schedules", "2",        "--participants", "20", "60",
                   "--trials",  "20",  "40",          "--effect", "0.05",           "0.3"};

TEST(PowerCommand, WritesTablesPictureAndSentencesThatAgree) {
  const TemporaryFolder folder;
  const CommandResult result = run_power(folder, kSmall);
  ASSERT_TRUE(exits_with(result, 0));
  const Table table = read_table(folder / "out/power.tsv");
  ASSERT_EQ(table.rows.size(), 8u);
  const auto number = [&](size_t row, const char* column) {
    return number_in(table, row, table.find(column));
  };
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const double verdicts = number(i, "p_double_dissociation") + number(i, "p_reversed") +
                            number(i, "p_single") + number(i, "p_alike") + number(i, "p_open");
    EXPECT_TRUE(close_number(verdicts, 1, 1e-12));
    const double p = number(i, "p_interaction");
    EXPECT_TRUE(
        close_number(number(i, "se_interaction"), std::sqrt(p * (1 - p) / 200), 1e-9, 1e-9));
    EXPECT_LE(number(i, "p_selective"), number(i, "p_double_dissociation"));
  }
  // Rows by trials, effect, participants; an effect present in everyone is found.
  EXPECT_EQ(number(0, "trials"), 20);
  EXPECT_EQ(number(7, "trials"), 40);
  EXPECT_GT(number(7, "d_a"), number(3, "d_a"));
  EXPECT_GT(number(7, "p_double_dissociation"), 0.95);
  EXPECT_LT(number(0, "p_double_dissociation"), 0.8);
  EXPECT_NE(result.out.find("from 20 participants for a double dissociation"), std::string::npos)
      << result.out;
  EXPECT_EQ(read_bytes(folder / "out/power.txt"), result.out);
  const Json json = read_json(folder / "out/power.json");
  EXPECT_EQ(json["Rows"].size(), 8u);
  EXPECT_EQ(json["Rule"]["Studies"], 200);
  EXPECT_EQ(json["Assumptions"]["BetweenSD"], 0.03);
  EXPECT_EQ(json["Settings"]["timing"]["tr_s"], 2);
  EXPECT_EQ(json["Summary"].size(), 8u);
  EXPECT_GT(std::filesystem::file_size(folder / "out/power.png"), 10000u);
}

TEST(PowerCommand, WritesTheSameBytesForAnyThreadCount) {
  const TemporaryFolder folder;
  const auto run = [&](const char* where, const char* threads) {
    std::filesystem::create_directory(folder / where);
    return run_script(
        fmt::format("cd {} && sociometer power --studies 100 --schedules 3 --participants 20 30 "
                    "--trials 20 -o out --log-level warning -j {}",
                    folder / where, threads));
  };
  ASSERT_TRUE(exits_with(run("a", "1"), 0));
  ASSERT_TRUE(exits_with(run("b", "7"), 0));
  for (const char* ending : {".tsv", ".txt", ".json", ".png"})
    EXPECT_TRUE(same_files(folder / "a", folder / "b", ending));
}

/// Writes a run of events with both signals.
void write_events(const std::string& path, int seed) {
  std::string text = "onset\tduration\ttrial_type\toutcome_update\trank_update_unsigned\n";
  for (int i = 0; i < 24; ++i)
    text += fmt::format("{}\t0\tfeedback\t{:.3f}\t{}\n", 8 + 13 * i + (i * seed) % 5,
                        0.1 * std::sin(1.7 * i * seed),
                        i % 4 == 0 ? "n/a" : fmt::format("{:.3f}", 1 + std::cos(2.3 * i + seed)));
  write_text(path, text);
}

TEST(PowerCommand, TakesEventsOfSeveralPeople) {
  const TemporaryFolder folder;
  Words words{"--tr", "2", "--n-scans", "170", "--studies", "100", "--effect-d", "0.5", "--events"};
  for (const char* name : {"sub-01_run-1", "sub-01_run-2", "sub-02_run-1", "sub-02_run-2"}) {
    words.push_back(folder / (std::string(name) + "_desc-signals_events.tsv"));
    write_events(words.back(), int(words.size()));
  }
  ASSERT_TRUE(exits_with(run_power(folder, words), 0));
  const Json json = read_json(folder / "out/power.json");
  EXPECT_EQ(json["PeopleWithDesigns"], 2);
  EXPECT_EQ(json["Designs"][0]["Runs"], 2);
  EXPECT_EQ(json["Designs"][0]["TrialsPerRun"], 24);
  EXPECT_EQ(json["Inputs"].size(), 4u);
  EXPECT_TRUE(close_number(json["Rows"][0]["d_a"].get<double>(), 0.5, 1e-9));
  EXPECT_TRUE(close_number(json["Rows"][0]["d_b"].get<double>(), 0.5, 1e-9));
}

TEST(PowerCommand, RefusesInOneLine) {
  const TemporaryFolder folder;
  const std::string events = folder / "sub-01_events.tsv";
  write_events(events, 3);
  const auto refuses = [&](const Words& more, int exit_code, const Words& words) {
    const auto result = fails_with(run_power(folder, more, "refused"), exit_code, words);
    if (result && std::filesystem::exists(folder / "refused"))
      return ::testing::AssertionFailure() << "something was left";
    return result;
  };
  EXPECT_TRUE(refuses({"--participants", "2"}, 3, {"2 participants", "3"}));
  EXPECT_TRUE(refuses({"--participants", "40", "20"}, 3, {"20", "40", "ascend"}));
  EXPECT_TRUE(refuses({"--trials", "0"}, 3, {"--trials", "0"}));
  EXPECT_TRUE(refuses({"--between-sd", "-0.1"}, 3, {"-0.1", "between people"}));
  EXPECT_TRUE(refuses({"--noise-sd", "0"}, 3, {"noise", "0"}));
  EXPECT_TRUE(refuses({"--noise-ar", "1"}, 3, {"--noise-ar", "1"}));
  EXPECT_TRUE(refuses({"--region-correlation", "1.2"}, 3, {"1.2", "between regions"}));
  EXPECT_TRUE(refuses({"--score-correlation", "0.9", "--other-score-correlation", "0.9"}, 3,
                      {"no score correlates", "0.9", "0.1"}));
  EXPECT_TRUE(refuses({"--effect", "0.1", "--effect-d", "0.5"}, 2, {"--effect"}));
  EXPECT_TRUE(refuses({"--events", events}, 2, {"--tr"}));
  EXPECT_TRUE(refuses({"--events", events, "--tr", "2"}, 2, {"--n-scans"}));
  EXPECT_TRUE(refuses({"--events", events, "--tr", "2", "--n-scans", "170", "--trials", "40"}, 2,
                      {"--events", "--trials"}));
  EXPECT_TRUE(refuses({"--tr", "2"}, 2, {"--events"}));
  EXPECT_TRUE(refuses({"--events", events, "--tr", "2", "--n-scans", "170", "--modulators",
                       "feedback:outcome_update"},
                      2, {"two"}));
  EXPECT_TRUE(refuses({"--events", events, "--tr", "2", "--n-scans", "170", "--modulators",
                       "feedback:outcome_update,novelty"},
                      3, {"novelty", "sub-01_events.tsv"}));
  EXPECT_TRUE(refuses({"--events", events, "--tr", "2", "--n-scans", "170", "--modulators",
                       "choice:outcome_update,rank_update_unsigned"},
                      3, {"choice"}));
}

}  // namespace
}  // namespace sociometer::testing
