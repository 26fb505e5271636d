// `ppi` and `beta-series` as a user runs them.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace connectivity_commands {

Words ppi_words(const TemporaryFolder& folder, const std::string& out) {
  return {"ppi",
          "--series",
          golden("numpy/ppi/scans.tsv"),
          "--seed",
          "seed",
          "--events",
          golden("numpy/ppi/events.tsv"),
          "--tr",
          "2",
          "--modulators",
          "b:value",
          "--drift",
          "none",
          "--confounds",
          golden("numpy/ppi/scans.tsv"),
          "--confound-columns",
          "c1,c2",
          "-o",
          folder / out,
          "--log-level",
          "error"};
}

TEST(Ppi, WritesADesignWithInteractions) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program(ppi_words(folder, "products")), 0));
  Words words = ppi_words(folder, "activity");
  words.insert(words.end(), {"--deconvolve", "--bins", "8", "--slice-time-ref", "0.5"});
  ASSERT_TRUE(exits_with(run_program(words), 0));
  const Table design = read_table(folder / "activity/design.tsv"),
              numpy = read_table(golden("numpy/ppi/scans.tsv"));
  ASSERT_EQ(design.rows.size(), 90u);
  for (const auto& [own, theirs] : {std::pair{"seed", "adjusted"},
                                    {"ppi:a", "a"},
                                    {"ppi:b", "b"},
                                    {"ppi:b:value", "b:value"}}) {
    ASSERT_GE(design.find(own), 0) << own;
    for (size_t i = 0; i < 90; ++i)
      EXPECT_NEAR(number_in(design, i, design.find(own)), number_in(numpy, i, numpy.find(theirs)),
                  1e-4)
          << own;
  }
  const Json json = read_json(folder / "activity/design.json");
  EXPECT_EQ(json["Interactions"]["Seed"], "seed");
  EXPECT_GT(json["Interactions"]["ShareOfSeedExplained"].get<double>(), 0.9);
  const Table products = read_table(folder / "products/design.tsv");
  for (size_t i = 0; i < 90; ++i)
    EXPECT_NEAR(
        number_in(products, i, products.find("ppi:a")),
        number_in(products, i, products.find("seed")) * number_in(products, i, products.find("a")),
        1e-9);
}

TEST(Ppi, TakesTheRepetitionTimeOfItsSeriesAndEventsOfTheSameRecording) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program(ppi_words(folder, "given")), 0));
  const std::string series = folder / "sub-01_run-1_timeseries.tsv";
  write_text(series, read_bytes(golden("numpy/ppi/scans.tsv")));
  Words words = ppi_words(folder, "found");
  words[2] = series;
  words.erase(words.begin() + 7, words.begin() + 9);  // --tr 2
  const CommandResult unknown = run_program(words);
  EXPECT_TRUE(exits_with(unknown, 2));
  EXPECT_NE(unknown.err.find("--tr is needed: no RepetitionTime"), std::string::npos)
      << unknown.err;
  write_text(folder / "sub-01_run-1_timeseries.json", R"({"RepetitionTime": 2})");
  ASSERT_TRUE(exits_with(run_program(words), 0));
  EXPECT_EQ(read_bytes(folder / "found/design.tsv"), read_bytes(folder / "given/design.tsv"));
  const std::string others = folder / "sub-02_run-1_events.tsv";
  write_text(others, read_bytes(golden("numpy/ppi/events.tsv")));
  words[6] = others;
  words.insert(words.end(), {"--overwrite"});
  const CommandResult mixed = run_program(words);
  EXPECT_TRUE(exits_with(mixed, 3));
  EXPECT_NE(mixed.err.find("is of sub-01"), std::string::npos) << mixed.err;
}

TEST(Ppi, TakesTheTimeOfTheSeriesFromItsSidecar) {
  const TemporaryFolder folder;
  write_text(folder / "late.tsv", read_bytes(golden("numpy/ppi/scans.tsv")));
  write_text(folder / "late.json", R"({"StartTime": 2, "RepetitionTime": 2})");
  Words words = ppi_words(folder, "late");
  words[2] = folder / "late.tsv";
  words.back() = "warning";
  words.insert(words.end(), {"--deconvolve", "--bins", "8"});
  const CommandResult result = run_program(words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_EQ(result.err.find("when within a scan"), std::string::npos) << result.err;
  const Table design = read_table(folder / "late/design.tsv"),
              numpy = read_table(golden("numpy/ppi/late.tsv"));
  for (size_t i = 0; i < 90; ++i)
    EXPECT_NEAR(number_in(design, i, design.find("ppi:a")), number_in(numpy, i, numpy.find("a")),
                1e-3);
  words = ppi_words(folder, "unknown");
  words.back() = "warning";
  EXPECT_NE(run_program(words).err.find("when within a scan"), std::string::npos);
}

TEST(Ppi, RefusesWhatHasNoSeed) {
  const TemporaryFolder folder;
  Words words = ppi_words(folder, "out");
  words[4] = "dACC";
  EXPECT_TRUE(fails_with(run_program(words), 3, {"has no column 'dACC'"}));
  words = ppi_words(folder, "out");
  words.insert(words.end(), {"--hrf", "fir"});
  EXPECT_TRUE(fails_with(run_program(words), 2, {"a response of one shape"}));
  EXPECT_TRUE(everything_in(folder / "out").empty());
}

TEST(BetaSeriesCommand, CorrelatesByCondition) {
  const TemporaryFolder folder;
  Words words{"beta-series"};
  Words join{"--join"};
  for (int person = 1; person <= 8; ++person) {
    const CounterRandom random(3, uint64_t(person));
    std::string regions = "trial_number\tseed\tother\n", trials = "trial_number\tkind\n";
    for (int t = 1; t <= 40; ++t) {
      const double seed = random.normal(uint64_t(2 * t)),
                   noise = random.normal(uint64_t(2 * t + 1));
      regions += fmt::format("{}\t{}\t{}\n", t, seed, t % 2 ? seed + noise : noise);
      if (t == 39) continue;  // in no joined table
      trials += fmt::format("{}\t{}\n", t, t == 40 ? "n/a" : t % 2 ? "coupled" : "free");
    }
    words.push_back(folder / fmt::format("sub-{:02}_trialRegions.tsv", person));
    join.push_back(folder / fmt::format("sub-{:02}_trials.tsv", person));
    write_text(words.back(), regions);
    write_text(join.back(), trials);
  }
  words.insert(words.end(), join.begin(), join.end());
  words.insert(words.end(), {"--seed", "seed", "--regions", "other", "--by", "kind", "-o",
                             folder / "out", "--log-level", "error"});
  const CommandResult result = run_program(words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("seed and other in coupled: positive"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("seed and other, coupled less free: positive"), std::string::npos);
  EXPECT_NE(result.out.find("8 of 320 trials have no row in"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("16 of 320 trials have no kind and are left out"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("uncorrected p"), std::string::npos) << result.out;
  const Json json = read_json(folder / "out/betaSeries.json");
  // These tables name no run: that each counts as one is said, not hidden.
  EXPECT_EQ(json["AmplitudesCentred"], "within each table's trials of the condition");
  EXPECT_NE(read_bytes(folder / "out/betaSeries.txt").find("no column gives the run"),
            std::string::npos);
  EXPECT_EQ(json["TrialsWithoutMatch"], 8);
  EXPECT_EQ(json["TrialsWithoutCondition"], 16);
  // The means over participants are those of the correlations by participant.
  const Table series = read_table(folder / "out/betaSeries.tsv"),
              tests = read_table(folder / "out/betaSeriesTests.tsv");
  ASSERT_EQ(series.rows.size(), 16u);
  double sum = 0;
  for (size_t i = 0; i < 16; ++i) {
    const bool coupled = series.rows[i][1] == "coupled";
    EXPECT_EQ(series.rows[i][size_t(series.find("n"))], "19");
    if (coupled) sum += number_in(series, i, series.find("z"));
  }
  EXPECT_EQ(tests.rows[0][0], "coupled");
  EXPECT_NEAR(number_in(tests, 0, tests.find("mean")), sum / 8, 1e-12);
  // atanh of the correlation 1 / sqrt(2) of the coupled condition is 0.88.
  EXPECT_NEAR(sum / 8, 0.88, 0.25);
  EXPECT_EQ(read_table(folder / "out/betaSeriesTests.tsv").rows.size(), 3u);
}

/// Trials of two people in three runs, and what is said of those that are not correlated.
TEST(BetaSeriesCommand, SaysWhatIsNotCorrelated) {
  const TemporaryFolder folder;
  Words tables;
  for (int person = 1; person <= 3; ++person) {
    const CounterRandom random(4, uint64_t(person));
    std::string table = "participant_id\ttrial_number\trun_number\tkind\tseed\tother\tflat\n";
    for (int t = 1; t <= 24; ++t) {
      const bool nobody = person == 2 && t == 5;
      const std::string seed = t == 7 ? "n/a" : format_number(random.normal(uint64_t(2 * t)));
      // Of the third, one condition has two trials only.
      const bool rare = person == 3 ? t < 3 : t % 2 == 0;
      table += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t1\n",
                           nobody ? "n/a" : fmt::format("sub-{:02}", person), t, (t - 1) / 8 + 1,
                           rare ? "rare" : "common", seed,
                           format_number(random.normal(uint64_t(2 * t + 1))));
    }
    tables.push_back(folder / fmt::format("trials-{}.tsv", person));
    write_text(tables.back(), table);
  }
  const auto run = [&](const Words& more) {
    Words words{"beta-series"};
    words.insert(words.end(), tables.begin(), tables.end());
    words.insert(words.end(), {"--seed", "seed", "--by", "kind", "-o", folder / "out",
                               "--overwrite", "--log-level", "warning"});
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  };
  const CommandResult result = run({"--regions", "other"});
  ASSERT_TRUE(exits_with(result, 0));
  const std::string text = read_bytes(folder / "out/betaSeries.txt");
  for (const char* caution :
       {"1 of 72 trials have no participant_id and are left out",
        "3 of 72 trials have no amplitude in seed and are left out of its correlations",
        "sub-03 has no correlation in some condition or region (n/a in betaSeries.tsv: too few "
        "trials, or amplitudes that do not vary)"}) {
    // On the terminal as warnings, and with the results.
    EXPECT_NE(result.err.find(caution), std::string::npos) << caution << " in " << result.err;
    EXPECT_NE(text.find(std::string("Caution: ") + caution + ".\n"), std::string::npos) << text;
  }
  EXPECT_EQ(text.find("no column gives the run"), std::string::npos) << text;
  EXPECT_EQ(text.find("have no row in"), std::string::npos) << text;
  EXPECT_NE(text.find("in rare: not tested, 2 participant(s) have a correlation."),
            std::string::npos)
      << text;
  const Table series = read_table(folder / "out/betaSeries.tsv");
  for (size_t i = 0; i < series.rows.size(); ++i) {
    const bool missing = series.rows[i][0] == "sub-03" && series.rows[i][1] == "rare";
    EXPECT_EQ(series.rows[i][size_t(series.find("r"))] == "n/a", missing) << i;
  }
  // Amplitudes that do not vary correlate with nothing: all are named, and nothing is tested.
  const CommandResult flat = run({"--regions", "flat"});
  ASSERT_TRUE(exits_with(flat, 0));
  EXPECT_NE(flat.out.find("sub-01, sub-02, sub-03 have no correlation"), std::string::npos)
      << flat.out;
  EXPECT_NE(flat.out.find("not tested, 0 participant(s) have a correlation"), std::string::npos)
      << flat.out;
}

}  // namespace connectivity_commands
}  // namespace sociometer::testing
