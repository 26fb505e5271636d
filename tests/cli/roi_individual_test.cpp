// `roi individual` as a user runs it.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/roi_study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// The R golden as a table of region values and a participants table.
struct GoldenStudy {
  TemporaryFolder folder;
  std::string values = folder / "values.tsv", participants = folder / "participants.tsv";
  GoldenStudy() {
    const Table data = read_table(golden("r/individual/data.tsv"));
    std::string cells = "participant_id\troi\tcontrast\tstatistic\tvalue\n";
    std::string people = "participant_id\tanxiety\tdepression\tage\n";
    for (size_t i = 0; i < data.rows.size(); ++i) {
      const auto at = [&](const char* name) { return data.rows[i][size_t(data.find(name))]; };
      for (const char* name : {"A_x", "A_y", "B_x", "B_y"})
        cells += fmt::format("sub-{:02}\t{}\t{}\tmean\t{}\n", i + 1, name[0], name[2], at(name));
      people +=
          fmt::format("sub-{:02}\t{}\t{}\t{}\n", i + 1, at("anxiety"), at("depression"), at("age"));
    }
    write_text(values, cells);
    write_text(participants, people);
  }
  CommandResult run(const Words& more, const std::string& out = "out",
                    const std::string& level = "warning") const {
    Words words{"roi", "individual", values, "--log-level", level, "-o", folder / out};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
};

double r_figure(const std::string& test, const std::string& column, const std::string& what) {
  return std::stod(cell_where(read_table(golden("r/individual/figures.tsv")),
                              {{"test", test}, {"column", column}, {"what", what}}, "value"));
}

TEST(RoiIndividual, WritesWhatRComputes) {
  const GoldenStudy study;
  const CommandResult result =
      study.run({"--participants", study.participants, "--scores", "anxiety", "depression",
                 "--permutations", "500", "--units", "given"});
  ASSERT_TRUE(exits_with(result, 0));
  const Table slopes = read_table(study.folder / "out/individual_slopes.tsv");
  ASSERT_EQ(slopes.rows.size(), 8u);
  for (const std::string column : {"A_x", "A_y", "B_x", "B_y"}) {
    SCOPED_TRACE(column);
    const auto cell = [&](const std::string& what) {
      return std::stod(cell_where(
          slopes,
          {{"region", column.substr(0, 1)}, {"signal", column.substr(2, 1)}, {"score", "anxiety"}},
          what));
    };
    EXPECT_TRUE(close_number(cell("slope"), r_figure("anxiety", column, "slope"), 1e-10, 1e-3));
    EXPECT_TRUE(close_number(cell("p"), r_figure("anxiety", column, "p"), 1e-9));
    EXPECT_TRUE(
        close_number(cell("pearson_lower"), r_figure("pearson", column, "lower"), 1e-9, 0.1));
    EXPECT_TRUE(close_number(cell("spearman_p"), r_figure("spearman", column, "p"), 1e-9));
    EXPECT_TRUE(close_number(cell("robust_slope"), r_figure("huber", column, "slope"), 1e-7, 1e-2));
    EXPECT_GE(cell("p_holm"), cell("p"));
    EXPECT_GE(cell("left_out_q2_p"), 1.0 / 501);
  }
  const Table comparisons = read_table(study.folder / "out/individual_comparisons.tsv");
  const std::string p = cell_where(
      comparisons, {{"compared", "signals"}, {"region", "A"}, {"score", "anxiety"}}, "p");
  EXPECT_TRUE(close_number(std::stod(p), r_figure("signals", "A", "p"), 1e-9));
  const Json json = read_json(study.folder / "out/individual.json");
  EXPECT_EQ(json["Units"], "given");
  EXPECT_EQ(json["Slopes"].size(), 8u);
  EXPECT_EQ(json["Comparisons"].size(), comparisons.rows.size());
  EXPECT_EQ(read_bytes(study.folder / "out/individual.txt"), result.out);
  EXPECT_GT(std::filesystem::file_size(study.folder / "out/individual.png"), 10000u);
}

TEST(RoiIndividual, ReportsWhatTheFiguresShow) {
  const GoldenStudy study;
  const CommandResult result = study.run({"--participants", study.participants, "--scores",
                                          "anxiety", "--regions", "A", "--permutations", "200"});
  ASSERT_TRUE(exits_with(result, 0));
  // y decreases with anxiety, x does not; whether they differ is for the test of the difference.
  const auto says = [&](const std::string& words) {
    return result.out.find(words) != std::string::npos;
  };
  // The mean of y does not differ significantly from 0, so "followed more weakly" must not be said.
  EXPECT_TRUE(says("In A, participants with higher anxiety have lower coefficients of y"))
      << result.out;
  EXPECT_TRUE(says("In A, there is no evidence that x is related to anxiety")) << result.out;
  EXPECT_FALSE(says("more weakly"));
  EXPECT_TRUE(says("In A, the slopes of x and of y on anxiety differ")) << result.out;
}

TEST(RoiIndividual, ReportsMoreWeaklyOnlyForSignalsThatAreFollowed) {
  const GoldenStudy study;
  Table cells = read_table(study.values);
  // The same values with a different mean, which changes no slope.
  for (auto& row : cells.rows)
    if (row[2] == "y") row[4] = fmt::format("{}", std::stod(row[4]) + 3);
  write_text(study.values, to_tsv(cells.names, cells.rows));
  const CommandResult result = study.run({"--participants", study.participants, "--scores",
                                          "anxiety", "--regions", "A", "--permutations", "0"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("In A, participants with higher anxiety follow y more weakly"),
            std::string::npos)
      << result.out;
}

TEST(RoiIndividual, TakesScoresFromSeveralTablesAndLeavesOutWhoLacksOne) {
  const GoldenStudy study;
  std::string wide = "participant_id\tw\tbeta\n";
  for (int i = 1; i <= 36; ++i)
    wide += fmt::format("sub-{:02}\t{}\t{}\n", i, i == 4 ? "n/a" : fmt::format("{}", 0.01 * i * i),
                        i % 5);
  write_text(study.folder / "parameters.tsv", wide);
  const CommandResult result =
      study.run({"--participants", study.participants, study.folder / "parameters.tsv", "--scores",
                 "w", "anxiety", "--covariates", "age", "--together", "--permutations", "0"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("sub-04"), std::string::npos) << result.err;
  const Json json = read_json(study.folder / "out/individual.json");
  EXPECT_EQ(json["Participants"].size(), 35u);
  EXPECT_EQ(json["LeftOut"], Json::array({"sub-04"}));
  EXPECT_EQ(json["Model"], "each score beside the other scores");
  EXPECT_TRUE(json["Slopes"][0]["left_out_q2_p"].is_null());
}

TEST(RoiIndividual, WritesTheSameBytesForAnyThreadCount) {
  const GoldenStudy study;
  const auto run = [&](const char* where, const char* threads) {
    std::filesystem::create_directory(study.folder / where);
    return run_script(
        fmt::format("cd {} && sociometer roi individual ../values.tsv --participants "
                    "../participants.tsv --scores anxiety --permutations 300 -o out "
                    "--log-level warning -j {}",
                    study.folder / where, threads));
  };
  ASSERT_TRUE(exits_with(run("a", "1"), 0));
  ASSERT_TRUE(exits_with(run("b", "7"), 0));
  for (const char* ending : {".tsv", ".txt", ".png"})
    EXPECT_TRUE(same_files(study.folder / "a", study.folder / "b", ending));
}

TEST(RoiIndividual, RefusesInOneLine) {
  const GoldenStudy study;
  const auto refuses = [&](const Words& more, int exit_code, const Words& words) {
    Words all{"--participants", study.participants};
    all.insert(all.end(), more.begin(), more.end());
    const auto result = fails_with(study.run(all, "refused"), exit_code, words);
    if (result && std::filesystem::exists(study.folder / "refused"))
      return ::testing::AssertionFailure() << "something was left";
    return result;
  };
  EXPECT_TRUE(refuses({"--scores", "anxity"}, 3, {"anxity", "participants.tsv"}));
  EXPECT_TRUE(refuses({"--scores", "participant_id"}, 3, {"participant_id", "sub-01", "numbers"}));
  EXPECT_TRUE(refuses({"--scores", "anxiety", "anxiety"}, 2, {"--scores", "anxiety", "twice"}));
  EXPECT_TRUE(refuses({"--scores", "anxiety", "--covariates", "anxiety"}, 2, {"both"}));
  EXPECT_TRUE(refuses({"--scores", "anxiety", "--regions", "C"}, 2, {"C", "A, B"}));
  EXPECT_TRUE(refuses({"--scores", "anxiety", "--units", "volts"}, 2, {"volts", "given"}));
  EXPECT_TRUE(refuses({"--scores", "anxiety", "--units", "regressor-sd"}, 2, {"regressor"}));
  EXPECT_TRUE(refuses({"--scores", "anxiety", "--alpha", "1"}, 2, {"--alpha"}));
  std::string few = "participant_id\tanxiety\n";
  for (int i = 1; i <= 36; ++i) few += fmt::format("sub-{:02}\t{}\n", i, i > 4 ? "n/a" : "5");
  write_text(study.folder / "few.tsv", few);
  EXPECT_TRUE(
      fails_with(study.run({"--participants", study.folder / "few.tsv", "--scores", "anxiety"},
                           "refused", "error"),
                 3, {"4 participant", "need 5"}));
  EXPECT_TRUE(fails_with(
      study.run({"--participants", study.participants, study.participants, "--scores", "anxiety"},
                "refused"),
      3, {"anxiety", "several"}));
}

}  // namespace
}  // namespace sociometer::testing
