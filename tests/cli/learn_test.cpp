// The command `learn` as a user runs it, on small simulated studies.
#include <cmath>
#include <functional>
#include <ostream>

#include <gtest/gtest.h>

#include "engine/learning/signals.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/social_study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Words learn(const TemporaryFolder& folder, const Words& more) {
  Words words{"learn", folder / "study", folder / "out", "--log-level", "error"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Rows of a table in which these columns have these cells.
std::vector<size_t> rows_with(const Table& table,
                              const std::vector<std::pair<std::string, std::string>>& cells) {
  std::vector<size_t> out;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    bool all = true;
    for (const auto& [column, value] : cells)
      all &= table.rows[row][size_t(table.find(column))] == value;
    if (all) out.push_back(row);
  }
  return out;
}

double number_at(const Table& table, size_t row, const std::string& column) {
  return number_in(table, row, table.find(column));
}

TEST(Learn, WritesParametersComparisonAndBehaviour) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 12);
  ASSERT_TRUE(
      exits_with(run_program(learn(folder, {"--models", "hybrid,rank,outcome,random"})), 0));
  const Table parameters = read_table(folder / "out/task-social_parameters.tsv");
  EXPECT_EQ(parameters.rows.size(), 12u * 4);  // w, beta; beta; beta; none
  const auto betas = rows_with(parameters, {{"model", "hybrid"}, {"parameter", "beta"}});
  ASSERT_EQ(betas.size(), 12u);
  double mean = 0;
  for (size_t row : betas) mean += number_at(parameters, row, "estimate") / 12;
  EXPECT_NEAR(mean, 8, 2.5);
  EXPECT_GT(number_at(parameters, betas[0], "standard_error"), 0);

  const Table comparison = read_table(folder / "out/task-social_comparison.tsv");
  const auto hybrid = rows_with(comparison, {{"model", "hybrid"}});
  ASSERT_EQ(hybrid.size(), 1u);
  EXPECT_GT(number_at(comparison, hybrid[0], "protected_exceedance_probability"), 0.9);
  const Json sidecar = read_json(folder / "out/task-social_comparison.json");
  EXPECT_LT(sidecar.at("BayesOmnibusRisk").get<double>(), 0.05);
  EXPECT_EQ(sidecar.at("Settings").at("rank_variance"), 5.25);
  EXPECT_EQ(sidecar.at("Inputs").size(), 24u);

  const Table fits = read_table(folder / "out/task-social_fits.tsv");
  EXPECT_EQ(fits.rows.size(), 48u);
  for (size_t row : rows_with(fits, {{"model", "random"}})) {
    EXPECT_TRUE(close_number(number_at(fits, row, "log_evidence"), -120 * std::log(2), 1e-12));
    EXPECT_TRUE(close_number(number_at(fits, row, "pseudo_r2"), 0, 1e-12, 1));
  }
  const Table stay = read_table(folder / "out/task-social_staySwitch.tsv");
  ASSERT_EQ(stay.rows.size(), 3u);
  for (size_t row : {1, 2}) {  // participants who learn from both repeat successful choices
    EXPECT_GT(number_at(stay, row, "z"), 2);
    EXPECT_TRUE(close_number(number_at(stay, row, "odds_ratio"),
                             std::exp(number_at(stay, row, "estimate")), 1e-12));
  }
}

TEST(Learn, WritesTheSignalsOfEveryRowBesideItsColumns) {
  const TemporaryFolder folder;
  const auto people = write_social_study(folder / "study", 2);
  ASSERT_TRUE(exits_with(run_program(learn(folder, {"--participant-label", "02"})), 0));
  EXPECT_FALSE(std::filesystem::exists(folder / "out/sub-01"));
  const std::string stem = folder / "out/sub-02/func/sub-02_task-social_run-2_desc-signals_events";
  const Table in = read_table(folder / ("study/" + events_path("02", 1)));
  const Table out = read_table(stem + ".tsv");
  ASSERT_EQ(out.rows.size(), in.rows.size());
  ASSERT_EQ(out.names.size(), in.names.size() + 17);
  const Json dictionary = read_json(stem + ".json");
  const std::vector<double> p{dictionary.at("ModelParameters").at("w").get<double>(),
                              dictionary.at("ModelParameters").at("beta").get<double>()};
  const auto signals = trial_signals(*make_learner("hybrid", {}), {}, people[1], p);
  for (const char* name :
       {"outcome_update", "rank_update", "rank_update_unsigned", "outcome_pe", "rank_pe",
        "outcome_kl", "rank_kl", "value_chosen", "value_unchosen", "value_difference"}) {
    ASSERT_GE(out.find(name), 0) << name;
    for (const char* key : {"Description", "Units", "Sign", "Source", "Inferred"})
      EXPECT_TRUE(dictionary.at(name).contains(key)) << name << " " << key;
  }
  int n_hidden = 0, n_shown = 0;
  size_t trial = 59;  // the second run follows the first: beliefs carry over
  for (size_t row = 0; row < out.rows.size(); ++row) {
    for (size_t c = 0; c < in.names.size(); ++c) EXPECT_EQ(out.rows[row][c], in.rows[row][c]);
    const std::string& kind = out.rows[row][2];
    trial += kind == "choice";
    const TrialSignals& s = signals[trial];
    const bool choice = kind == "choice", feedback = kind == "feedback";
    const auto is = [&](const char* column, double expected) {
      return close_number(number_at(out, row, column), expected, 1e-12, 1e-12);
    };
    EXPECT_TRUE(is("value_difference", choice ? s.value_difference : kMissing)) << row;
    EXPECT_TRUE(is("outcome_update", feedback ? s.outcome_update : kMissing)) << row;
    EXPECT_TRUE(is("rank_update", feedback ? s.rank_update : kMissing)) << row;
    EXPECT_TRUE(is("rank_kl", feedback ? s.rank_kl : kMissing)) << row;
    if (!feedback) continue;
    const bool hidden = out.rows[row][size_t(out.find("rank_visible"))] == "0";
    EXPECT_EQ(std::isnan(number_at(out, row, "rank_update_unsigned")), hidden);
    (hidden ? n_hidden : n_shown) += 1;
  }
  EXPECT_GT(n_hidden, 5);
  EXPECT_GT(n_shown, 5);
}

TEST(Learn, IsTheSameForAnyThreadCount) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 5);
  for (const char* n : {"1", "2", "7"})
    ASSERT_TRUE(exits_with(
        run_program({"learn", folder / "study", folder / (std::string("out") + n), "--log-level",
                     "error", "-j", n, "--recover", "5", "--confusion", "4", "--predictive", "7"}),
        0));
  for (const char* other : {"out2", "out7"})
    for (const char* ending : {".tsv", ".png"})
      EXPECT_TRUE(same_files(folder / "out1", folder / other, ending));
}

TEST(Learn, GoesOnWithoutTheParticipantWhoCannotBeRead) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 4);
  write_text(folder / ("study/" + events_path("03", 1)),
             "onset\tduration\ttrial_type\n1\t1\tchoice\n");
  const CommandResult result =
      run_program({"learn", folder / "study", folder / "out", "--log-level", "warning"});
  ASSERT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("sub-03"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("no column 'chosen'"), std::string::npos) << result.err;
  const Table parameters = read_table(folder / "out/task-social_parameters.tsv");
  EXPECT_TRUE(rows_with(parameters, {{"participant_id", "sub-03"}}).empty());
  EXPECT_EQ(rows_with(parameters, {{"participant_id", "sub-04"}}).size(), 4u);
  EXPECT_FALSE(std::filesystem::exists(folder / "out/sub-03"));
  EXPECT_EQ(read_json(folder / "out/task-social_comparison.json").at("ParticipantsLeftOut").size(),
            1u);
}

TEST(Learn, EstimatesGroupPriors) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 8);
  ASSERT_TRUE(
      exits_with(run_program(learn(folder, {"--models", "hybrid", "--group-priors", "eb"})), 0));
  const Json sidecar = read_json(folder / "out/task-social_parameters.json");
  EXPECT_EQ(sidecar.at("GroupPriors"), "eb");
  EXPECT_EQ(sidecar.at("DensitySpace"), "transformed");
  const std::string prior = sidecar.at("Models").at("hybrid").at("beta").at("Prior");
  EXPECT_TRUE(prior.starts_with("normal_transformed(")) << prior;
}

TEST(Learn, WritesEachParticipantsParametersModelsAndSlopes) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 6);
  ASSERT_TRUE(exits_with(
      run_program(learn(folder, {"--models", "rank,hybrid", "--signals-model", "hybrid"})), 0));
  const Table tidy = read_table(folder / "out/task-social_parameters.tsv");
  const Table wide = read_table(folder / "out/task-social_parametersWide.tsv");
  EXPECT_EQ(wide.names, (std::vector<std::string>{"participant_id", "w", "beta"}));
  ASSERT_EQ(wide.rows.size(), 6u);
  for (size_t row = 0; row < 6; ++row)
    for (const char* parameter : {"w", "beta"}) {
      const auto same = rows_with(
          tidy,
          {{"participant_id", wide.rows[row][0]}, {"model", "hybrid"}, {"parameter", parameter}});
      ASSERT_EQ(same.size(), 1u);
      EXPECT_EQ(number_at(tidy, same[0], "estimate"), number_at(wide, row, parameter));
    }
  const Table models = read_table(folder / "out/task-social_modelProbabilities.tsv");
  ASSERT_EQ(models.rows.size(), 12u);
  for (size_t row = 0; row < 12; row += 2)
    EXPECT_TRUE(close_number(
        number_at(models, row, "probability") + number_at(models, row + 1, "probability"), 1,
        1e-12));
  const Table slopes = read_table(folder / "out/task-social_staySwitchSlopes.tsv");
  ASSERT_EQ(slopes.rows.size(), 6u);
  EXPECT_EQ(slopes.names[3], "previous_rank");
  // The group effect is about the mean of the participants'.
  const Table stay = read_table(folder / "out/task-social_staySwitch.tsv");
  for (size_t row = 0; row < 3; ++row) {
    double mean = 0;
    for (size_t i = 0; i < 6; ++i) mean += number_at(slopes, i, stay.rows[row][0]) / 6;
    EXPECT_NEAR(mean, number_at(stay, row, "estimate"),
                0.5 * number_at(stay, row, "standard_error"));
  }
  const Table fits = read_table(folder / "out/task-social_fits.tsv");
  for (size_t row = 0; row < fits.rows.size(); ++row) {
    EXPECT_EQ(fits.rows[row][size_t(fits.find("evidence_method"))], "importance");
    EXPECT_LT(number_at(fits, row, "evidence_error"), 0.0101);
  }
}

TEST(Learn, ParametersAreCovariatesOfRegionValues) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 8);
  ASSERT_TRUE(exits_with(run_program(learn(folder, {"--models", "hybrid"})), 0));
  const std::string wide = folder / "out/task-social_parametersWide.tsv";
  const Table table = read_table(wide);
  std::string values = "participant\troi\tcontrast\tstatistic\tvalue\n";
  for (size_t i = 0; i < table.rows.size(); ++i)  // 3 w + 1, plus a little noise
    values += table.rows[i][0] + "\tstriatum\toutcome\tmean\t" +
              std::to_string(3 * number_at(table, i, "w") + 1 + 1e-3 * double(i % 3)) + "\n";
  write_text(folder / "values.tsv", values);
  const CommandResult result =
      run_program({"roi", "test", folder / "values.tsv", "--test", "regression", "--participants",
                   wide, "--covariates", "w", "beta", "-o", folder / "tests"});
  ASSERT_TRUE(exits_with(result, 0));
  const Table tests = read_table(folder / "tests/roi_tests.tsv");
  EXPECT_GT(number_at(tests, rows_with(tests, {{"term", "w"}}).at(0), "t"), 30);
  EXPECT_LT(std::abs(number_at(tests, rows_with(tests, {{"term", "beta"}}).at(0), "t")), 6);
}

TEST(Learn, InfersModelsAndParametersTogether) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 8);
  ASSERT_TRUE(exits_with(
      run_program(learn(folder, {"--models", "hybrid,random", "--group-priors", "hbi"})), 0));
  const Table groups = read_table(folder / "out/task-social_groupParameters.tsv");
  ASSERT_EQ(groups.rows.size(), 2u);
  EXPECT_EQ(groups.rows[1][1], "beta");
  EXPECT_NEAR(number_at(groups, 1, "median"), 8, 3);
  EXPECT_TRUE(close_number(number_at(groups, 1, "t"),
                           number_at(groups, 1, "mean") / number_at(groups, 1, "mean_error"),
                           1e-9));
  const Table comparison = read_table(folder / "out/task-social_comparison.tsv");
  EXPECT_GT(number_at(comparison, 0, "protected_exceedance_probability"), 0.9);
  EXPECT_TRUE(close_number(number_at(comparison, 0, "alpha") + number_at(comparison, 1, "alpha"),
                           10, 1e-9));
}

TEST(Learn, HoldsStudiesSimulatedByTheModelAgainstTheStudy) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 6);
  ASSERT_TRUE(
      exits_with(run_program(learn(folder, {"--models", "hybrid", "--predictive", "60"})), 0));
  const Table checks = read_table(folder / "out/task-social_predictive.tsv");
  int inside = 0;
  for (size_t row = 0; row < checks.rows.size(); ++row) {
    const double data = number_at(checks, row, "data");
    inside += data >= number_at(checks, row, "low") && data <= number_at(checks, row, "high");
  }
  EXPECT_EQ(rows_with(checks, {{"statistic", "learning_curve_rank"}}).size(), 6u);
  EXPECT_EQ(rows_with(checks, {{"statistic", "stay_switch"}}).size(), 3u);
  EXPECT_GT(inside, int(0.7 * double(checks.rows.size())));  // the model that generated the choices
  EXPECT_TRUE(std::filesystem::exists(folder / "out/task-social_predictive.png"));
}

TEST(Learn, RecoversAtTheFittedValues) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 4);
  ASSERT_TRUE(
      exits_with(run_program(learn(folder, {"--models", "hybrid", "--recover", "6", "--recover-at",
                                            "fitted", "--recover-feedback", "study"})),
                 0));
  const Table truth = read_table(folder / "out/task-social_parameterRecovery.tsv");
  const Table fitted = read_table(folder / "out/task-social_parametersWide.tsv");
  for (int i = 0; i < 6; ++i) {  // the four participants, then the first two again
    const auto row =
        rows_with(truth, {{"simulation", std::to_string(i + 1)}, {"parameter", "w"}})[0];
    EXPECT_EQ(number_at(truth, row, "truth"), number_at(fitted, size_t(i % 4), "w"));
  }
  EXPECT_EQ(read_json(folder / "out/task-social_parameterRecovery.json").at("RecoverFeedback"),
            "study");
}

TEST(Learn, RecoversParametersAndModels) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 6);
  ASSERT_TRUE(exits_with(run_program(learn(folder, {"--recover", "40", "--confusion", "20"})), 0));
  const Table summary = read_table(folder / "out/task-social_parameterRecoverySummary.tsv");
  const auto beta = rows_with(summary, {{"model", "hybrid"}, {"parameter", "beta"}});
  ASSERT_EQ(beta.size(), 1u);
  EXPECT_GT(number_at(summary, beta[0], "correlation"), 0.7);
  EXPECT_EQ(read_table(folder / "out/task-social_parameterRecovery.tsv").rows.size(), 40u * 4);
  const Table confusion = read_table(folder / "out/task-social_modelRecovery.tsv");
  ASSERT_EQ(confusion.rows.size(), 9u);
  double sum = 0;
  for (size_t row : rows_with(confusion, {{"true_model", "rank"}}))
    sum += number_at(confusion, row, "best");
  EXPECT_TRUE(close_number(sum, 1, 1e-12));
  EXPECT_EQ(names_ending_in(folder / "out", ".png").size(), 4u);
}

TEST(Learn, AnalysesRatings) {
  const TemporaryFolder folder;
  const auto people = write_social_study(folder / "study", 6);
  std::filesystem::create_directories(folder / "study/phenotype");
  std::string text = "participant_id\toption\trating\tmean_rank\tp_match\n";
  for (size_t i = 0; i < people.size(); ++i)
    for (int option = 0; option < 8; ++option) {
      const bool better = option % 4 < 2, often = option % 2;
      text +=
          "sub-" + people[i].label + "\tD" + std::to_string(option + 1) + "\t" +
          std::to_string(3 + better * (1 + 0.1 * double(i)) + 0.5 * often + 0.03 * double(i * i)) +
          (better ? "\t3\t" : "\t7\t") + (often ? "0.889\n" : "0.333\n");
    }
  write_text(folder / "study/phenotype/ratings.tsv", text);
  ASSERT_TRUE(exits_with(run_program(learn(folder, {})), 0));
  const Table anova = read_table(folder / "out/task-social_ratings.tsv");
  ASSERT_EQ(anova.rows.size(), 3u);
  EXPECT_TRUE(close_number(number_at(anova, 0, "mean_difference"), 1.25, 1e-6));
  // Differences 1, 1.1, .. 1.5: t = mean / (sd / sqrt 6).
  const double sd = std::sqrt(0.035);
  EXPECT_TRUE(close_number(number_at(anova, 0, "F"), 1.25 * 1.25 * 6 / (sd * sd), 1e-5));
  EXPECT_TRUE(close_number(number_at(anova, 1, "mean_difference"), 0.5, 1e-6));
}

TEST(Learn, ReadsSettings) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 2);
  write_text(
      folder / "settings.json",
      R"({"rank_noise_variance": 4, "priors": {"beta": {"family": "gamma", "shape": 2, "scale": 3}}})");
  ASSERT_TRUE(exits_with(run_program(learn(folder, {"--settings", folder / "settings.json"})), 0));
  const Json sidecar = read_json(folder / "out/task-social_parameters.json");
  EXPECT_EQ(sidecar.at("Settings").at("rank_noise_variance"), 4);
  EXPECT_EQ(sidecar.at("Models").at("rank").at("beta").at("Prior"), "gamma(2, 3)");
}

struct Refusal {
  std::string what;
  int exit_code;
  Words words;
  std::function<Words(const TemporaryFolder&)> prepare;
};
std::ostream& operator<<(std::ostream& out, const Refusal& r) { return out << r.what; }

class LearnRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(LearnRefuses, InOneLine) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 1, 10);
  const Words more = GetParam().prepare(folder);
  EXPECT_TRUE(fails_with(run_program(learn(folder, more)), GetParam().exit_code, GetParam().words));
  EXPECT_TRUE(everything_in(folder / "out").empty());
}

/// Replaces one cell of the first participant's first run.
Words with_edit(const TemporaryFolder& folder, const std::string& from, const std::string& to) {
  const std::string path = folder / ("study/" + events_path("01", 0));
  std::string text = read_bytes(path);
  text.replace(text.find(from), from.size(), to);
  write_text(path, text);
  return {};
}
Words with_json(const TemporaryFolder& folder, const std::string& option, const std::string& text) {
  write_text(folder / "given.json", text);
  return {option, folder / "given.json"};
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, LearnRefuses,
    ::testing::Values(
        Refusal{"unknown model",
                2,
                {"hybird", "hybrid"},
                [](const auto&) {
                  return Words{"--models", "hybird"};
                }},
        Refusal{"model twice",
                2,
                {"rank", "twice"},
                [](const auto&) {
                  return Words{"--models", "rank,rank"};
                }},
        Refusal{"signals of a model not fitted",
                2,
                {"rw", "hybrid"},
                [](const auto&) {
                  return Words{"--signals-model", "rw"};
                }},
        Refusal{"unknown task",
                3,
                {"nosuch", "social"},
                [](const auto&) {
                  return Words{"--task", "nosuch"};
                }},
        Refusal{"unknown participant",
                3,
                {"sub-77"},
                [](const auto&) {
                  return Words{"--participant-label", "77"};
                }},
        Refusal{"two tasks",
                2,
                {"--task", "other, social"},
                [](const auto& folder) {
                  write_text(folder / ("study/" + events_path("01", 0, "other")),
                             "onset\tduration\n");
                  return Words{};
                }},
        Refusal{"no column",
                3,
                {"option_left", "its columns"},
                [](const auto& folder) { return with_edit(folder, "option_left", "opt"); }},
        Refusal{"chosen is not on offer",
                3,
                {"chosen", "line 2", "'X'"},
                [](const auto& folder) {
                  const std::string text = read_bytes(folder / ("study/" + events_path("01", 0)));
                  const size_t cell = text.find("\t0.8");
                  return with_edit(folder, text.substr(cell - 3, 7), "\tX\t0.8");
                }},
        Refusal{
            "outcome of 2",
            3,
            {"outcome", "'2'", "line"},
            [](const auto& folder) { return with_edit(folder, "\t0\t1\tn/a\n", "\t2\t1\tn/a\n"); }},
        Refusal{"signal column taken",
                3,
                {"rank_pe", "rename"},
                [](const auto& folder) { return with_edit(folder, "response_time", "rank_pe"); }},
        Refusal{"unknown setting",
                3,
                {"rank_var", "given.json"},
                [](const auto& folder) {
                  return with_json(folder, "--settings", R"({"rank_var": 1})");
                }},
        Refusal{"variance of 0",
                3,
                {"rank_variance", "above 0"},
                [](const auto& folder) {
                  return with_json(folder, "--settings", R"({"rank_variance": 0})");
                }},
        Refusal{"prior of another range",
                3,
                {"beta", "gamma"},
                [](const auto& folder) {
                  return with_json(folder, "--settings",
                                   R"({"priors": {"beta": {"family": "beta", "a": 2, "b": 2}}})");
                }},
        Refusal{"not JSON",
                3,
                {"given.json", "JSON"},
                [](const auto& folder) { return with_json(folder, "--settings", "{"); }},
        Refusal{
            "unknown quantity in the mapping",
            3,
            {"ranks", "rank_visible"},
            [](const auto& folder) { return with_json(folder, "--columns", R"({"ranks": "r"})"); }},
        Refusal{"mapping without what the model needs",
                3,
                {"hybrid", "rank"},
                [](const auto& folder) {
                  Words words = with_json(folder, "--columns", R"({"rank": null})");
                  words.insert(words.end(), {"--models", "hybrid"});
                  return words;
                }},
        Refusal{"no choices",
                3,
                {"no choice", "pick"},
                [](const auto& folder) {
                  return with_json(folder, "--columns", R"({"choice": "pick"})");
                }},
        Refusal{"unknown evidence",
                2,
                {"--evidence", "laplase", "importance"},
                [](const auto&) {
                  return Words{"--evidence", "laplase"};
                }},
        Refusal{"unknown group priors",
                2,
                {"--group-priors", "hbi"},
                [](const auto&) {
                  return Words{"--group-priors", "hierarchical"};
                }},
        Refusal{"unknown place of recovery",
                2,
                {"--recover-at", "fitted"},
                [](const auto&) {
                  return Words{"--recover-at", "mean"};
                }},
        Refusal{"hierarchical inference of one",
                3,
                {"at least 3"},
                [](const auto&) {
                  return Words{"--group-priors", "hbi"};
                }},
        Refusal{"group priors of one",
                3,
                {"hybrid", "at least 3"},
                [](const auto&) {
                  return Words{"--group-priors", "eb"};
                }}),
    [](const auto& refusal) {
      std::string name = refusal.param.what;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

// ---- tables from elsewhere

constexpr const char* kDoors = R"({
  "choice": ["decision", "decision-missed"], "feedback": ["win", "loss"], "trial": null,
  "option_left": {"constant": "left"}, "option_right": {"constant": "right"}, "chosen": "resp",
  "outcome": {"column": "trial_type", "values": {"win": 1, "loss": 0}}, "rank": null})";

TEST(LearnRealTables, SocialDoors) {
  SOCIOMETER_NEEDS_DATA(data, "events_ds004920");
  const TemporaryFolder folder;
  write_text(folder / "columns.json", kDoors);
  const Words words{"learn",
                    data,
                    folder / "out",
                    "--task",
                    "socialdoors",
                    "--columns",
                    folder / "columns.json",
                    "--models",
                    "outcome,rw-outcome,wsls,random"};
  const CommandResult result = run_program(words);
  // Six files are templates without rows.
  ASSERT_TRUE(exits_with(result, 5));
  EXPECT_EQ(
      read_json(folder / "out/task-socialdoors_comparison.json").at("ParticipantsLeftOut").size(),
      6u);
  const Table fits = read_table(folder / "out/task-socialdoors_fits.tsv");
  EXPECT_EQ(fits.rows.size(), 53u * 4);
  EXPECT_EQ(read_table(folder / "out/task-socialdoors_staySwitch.tsv").rows.size(), 2u);
  // These tables have no ranks, and a model that needs them reports that.
  Words hybrid = words;
  hybrid[8] = "hybrid";
  EXPECT_TRUE(fails_with(run_program(hybrid), 3, {"hybrid", "rank"}));
}

TEST(LearnRealTables, SocialDoorsWithoutAMappingNameWhatTheyLack) {
  SOCIOMETER_NEEDS_DATA(data, "events_ds004920");
  const TemporaryFolder folder;
  EXPECT_TRUE(fails_with(
      run_program({"learn", data, folder / "out", "--task", "socialdoors", "--log-level", "error"}),
      3, {"no column 'chosen'", "--columns"}));
}

TEST(LearnRealTables, Responsibility) {
  SOCIOMETER_NEEDS_DATA(data, "events_ds005588");
  const TemporaryFolder folder;
  write_text(folder / "columns.json", R"({
    "choice": "decision_*_*", "feedback": "outcome_self_*", "trial": null,
    "option_left": {"constant": "safe"}, "option_right": {"constant": "risky"},
    "chosen": {"column": "trial_type", "others": "n/a", "values": {
      "decision_safe_solo": "safe", "decision_safe_social": "safe", "decision_safe_partner": "n/a",
      "decision_risky_solo": "risky", "decision_risky_social": "risky"}},
    "outcome": {"column": "trial_type", "others": "n/a", "values": {
      "outcome_self_pos_solo": 1, "outcome_self_neg_solo": 0,
      "outcome_self_pos_social": 1, "outcome_self_neg_social": 0}},
    "rank": null})");
  ASSERT_TRUE(
      exits_with(run_program({"learn", data, folder / "out", "--columns", folder / "columns.json",
                              "--models", "outcome,random+stick", "--log-level", "error"}),
                 0));
  EXPECT_EQ(read_table(folder / "out/task-respo_fits.tsv").rows.size(), 80u);
}

}  // namespace
}  // namespace sociometer::testing
