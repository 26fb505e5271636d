// Choice tables in typical laboratory layouts, small and synthetic.
#include "io/tables/trial_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

using Row = TrialTable::Row;

struct Reading {
  TrialTable table;
  Participant person{"01", {}, {}};
  Warnings warnings;
  std::string chosen() const {
    std::string names;
    for (const auto& trial : person.trials)
      names += (names.empty() ? "" : " ") +
               (trial.chosen < 0 ? "-" : person.options[size_t(trial.chosen)]);
    return names;
  }
};

Reading read(const std::string& text, const std::string& mapping, double n_ranks = 8) {
  const TemporaryFolder folder;
  write_text(folder / "t.tsv", text);
  Reading r;
  r.table = read_trials(folder / "t.tsv", trial_columns_from_json(Json::parse(mapping)), n_ranks, 0,
                        r.person, r.warnings);
  return r;
}

::testing::AssertionResult is_refused(const std::string& text, const std::string& mapping,
                                      const std::vector<std::string>& words) {
  return refuses(ErrorCode::bad_input, words, [&] { read(text, mapping); });
}

constexpr const char* kOneRow = R"({"trial_type": null, "onset": null, "rank": null,
  "options": [{"constant": "1"}, {"constant": "2"}], "chosen": "choice", "outcome": "outcome"})";

TEST(TrialTable, ReadsOneRowPerTrial) {
  const Reading r = read("trial\tchoice\toutcome\n2\t1\t0\n1\t2\t1\n3\tn/a\tn/a\n", kOneRow);
  EXPECT_EQ(r.chosen(), "2 1 -") << "in the order of trial numbers";
  EXPECT_EQ(r.person.trials[0].outcome, 1);
  EXPECT_EQ(r.person.trials[1].outcome, 0);
  EXPECT_EQ(r.table.kind, std::vector<Row>(3, Row::both));
  EXPECT_EQ(r.table.trial, (std::vector<int>{1, 0, 2}));
}

TEST(TrialTable, TakesRowsThatAreBothChoiceAndFeedbackAsWholeTrials) {
  const std::string mapping = R"({"choice": ["trial"], "feedback": ["trial"], "trial": null,
    "option_left": {"constant": "1"}, "option_right": {"constant": "2"}, "chosen": "action",
    "outcome": "outcome", "rank": null})";
  const Reading r = read(
      "onset\tduration\ttrial_type\taction\toutcome\n1\t1\ttrial\t2\t1\n2\t1\tcue\tn/a\tn/a\n3\t1\t"
      "trial\t1\t0\n",
      mapping);
  EXPECT_EQ(r.chosen(), "2 1");
  EXPECT_EQ(r.table.kind, (std::vector<Row>{Row::both, Row::other, Row::both}));
  // Without the column there is one type of events, "trial".
  EXPECT_EQ(read("onset\taction\toutcome\n1\t2\t1\n2\t1\t0\n", mapping).chosen(), "2 1");
}

TEST(TrialTable, ReadsOptionsThatAreCalledAsTheSides) {
  const std::string head = "onset\ttrial_type\toption_left\toption_right\tchosen\tmatch\n";
  const std::string mapping = R"({"rank": null})";
  EXPECT_EQ(
      read(head + "1\tchoice\tright\tleft\tleft\tn/a\n2\tchoice\tleft\tright\tleft\tn/a\n", mapping)
          .chosen(),
      "left left");
  EXPECT_EQ(read(head + "1\tchoice\tA\tB\tright\tn/a\n", mapping).chosen(), "B");
  // An option called left occurs in the table, so "left" could mean either the option or the side.
  EXPECT_TRUE(is_refused(head + "1\tchoice\tleft\tB\tB\tn/a\n2\tchoice\tA\tB\tleft\tn/a\n", mapping,
                         {"line 3", "'left'", "side"}));
}

TEST(TrialTable, ReadsNamesThatAreNumbersOrWordsOfLogic) {
  const std::string head = "choice\toutcome\n";
  EXPECT_EQ(read(head + "1.0\t1\n2.0\t0\n", kOneRow).chosen(), "1 2") << "as pandas writes them";
  const std::string words =
      R"({"trial_type": null, "onset": null, "rank": null, "outcome": "outcome",
    "options": [{"constant": "true"}, {"constant": "false"}], "chosen": "choice"})";
  EXPECT_EQ(read(head + "true\t1\nfalse\t0\n", words).chosen(), "true false");
  EXPECT_TRUE(is_refused(head + "1\t1\n", words, {"line 2", "'1'", "'true', 'false'"}));
}

TEST(TrialTable, NamesThatMeanMissingAreRefusedUnlessRenamed) {
  const std::string text =
      "onset\ttrial_type\toption_left\toption_right\tchosen\tmatch\n1\tchoice\tNan\tBo\tNan\tn/a\n";
  EXPECT_TRUE(is_refused(text, R"({"rank": null})", {"line 2", "option_left", "'Nan'", "values"}));
  const std::string renamed = R"({"column": "C", "values": {"Nan": "Nan_"}, "others": "same"})";
  const auto of = [&](const std::string& c) {
    return std::string(renamed).replace(renamed.find("\"C\""), 3, "\"" + c + "\"");
  };
  EXPECT_EQ(
      read(text, R"({"rank": null, "option_left": )" + of("option_left") + R"(, "option_right": )" +
                     of("option_right") + R"(, "chosen": )" + of("chosen") + "}")
          .chosen(),
      "Nan_");
}

constexpr const char* kRanked = R"({"trial_type": null, "onset": null, "rank_visible": null,
  "options": [{"constant": "1"}, {"constant": "2"}], "chosen": "choice", "outcome": "outcome",
  "rank": RANK})";
std::string with_rank(const std::string& rank) {
  return std::string(kRanked).replace(std::string(kRanked).find("RANK"), 4, rank);
}

TEST(TrialTable, RefusesRanksThatAreNone) {
  for (const char* rank : {"99", "0", "-1", "8.5"}) {
    const std::string text = "choice\toutcome\trank\n1\t1\t3\n2\t0\t" + std::string(rank) + "\n";
    EXPECT_TRUE(is_refused(text, with_rank("\"rank\""),
                           {"line 3", "rank", "'" + std::string(rank) + "'", "1 to 8", "missing"}));
    const Reading r =
        read(text, with_rank(R"({"column": "rank", "missing": ["99", "0", "-1", "8.5"]})"));
    EXPECT_EQ(r.person.trials[0].rank, 3);
    EXPECT_TRUE(std::isnan(r.person.trials[1].rank));
  }
  const std::string text = "choice\toutcome\trank\n1\t1\t3.5\n2\t0\t99.0\n";
  const Reading r =
      read(text, with_rank(R"({"column": "rank", "values": {"99": null}, "others": "same"})"));
  EXPECT_EQ(r.person.trials[0].rank, 3.5) << "a mean of ranks is one";
  EXPECT_TRUE(std::isnan(r.person.trials[1].rank));
  EXPECT_EQ(
      read("choice\toutcome\trank\n1\t1\t12\n", with_rank("\"rank\""), 12).person.trials[0].rank,
      12);
}

TEST(TrialTable, DoesNotReadRanksThatWereHidden) {
  const std::string mapping = R"({"trial_type": null, "onset": null, "chosen": "choice",
    "options": [{"constant": "1"}, {"constant": "2"}], "outcome": "outcome"})";
  const Reading r = read("choice\toutcome\trank\trank_visible\n1\t1\t99\t0\n1\t1\t2\t1\n", mapping);
  EXPECT_TRUE(std::isnan(r.person.trials[0].rank));
  EXPECT_EQ(r.person.trials[1].rank, 2);
  EXPECT_TRUE(is_refused("choice\toutcome\trank\trank_visible\n1\t1\t9\t2\n", mapping,
                         {"rank_visible", "'2'"}));
}

TEST(TrialTable, BringsOutcomesToTheirRange) {
  const auto outcome = [](const std::string& cell, const std::string& source) {
    const std::string mapping =
        R"({"trial_type": null, "onset": null, "rank": null, "chosen": "c",
            "options": [{"constant": "1"}, {"constant": "2"}], "outcome": )" +
        source + "}";
    return read("c\tgain\tloss\n1\t" + cell + "\n", mapping).person.trials[0].outcome;
  };
  const std::string points = R"({"column": "gain", "range": [0, 40]})";
  EXPECT_EQ(outcome("10\t0", points), 0.25);
  EXPECT_EQ(outcome("0.75\t0", "\"gain\""), 0.75);
  EXPECT_EQ(outcome("-1\t0", R"({"column": "gain", "range": [-1, 1]})"), 0);
  EXPECT_EQ(outcome("-1\t0", R"({"column": "gain", "values": {"1": 1, "-1": 0}})"), 0);
  EXPECT_EQ(outcome("50\t-150", R"({"sum": ["gain", "loss"], "range": [-200, 100]})"), 1. / 3);
  EXPECT_TRUE(std::isnan(outcome("50\tn/a", R"({"sum": ["gain", "loss"], "range": [0, 100]})")));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 2", "'41'", "0 to 40"},
                      [&] { outcome("41\t0", points); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 2", "'2'", "range"},
                      [&] { outcome("2\t0", "\"gain\""); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 2", "'0,5'", "comma"},
                      [&] { outcome("0,5\t0", "\"gain\""); }));
}

TEST(TrialTable, ReadsMoreOptionsAndTheirPositions) {
  const std::string mapping = R"({"trial_type": null, "onset": null, "rank": null,
    "options": ["a", "b", "c"], "chosen": {"column": "key", "position": 0, "missing": [-9]},
    "outcome": "outcome"})";
  const Reading r =
      read("a\tb\tc\tkey\toutcome\nX\tY\tZ\t2\t1\nY\tn/a\tX\t0\t0\nX\tY\tZ\t-9\tn/a\n", mapping);
  EXPECT_EQ(r.chosen(), "Z Y -");
  EXPECT_EQ(r.person.trials[0].options, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(r.person.trials[1].options, (std::vector<int>{1, 0})) << "only two were offered";
  EXPECT_TRUE(is_refused("a\tb\tc\tkey\toutcome\nX\tn/a\tZ\t1\t1\n", mapping, {"line 2", "'1'"}));
  EXPECT_TRUE(is_refused("a\tb\tc\tkey\toutcome\nX\tY\tX\t1\t1\n", mapping, {"line 2", "twice"}));
}

TEST(TrialTable, ReadsCounterfactualFeedback) {
  const std::string text = "c\tmine\tother\n1\t1\t0\n2\t0\t1\n1\t1\tn/a\n";
  const Reading one = read(text, R"({"trial_type": null, "onset": null, "rank": null, "chosen": "c",
    "options": [{"constant": "1"}, {"constant": "2"}], "outcome": "mine",
    "unchosen_outcome": "other"})");
  ASSERT_EQ(one.person.trials[0].unchosen.size(), 2u);
  EXPECT_EQ(one.person.trials[0].unchosen[1].outcome, 0);
  EXPECT_EQ(one.person.trials[1].unchosen[0].outcome, 1);
  EXPECT_TRUE(one.person.trials[2].unchosen.empty());
  const Reading many = read("c\tmine\tp\tq\tr\n2\t1\t0\t1\t0.5\n",
                            R"({"trial_type": null, "onset": null, "rank": null, "chosen": "c",
    "options": [{"constant": "1"}, {"constant": "2"}, {"constant": "3"}], "outcome": "mine",
    "unchosen_outcome": ["p", "q", "r"]})");
  EXPECT_EQ(many.person.trials[0].unchosen[0].outcome, 0);
  EXPECT_TRUE(std::isnan(many.person.trials[0].unchosen[1].outcome)) << "that of the chosen one";
  EXPECT_EQ(many.person.trials[0].unchosen[2].outcome, 0.5);
}

TEST(TrialTable, WarnsOfASecondFeedbackRow) {
  const std::string head =
      "onset\ttrial_type\ttrial\toption_left\toption_right\tchosen\trank\tmatch\n";
  const Reading r = read(head +
                             "1\tchoice\t1\tA\tB\tA\tn/a\tn/a\n2\tfeedback\t1\tA\tB\tA\t3\tn/a\n"
                             "3\tfeedback\t1\tA\tB\tA\t5\t1\n",
                         R"({"rank_visible": null})");
  EXPECT_EQ(r.person.trials[0].rank, 3);
  EXPECT_EQ(r.person.trials[0].outcome, 1);
  EXPECT_EQ(r.table.kind, (std::vector<Row>{Row::choice, Row::feedback, Row::other}));
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_NE(r.warnings[0].find("lines 3 and 4"), std::string::npos) << r.warnings[0];
  EXPECT_TRUE(
      is_refused(head + "1\tchoice\t1\tA\tB\tA\tn/a\tn/a\n2\tchoice\t1\tA\tB\tA\tn/a\tn/a\n",
                 R"({"rank_visible": null})", {"line 3", "trial 1", "two choices"}));
}

TEST(TrialColumns, AreUndoneByReading) {
  for (
      const char* text :
      {"{}",
       R"({"trial_type": null, "onset": null, "participant": "subj", "session": null, "run": "block",
            "options": [{"constant": "1"}, {"column": "b", "values": {"x": "y"}, "others": "same"}],
            "chosen": {"column": "c", "position": 1, "missing": [-9]}, "rank": null,
            "outcome": {"sum": ["gain", "loss"], "range": [-1, 1]}, "unchosen_outcome": "o"})",
       R"({"options": ["a", "b", "c"], "unchosen_rank": ["x", "y", "z"]})"}) {
    const Json once = to_json(trial_columns_from_json(Json::parse(text)));
    EXPECT_EQ(to_json(trial_columns_from_json(once)), once) << text;
  }
}

TEST(TrialColumns, RefuseWhatTheyCannotUse) {
  for (const auto& [text, word] : std::vector<std::pair<std::string, std::string>>{
           {R"({"optoins": ["a", "b"]})", "optoins"},
           {R"({"options": ["a"]})", "options"},
           {R"({"options": ["a", null]})", "null"},
           {R"({"options": ["a", "b"], "option_left": "c"})", "option_left"},
           {R"({"rank": {"column": "r", "range": [0, 1]}})", "range"},
           {R"({"outcome": {"column": "r", "range": [1, 1]}})", "range"},
           {R"({"outcome": {"column": "r", "position": 1}})", "position"},
           {R"({"chosen": null})", "chosen"},
           {R"({"options": ["a", "b", "c"], "unchosen_outcome": "o"})", "3 options"}})
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {word}, [&, &text = text] {
      trial_columns_from_json(Json::parse(text));
    })) << text;
}

TEST(PeopleTable, IsSplitByPersonSessionAndRun) {
  const TemporaryFolder folder;
  write_text(folder / "t.csv",
             "who,block,choice\n10,1,a\n2,2,b\n2,10,c\n2,1,d\n10,1,e\nsub-02,1,f\n");
  const Table table = read_table(folder / "t.csv");
  const auto columns =
      trial_columns_from_json(Json::parse(R"({"participant": "who", "run": "block"})"));
  const auto people = people_of(table, columns, {});
  ASSERT_EQ(people.size(), 3u);
  EXPECT_EQ(people[0].label, "02") << "another person than 2";
  EXPECT_EQ(people[1].label, "2");
  ASSERT_EQ(people[1].runs.size(), 3u);
  EXPECT_EQ(people[1].runs[0].rows[0][2], "d");
  EXPECT_EQ(people[1].runs[2].rows[0][2], "c");
  EXPECT_EQ(people[2].runs[0].line_numbers, (std::vector<int>{2, 6}));
  EXPECT_EQ(people_of(table, columns, {"sub-10"}).size(), 1u);
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"participant 7"}, [&] { people_of(table, columns, {"7"}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"participant_id", "who, block"},
                      [&] { people_of(table, {}, {}); }));
}

}  // namespace
}  // namespace sociometer::testing
