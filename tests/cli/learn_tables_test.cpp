// The command `learn` on tables in other layouts: synthetic, in the layouts of hBayesDM, cbm and
// of laboratories that store all participants in one file.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/learning/learner.hpp"
#include "engine/learning/signals.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/social_study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Words learn_table(const TemporaryFolder& folder, const std::string& table,
                  const std::string& mapping, const Words& more = {}) {
  write_text(folder / "columns.json", mapping);
  Words words{"learn",       folder / table, folder / "out", "--columns", folder / "columns.json",
              "--log-level", "error"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Rounds of a participant who learns only from outcomes, with two options.
Participant bandit_player(const std::string& label, uint64_t seed) {
  const CounterRandom random(seed, 1);
  std::vector<Round> rounds;
  for (size_t i = 0; i < 60; ++i)
    rounds.push_back({0,
                      {0, 1},
                      {{kMissing, double(random.uniform(2 * i) < 0.7)},
                       {kMissing, double(random.uniform(2 * i + 1) < 0.4)}}});
  const std::vector<double> p{3};
  Participant person{label, {"1", "2"}, {}};
  person.trials =
      simulate_choices(*make_learner("outcome", {}), {}, 2, rounds, p, CounterRandom(seed, 2));
  return person;
}

double likelihood_in(const std::string& folder, const std::string& task, const std::string& who,
                     const std::string& model) {
  const Table fits = read_table(folder + "/out/task-" + task + "_fits.tsv");
  for (size_t row = 0; row < fits.rows.size(); ++row)
    if (fits.rows[row][0] == who && fits.rows[row][1] == model)
      return number_in(fits, row, fits.find("log_likelihood"));
  return kMissing;
}

/// Log likelihood of the participant at the estimate written by the command.
double likelihood_of(const std::string& folder, const std::string& task, const Participant& person,
                     const std::string& model) {
  const Table table = read_table(folder + "/out/task-" + task + "_parameters.tsv");
  std::vector<double> p;
  for (size_t row = 0; row < table.rows.size(); ++row)
    if (table.rows[row][0] == "sub-" + person.label && table.rows[row][1] == model)
      p.push_back(number_in(table, row, table.find("estimate")));
  return log_likelihood<double>(*make_learner(model, {}), {}, person, p);
}

constexpr const char* kBandit = R"({"participant": "subjID", "trial_type": null,
  "options": [{"constant": "1"}, {"constant": "2"}], "chosen": "choice",
  "outcome": {"column": "outcome", "range": [-1, 1]}, "rank": null})";

std::string bandit_table(const std::vector<Participant>& people, char separator) {
  std::string text = "subjID\ttrial\tchoice\toutcome\n";
  for (const auto& person : people)
    for (size_t i = 0; i < person.trials.size(); ++i)
      text += person.label + "\t" + std::to_string(i + 1) + "\t" +
              person.options[size_t(person.trials[i].chosen)] + "\t" +
              (person.trials[i].outcome == 1 ? "1" : "-1") + "\n";
  for (char& c : text)
    if (c == '\t') c = separator;
  return text;
}

TEST(LearnTables, ReadsTheTwoArmedBanditOfHBayesDm) {
  const std::vector<Participant> people{bandit_player("2", 4), bandit_player("10", 5)};
  for (char separator : {'\t', ',', ';', ' '}) {
    const TemporaryFolder folder;
    write_text(folder / "bandit2arm_exampleData.txt", bandit_table(people, separator));
    ASSERT_TRUE(exits_with(run_program(learn_table(folder, "bandit2arm_exampleData.txt", kBandit,
                                                   {"--models", "outcome,rw-outcome"})),
                           0));
    const std::string task = "bandit2armExampleData";
    for (const auto& person : people)
      for (const char* model : {"outcome", "rw-outcome"})
        EXPECT_TRUE(
            close_number(likelihood_in(folder.path().string(), task, "sub-" + person.label, model),
                         likelihood_of(folder.path().string(), task, person, model), 1e-12));
    const Table signals = read_table(folder / ("out/task-" + task + "_desc-signals_beh.tsv"));
    ASSERT_EQ(signals.rows.size(), 120u);
    EXPECT_EQ(signals.rows[0][0], "2") << "people in natural order";
    const Json sidecar = read_json(folder / ("out/task-" + task + "_desc-signals_beh.json"));
    EXPECT_TRUE(sidecar.at("Columns").at("onset").is_null());
    EXPECT_EQ(sidecar.at("ModelParameters").size(), 2u);
    for (size_t row = 0; row < 60; ++row) {
      const double before = number_in(signals, row, signals.find("outcome_value_before")),
                   after = number_in(signals, row, signals.find("outcome_value_after")),
                   update = number_in(signals, row, signals.find("outcome_update"));
      EXPECT_TRUE(close_number(update, after - before, 1e-12, 1));
      EXPECT_TRUE(close_number(number_in(signals, row, signals.find("outcome_update_unsigned")),
                               std::abs(update), 1e-15, 1));
    }
  }
}

TEST(LearnTables, ReadsFourArmsWithGainAndLoss) {
  const TemporaryFolder folder;
  std::string text = "subjID\tchoice\tgain\tloss\n";
  const CounterRandom random(3, 1);
  Participant person{"1", {"1", "2", "3", "4"}, {}};
  for (uint64_t i = 0; i < 50; ++i) {
    Trial t{0, {0, 1, 2, 3}, int(4 * random.uniform(3 * i))};
    const int gain = 50 + 50 * (random.uniform(3 * i + 1) < 0.5);
    const int loss = random.uniform(3 * i + 2) < 0.3 ? -250 : 0;
    t.outcome = (gain + loss + 200) / 300.0;
    text += "1\t" + std::to_string(t.chosen + 1) + "\t" + std::to_string(gain) + "\t" +
            std::to_string(loss) + "\n";
    person.trials.push_back(t);
  }
  write_text(folder / "igt.txt", text);
  ASSERT_TRUE(exits_with(run_program(learn_table(folder, "igt.txt", R"({"participant": "subjID",
      "trial_type": null, "chosen": "choice", "rank": null,
      "options": [{"constant": "1"}, {"constant": "2"}, {"constant": "3"}, {"constant": "4"}],
      "outcome": {"sum": ["gain", "loss"], "range": [-200, 100]}})",
                                                 {"--models", "random,outcome,rw-outcome+stick"})),
                         0));
  for (const char* model : {"outcome", "rw-outcome+stick"})
    EXPECT_TRUE(close_number(likelihood_in(folder.path().string(), "igt", "sub-1", model),
                             likelihood_of(folder.path().string(), "igt", person, model), 1e-12));
  EXPECT_TRUE(close_number(likelihood_in(folder.path().string(), "igt", "sub-1", "random"),
                           -50 * std::log(4), 1e-12));
  const Table fits = read_table(folder / "out/task-igt_fits.tsv");
  EXPECT_TRUE(close_number(number_in(fits, 0, fits.find("pseudo_r2")), 0, 1e-12, 1));
}

TEST(LearnTables, ReadsRunsOfOneFileAndQuotedCells) {
  // The social study, once as BIDS and once as one CSV with all participants and columns.
  const TemporaryFolder folder;
  write_social_study(folder / "study", 4, 20);
  std::string text;
  for (const char* label : {"01", "02", "03", "04"})
    for (int run : {0, 1}) {
      const Table part = read_table(folder / ("study/" + events_path(label, run)));
      if (text.empty()) {
        text = "\"subject, code\",block";
        for (const auto& name : part.names) text += "," + name;
        text += "\r\n";
      }
      for (const auto& row : part.rows) {
        text += "\"" + std::string(label) + "\"," + std::to_string(run + 1);
        for (const auto& cell : row) text += ",\"" + cell + "\"";
        text += "\r\n";
      }
    }
  write_text(folder / "all.csv", "\xEF\xBB\xBF" + text);
  Words bids{"learn", folder / "study", folder / "bids", "--log-level", "error"};
  ASSERT_TRUE(exits_with(run_program(bids), 0));
  ASSERT_TRUE(
      exits_with(run_program(learn_table(folder, "all.csv",
                                         R"({"participant": "subject, code", "run": "block"})",
                                         {"--task", "social"})),
                 0));
  for (const char* name : {"parameters", "fits", "comparison", "staySwitch"})
    EXPECT_EQ(read_bytes(folder / ("out/task-social_" + std::string(name) + ".tsv")),
              read_bytes(folder / ("bids/task-social_" + std::string(name) + ".tsv")))
        << name;
  // Without a mapping for runs, trial numbers occur twice.
  EXPECT_TRUE(
      fails_with(run_program(learn_table(folder, "all.csv", R"({"participant": "subject, code"})")),
                 3, {"two choices", "run"}));
}

TEST(LearnTables, RefusesCodesOfHiddenRanksByLineAndValue) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 1, 20);
  const std::string path = folder / ("study/" + events_path("01", 0));
  std::string text = read_bytes(path), all;
  // Hidden ranks coded 99, without a column for visibility.
  const Table table = read_table(path);
  int first_line = 0;
  std::vector<std::vector<std::string>> rows = table.rows;
  for (size_t row = 0; row < rows.size(); ++row) {
    if (rows[row][size_t(table.find("rank_visible"))] != "0") continue;
    rows[row][size_t(table.find("rank"))] = "99";
    if (first_line == 0) first_line = table.line_numbers[row];
  }
  ASSERT_GT(first_line, 0);
  write_text(path, to_tsv(table.names, rows));
  EXPECT_TRUE(fails_with(run_program(learn_table(folder, "study", R"({"rank_visible": null})")), 3,
                         {"line " + std::to_string(first_line), "'99'", "missing"}));
  ASSERT_TRUE(exits_with(
      run_program({"learn", folder / "study", folder / "visible", "--log-level", "error"}), 0));
  std::string second = folder / ("study/" + events_path("01", 1));
  const Table other = read_table(second);
  rows = other.rows;
  for (auto& row : rows)
    if (row[size_t(other.find("rank_visible"))] == "0") row[size_t(other.find("rank"))] = "99";
  write_text(second, to_tsv(other.names, rows));
  ASSERT_TRUE(
      exits_with(run_program(learn_table(
                     folder, "study",
                     R"({"rank_visible": null, "rank": {"column": "rank", "missing": [99]}})")),
                 0));
  EXPECT_EQ(read_bytes(folder / "out/task-social_parameters.tsv"),
            read_bytes(folder / "visible/task-social_parameters.tsv"));
}

TEST(LearnTables, ModulatorsOfAbsoluteValuesAreThoseOfAColumnOfThem) {
  const TemporaryFolder folder;
  std::string text = "onset\tduration\ttrial_type\tx\tsize\n";
  for (int i = 0; i < 12; ++i) {
    const double x = (i * 7) % 11 - 5;
    text += std::to_string(8 * i) + "\t0\tfeedback\t" + (i == 4 ? "n/a" : format_number(x)) + "\t" +
            (i == 4 ? "n/a" : format_number(std::abs(x))) + "\n";
  }
  write_text(folder / "events.tsv", text);
  std::vector<std::vector<double>> columns;
  for (const std::string name : {"abs(x)", "size"}) {
    const std::string out = folder / (name == "size" ? "theirs" : "ours");
    ASSERT_TRUE(
        exits_with(run_program({"design", "--events", folder / "events.tsv", "--tr", "2",
                                "--n-scans", "60", "--modulators", "feedback:" + name, "--contrast",
                                "size=-feedback:" + name, "--log-level", "error", "-o", out}),
                   0));
    const Table design = read_table(out + "/design.tsv");
    ASSERT_GE(design.find("feedback:" + name), 0);
    columns.emplace_back();
    for (size_t row = 0; row < design.rows.size(); ++row)
      columns.back().push_back(number_in(design, row, design.find("feedback:" + name)));
  }
  EXPECT_EQ(columns[0], columns[1]);
  EXPECT_NE(columns[0], std::vector<double>(60, 0.0));
}

TEST(LearnTables, PriorsFollowTheNumberOfRanks) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 1, 20);
  write_text(folder / "settings.json", R"({"n_ranks": 10, "rank_variance": 3})");
  ASSERT_TRUE(exits_with(run_program({"learn", folder / "study", folder / "out", "--settings",
                                      folder / "settings.json", "--log-level", "error"}),
                         0));
  const Json settings = read_json(folder / "out/task-social_parameters.json").at("Settings");
  EXPECT_EQ(settings.at("rank_mean"), 5.5);
  EXPECT_EQ(settings.at("rank_variance"), 3);
  EXPECT_EQ(settings.at("counterfactual"), "learn");
}

}  // namespace
}  // namespace sociometer::testing
