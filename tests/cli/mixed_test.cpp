// `mixed` as a user runs it.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace mixed_command {

CommandResult run_mixed(const TemporaryFolder& folder, Words words,
                        const std::string& out = "out") {
  words.insert(words.begin(), "mixed");
  words.insert(words.end(), {"--log-level", "warning", "-o", folder / out});
  return run_program(words);
}

double number_at(const Table& table, const std::string& first, const std::string& column) {
  for (const auto& row : table.rows)
    if (row[0] == first) return std::stod(row[size_t(table.find(column))]);
  ADD_FAILURE() << "no row " << first;
  return NAN;
}

const char* const kSleep = "Reaction ~ Days + (1 + Days | Subject)";

TEST(Mixed, WritesWhatLme4Computes) {
  const TemporaryFolder folder;
  const CommandResult result = run_mixed(folder, {golden("r/mixed/sleepstudy.tsv"), "--formula",
                                                  kSleep, "--participant-column", "Subject"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("Days is positive: 10.47, 95 % interval [7.206, 13.73], t(17.0) = 6.77,"
                            " p < 0.001."),
            std::string::npos)
      << result.out;
  const Table effects = read_table(folder / "out/mixedEffects.tsv");
  EXPECT_NEAR(number_at(effects, "Days", "estimate"), 10.4672859596, 1e-6);
  EXPECT_NEAR(number_at(effects, "Days", "standard_error"), 1.54578893243, 1e-5);
  EXPECT_NEAR(number_at(effects, "Days", "dof"), 17, 1e-4);
  const Table variances = read_table(folder / "out/mixedVariances.tsv");
  EXPECT_NEAR(number_at(variances, "residual", "sd"), 25.5918, 1e-4);
  EXPECT_EQ(variances.rows.size(), 4u);
  EXPECT_EQ(read_table(folder / "out/mixedModes.tsv").rows.size(), 36u);
  EXPECT_EQ(read_table(folder / "out/mixedRows.tsv").rows.size(), 180u);
  const Json json = read_json(folder / "out/mixedEffects.json");
  EXPECT_EQ(json["Record"], "sociometer/mixed-effects 1");
  EXPECT_EQ(json["Formula"], "Reaction ~ 1 + Days + (1 + Days | Subject)");
  EXPECT_EQ(json["Levels"]["Subject"], 18);
  EXPECT_TRUE(json["Converged"].get<bool>());
}

/// Two people with three trials in each of two images.
std::string small_trials(const std::string& extra = "") {
  std::string table = "participant_id\ttrial_number\trun_number\tonset\tamplitude\tspeed\n";
  for (int p = 1; p <= 2; ++p)
    for (int t = 1; t <= 6; ++t)
      table += fmt::format("sub-0{}\t{}\t{}\t{}\t{}\t{}\n", p, t, (t + 2) / 3, 10 * t, p + t % 4,
                           t * t % 5);
  return table + extra;
}

TEST(Mixed, RefusesTrialsThatWouldCountTwice) {
  const TemporaryFolder folder;
  write_text(folder / "t.tsv", small_trials());
  std::filesystem::create_directory(folder / "copy");
  write_text(folder / "copy/t.tsv", small_trials());
  const Words model{"--formula", "amplitude ~ speed + (1 | participant_id)"};
  const auto refused = [&](Words words, const std::string& part) {
    words.insert(words.end(), model.begin(), model.end());
    const CommandResult result = run_mixed(folder, words, "never");
    EXPECT_TRUE(exits_with(result, 3)) << part;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  };
  refused({folder / "t.tsv", folder / "copy/t.tsv"}, "its trials would count twice");
  write_text(folder / "twice.tsv", small_trials("sub-02\t6\t2\t60\t9\t1\n"));
  refused({folder / "twice.tsv"}, "line 14: trial_number 6 is that of line 13");
}

TEST(Mixed, RefusesRunsThatAreNumbersHereAndLabelsThere) {
  const TemporaryFolder folder;
  write_text(folder / "t.tsv", small_trials());
  write_text(folder / "b.tsv", "participant_id\trun\ttrial\trt\nsub-01\t2\t1\t.5\n");
  const CommandResult result = run_mixed(folder,
                                         {folder / "t.tsv", "--join", folder / "b.tsv", "--formula",
                                          "rt ~ speed + (1 | participant_id)"},
                                         "never");
  EXPECT_TRUE(exits_with(result, 3));
  EXPECT_NE(result.err.find("in a column 'run_number'"), std::string::npos) << result.err;
}

TEST(Mixed, RefusesNumbersWithDecimalCommasAndSaysWhereLagsFollowRowsOutOfOrder) {
  const TemporaryFolder folder;
  std::string commas = "participant_id\ttrial_number\tamplitude\tspeed\n";
  for (int t = 1; t <= 12; ++t)
    commas += fmt::format("sub-01\t{}\t{}\t{},{}\n", t, t % 5, t, t * 7 % 10);
  write_text(folder / "c.tsv", commas);
  const CommandResult refused = run_mixed(
      folder, {folder / "c.tsv", "--formula", "amplitude ~ speed + (1 | participant_id)"}, "never");
  EXPECT_TRUE(exits_with(refused, 3));
  EXPECT_NE(refused.err.find("1,7"), std::string::npos) << refused.err;
  std::string unordered = "participant_id\ttrial_number\tamplitude\tspeed\n";
  for (int t : {3, 1, 2, 6, 5, 4, 8, 7, 10, 9, 12, 11})
    unordered += fmt::format("sub-01\t{}\t{}\t{}\n", t, t * t % 7, t * 3 % 5);
  write_text(folder / "u.tsv", unordered);
  const CommandResult warned = run_mixed(folder, {folder / "u.tsv", "--lag", "speed", "--formula",
                                                  "amplitude ~ speed_lag1 + (1 | participant_id)"});
  EXPECT_NE(warned.err.find("not in the order of trial_number (row 2)"), std::string::npos)
      << warned.err;
}

TEST(Mixed, SaysThatParticipantsAreNotInTheModel) {
  const TemporaryFolder folder;
  const auto run = [&](const char* formula, const char* out) {
    return run_mixed(folder,
                     {golden("r/mixed/trials.tsv"), "--participant-column", "participant",
                      "--formula", formula},
                     out)
        .out;
  };
  const char* words = "no random effect is over participant, whose 24 levels";
  EXPECT_NE(run("beta ~ 1 + (1 | condition)", "a").find(words), std::string::npos);
  EXPECT_EQ(run("beta ~ 1 + (1 | participant:run)", "b").find(words), std::string::npos);
}

TEST(Mixed, SaysWhatIsSingular) {
  const TemporaryFolder folder;
  const CommandResult result =
      run_mixed(folder, {golden("r/mixed/dyestuff2.tsv"), "--formula", "Yield ~ 1 + (1 | Batch)"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("the fit is singular: the variance of intercept over Batch is "
                            "estimated as 0"),
            std::string::npos)
      << result.out;
}

/// Tables of two files per participant: amplitudes, and choices beside them.
void write_study(const TemporaryFolder& folder) {
  const Table all = read_table(golden("r/mixed/trials.tsv"));
  const auto cell = [&](size_t row, const char* name) {
    return all.rows[row][size_t(all.find(name))];
  };
  for (size_t i = 0; i < all.rows.size();) {
    const std::string person = cell(i, "participant");
    std::string regions = "trial_number\tdACC\n",
                trials = "trial_number\trun_number\tchoice\tupdate\n";
    for (int n = 1; i < all.rows.size() && cell(i, "participant") == person; ++i, ++n) {
      regions += fmt::format("{}\t{}\n", n, n == 7 ? "n/a" : cell(i, "beta"));
      trials +=
          fmt::format("{}\t{}\t{}\t{}\n", n, cell(i, "run"), cell(i, "choice"), cell(i, "update"));
    }
    write_text(folder / ("sub-" + person + "_trialRegions.tsv"), regions);
    write_text(folder / ("sub-" + person + "_trials.tsv"), trials);
  }
}

Words study_words(const TemporaryFolder& folder) {
  Words words, join{"--join"};
  for (int i = 1; i <= 24; ++i) {
    words.push_back(folder / fmt::format("sub-p{:02}_trialRegions.tsv", i));
    join.push_back(folder / fmt::format("sub-p{:02}_trials.tsv", i));
  }
  words.insert(words.end(), join.begin(), join.end());
  return words;
}

TEST(Mixed, FollowsTheUpdateIntoTheNextChoice) {
  const TemporaryFolder folder;
  write_study(folder);
  Words words = study_words(folder);
  words.insert(words.end(), {"--lead", "choice", "--stay", "choice", "--center-within", "dACC",
                             "--family", "logistic", "--formula",
                             "choice_lead1 ~ dACC_within + dACC_between + (1 + dACC_within | "
                             "participant_id)"});
  const CommandResult result = run_mixed(folder, words);
  ASSERT_TRUE(exits_with(result, 0));
  // 48 runs have no next trial at their end; 24 amplitudes are missing.
  EXPECT_NE(result.out.find("1368 rows, 24 participant_id"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("72 rows left out for a missing value"), std::string::npos)
      << result.out;
  const Table rows = read_table(folder / "out/mixedRows.tsv");
  EXPECT_EQ(rows.rows.size(), 1368u);
  const Json json = read_json(folder / "out/mixedRows.json");
  EXPECT_EQ(json["JoinedBy"], Json::array({"participant_id", "trial_number"}));
  EXPECT_EQ(json["TrialsFollowWithin"], Json::array({"participant_id", "run_number"}));
}

TEST(Mixed, MediatesBesideAModel) {
  const TemporaryFolder folder;
  Words words{golden("r/mixed/trials.tsv"), "--participant-column", "participant", "--mediation",
              "update,value,beta",          "--bootstraps",         "500"};
  const CommandResult result = run_mixed(folder, words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("is not shown to go along with value"), std::string::npos)
      << result.out;
  EXPECT_EQ(read_table(folder / "out/mediation.tsv").rows.size(), 5u);
  EXPECT_EQ(read_table(folder / "out/mediationSlopes.tsv").rows.size(), 24u);
  words.insert(words.end(), {"--threads", "2"});
  ASSERT_TRUE(exits_with(run_mixed(folder, words, "again"), 0));
  EXPECT_TRUE(same_files(folder / "out", folder / "again", ".tsv"));
}

TEST(Mixed, KeepsSessionsApart) {
  const TemporaryFolder folder;
  Words words, join{"--join"};
  for (int p = 1; p <= 6; ++p)
    for (int s = 1; s <= 2; ++s) {
      std::string values = "trial\tvalue\n", others = "trial\ty\n";
      for (int t = 1; t <= 6; ++t) {
        values += fmt::format("{}\t{}\n", t, 100 * p + 10 * s + (t * p * 7 + s) % 5);
        others += fmt::format("{}\t{}\n", t, 1000 * s + (t * t * p) % 7);
      }
      const std::string stem = folder / fmt::format("sub-{:02}_ses-{}_task-x_run-1_", p, s);
      write_text(stem + "a.tsv", values);
      write_text(stem + "b.tsv", others);
      words.push_back(stem + "a.tsv");
      join.push_back(stem + "b.tsv");
    }
  words.insert(words.end(), join.begin(), join.end());
  words.insert(words.end(),
               {"--lag", "value", "--formula", "y ~ value_lag1 + (1 | participant_id)"});
  const CommandResult result = run_mixed(folder, words);
  ASSERT_TRUE(exits_with(result, 0));
  // The first trial of each of 12 files has none before it.
  EXPECT_NE(result.out.find("60 rows, 6 participant_id"), std::string::npos) << result.out;
  const Json json = read_json(folder / "out/mixedRows.json");
  EXPECT_EQ(json["TrialsFollowWithin"], Json::array({"participant_id", "session", "run"}));
  EXPECT_EQ(json["TrialsFollowWithinFiles"], true);
  EXPECT_EQ(json["JoinedBy"], Json::array({"participant_id", "session", "task", "run", "trial"}));
}

TEST(Mixed, DrawsNoConclusionOfSeparatedResponses) {
  const TemporaryFolder folder;
  std::string text = "participant_id\tc\ty\n";
  for (int p = 0; p < 8; ++p)
    for (int t = 0; t < 20; ++t)
      text += fmt::format("s{}\t{}\t{}\n", p, t % 2 ? "B" : "A", t % 2 || (t / 2 + p) % 3 == 0);
  write_text(folder / "trials.tsv", text);
  const CommandResult result = run_mixed(folder, {folder / "trials.tsv", "--family", "logistic",
                                                  "--formula", "y ~ c + (1 | participant_id)"});
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.out.find("c[B] has no finite estimate; no conclusion is drawn."),
            std::string::npos)
      << result.out;
  const Table effects = read_table(folder / "out/mixedEffects.tsv");
  EXPECT_EQ(effects.rows[1][size_t(effects.find("standard_error"))], "inf");
  EXPECT_EQ(effects.rows[1][size_t(effects.find("p"))], "n/a");
}

TEST(Mixed, RecordsVariancesThatAreNotIdentified) {
  // Two factors that are one: only the sum of their variances is known.
  const TemporaryFolder folder;
  std::string text = "participant_id\ttwin\ty\n";
  for (int i = 0; i < 80; ++i)
    text +=
        fmt::format("s{0}\tt{0}\t{1}\n", i / 5, (i * i * 7 + i * 3) % 101 + 9 * (i / 5 * 29 % 47));
  write_text(folder / "trials.tsv", text);
  const CommandResult flat = run_mixed(
      folder, {folder / "trials.tsv", "--formula", "y ~ 1 + (1 | participant_id) + (1 | twin)"});
  ASSERT_TRUE(exits_with(flat, 0));
  EXPECT_NE(flat.out.find("variances of the random effects are not identified"), std::string::npos)
      << flat.out;
  EXPECT_EQ(read_json(folder / "out/mixedEffects.json")["VariancesNotIdentified"], true);
  EXPECT_EQ(read_json(folder / "out/mixedVariances.json")["VariancesNotIdentified"], true);
  const CommandResult plain = run_mixed(
      folder, {folder / "trials.tsv", "--formula", "y ~ 1 + (1 | participant_id)"}, "one");
  ASSERT_TRUE(exits_with(plain, 0));
  EXPECT_EQ(plain.out.find("not identified"), std::string::npos) << plain.out;
  EXPECT_EQ(read_json(folder / "one/mixedEffects.json")["VariancesNotIdentified"], false);
}

/// The sleep study with other days.
Table fit_of_days(const TemporaryFolder& folder, double factor, double added,
                  const std::string& formula, const std::string& name) {
  Table table = read_table(golden("r/mixed/sleepstudy.tsv"));
  const auto days = size_t(table.find("Days"));
  for (auto& row : table.rows) row[days] = format_number(factor * std::stod(row[days]) + added);
  write_text(folder / (name + ".tsv"), to_tsv(table.names, table.rows));
  EXPECT_TRUE(exits_with(
      run_mixed(folder,
                {folder / (name + ".tsv"), "--formula", formula, "--participant-column", "Subject"},
                name),
      0));
  return read_table(folder / (name + "/mixedEffects.tsv"));
}

TEST(Mixed, DoesNotDependOnUnitsNorMeansBesideACorrelation) {
  const TemporaryFolder folder;
  const Table plain = fit_of_days(folder, 1, 0, kSleep, "plain"),
              moved = fit_of_days(folder, 1, 2000, kSleep, "moved"),
              hours = fit_of_days(folder, 24, 0, kSleep, "hours");
  for (const char* column : {"estimate", "standard_error", "t", "dof", "p"})
    EXPECT_NEAR(number_at(moved, "Days", column) / number_at(plain, "Days", column), 1, 1e-4)
        << column;
  EXPECT_NEAR(24 * number_at(hours, "Days", "estimate"), number_at(plain, "Days", "estimate"),
              1e-5);
  EXPECT_NEAR(number_at(hours, "Days", "t"), number_at(plain, "Days", "t"), 1e-4);
  // Without a correlation a constant makes another model.
  const std::string apart = "Reaction ~ Days + (1 + Days || Subject)";
  const Table uncorrelated = fit_of_days(folder, 1, 0, apart, "apart"),
              elsewhere = fit_of_days(folder, 1, 20, apart, "elsewhere");
  EXPECT_GT(std::abs(number_at(elsewhere, "Days", "standard_error") /
                         number_at(uncorrelated, "Days", "standard_error") -
                     1),
            1e-3);
}

TEST(Mixed, CountsRowsWithoutAMatchAndRefusesOtherValues) {
  const TemporaryFolder folder;
  std::string first = "participant_id\ttrial\ty\tx\n", second = "participant_id\ttrial\tz\tx\n";
  for (int i = 0; i < 60; ++i) {
    const int person = i / 10, trial = i % 10 + 1, x = (i * 7) % 5;
    // x is missing in the first table where the trial is 3; trial 10 has no row in the second.
    first += fmt::format("s{}\t{}\t{}\t{}\n", person, trial, (i * 13) % 11,
                         trial == 3 ? std::string("n/a") : std::to_string(x));
    if (trial < 10) second += fmt::format("s{}\t{}\t{}\t{}\n", person, trial, (i * 5) % 9, x);
  }
  write_text(folder / "a.tsv", first);
  write_text(folder / "b.tsv", second);
  const Words words{folder / "a.tsv", "--join", folder / "b.tsv", "--formula",
                    "y ~ z + x + (1 | participant_id)"};
  const CommandResult result = run_mixed(folder, words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("6 of 60 rows have no row with their participant_id, trial"),
            std::string::npos)
      << result.err;
  EXPECT_NE(result.out.find("6 rows left out for a missing value (z in 6)"), std::string::npos)
      << result.out;
  EXPECT_EQ(read_table(folder / "out/mixedRows.tsv").rows.size(), 54u);  // x of trial 3 from b.tsv
  const size_t end = second.find('\n', second.find("s0\t1\t"));
  second.replace(end - 1, 1, "4");  // x of the first trial was 0
  write_text(folder / "b.tsv", second);
  EXPECT_TRUE(
      fails_with(run_mixed(folder, words, "bad"), 3, {"column 'x'", "'0'", "'4'", "rename"}));
  EXPECT_TRUE(everything_in(folder / "bad").empty());
}

TEST(Mixed, CautionsOfEffectsWithoutRandomSlopes) {
  const TemporaryFolder folder;
  const auto run = [&](const char* formula, const char* out) {
    return run_mixed(folder,
                     {golden("r/mixed/sleepstudy.tsv"), "--participant-column", "Subject",
                      "--formula", formula},
                     out)
        .out;
  };
  const char* caution = "Days varies within Subject without a random slope";
  EXPECT_NE(run("Reaction ~ Days + (1 | Subject)", "a").find(caution), std::string::npos);
  EXPECT_EQ(run(kSleep, "b").find(caution), std::string::npos);
}

TEST(Mixed, TakesTheValueThatCountsAsZero) {
  const TemporaryFolder folder;
  const auto fit = [&](const Words& more, const char* out) {
    Words words{golden("r/mixed/trials.tsv"),
                "--family",
                "logistic",
                "--formula",
                "choice ~ update + (1 | participant)",
                "--participant-column",
                "participant"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_TRUE(exits_with(run_mixed(folder, words, out), 0));
    return number_at(read_table(folder / (std::string(out) + "/mixedEffects.tsv")), "update",
                     "estimate");
  };
  EXPECT_NEAR(fit({}, "plain"), -fit({"--reference", "choice=1"}, "turned"), 1e-4);
}

TEST(Mixed, RefusesBadInputInOneLine) {
  const TemporaryFolder folder;
  const std::string table = golden("r/mixed/sleepstudy.tsv");
  EXPECT_TRUE(fails_with(run_mixed(folder, {table, "--formula", "Reaction ~ Day + (1 | Subject)"}),
                         3, {"no column 'Day'", "'Days'"}));
  EXPECT_TRUE(fails_with(run_mixed(folder, {table, "--formula", "Reaction ~ log(Days)"}), 2,
                         {"functions are not part of a formula"}));
  EXPECT_TRUE(fails_with(run_mixed(folder, {table, "--formula", kSleep, "--where", "Days=11"}), 3,
                         {"no row has '11' in column 'Days'"}));
  EXPECT_TRUE(fails_with(run_mixed(folder, {table, "--formula", kSleep, "--family", "logistic"}), 3,
                         {"two values"}));
  std::string text = "s\tr\ty\n";
  for (int i = 0; i < 40; ++i)
    text += fmt::format("s{}\t{}\t{}\n", i / 4, i == 5 ? "." : std::to_string(i % 7), i * i % 11);
  write_text(folder / "dot.tsv", text);
  const char* rated = "y ~ r + (1 | s)";
  EXPECT_TRUE(fails_with(run_mixed(folder, {folder / "dot.tsv", "--formula", rated}), 3,
                         {"column 'r' has numbers, but for '.' in", "dot.tsv line 7", "--factor"}));
  EXPECT_TRUE(everything_in(folder / "out").empty());
  EXPECT_TRUE(exits_with(
      run_mixed(folder, {folder / "dot.tsv", "--formula", rated, "--factor", "r"}, "factor"), 0));
}

}  // namespace mixed_command
}  // namespace sociometer::testing
