#include "io/tables/toml_values.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/io/refusal.hpp"

namespace sociometer::testing {
namespace {

using Values = std::vector<std::string>;

TEST(TomlValues, ReadWhatTheSpecificationHas) {
  // Forms from the examples of TOML 1.0.0.
  const auto all = parse_toml(
      "# a comment\r\n"
      "title = \"TOML # not a comment\" # one\n"
      "path = 'C:\\Users\\nodejs'\n"
      "[owner]\n"
      "\"quoted key\" = true\n"
      "flt = -0.01\n"
      "int = +99\n"
      "exp = 6.626e-34\n"
      "special = inf\n"
      "[ roi . test ]\n"
      "list = [ 1, 2,\n  # within\n  3, ]\n"
      "mixed = [\"a,b\", 'x=y', \"\"]\n"
      "empty = []\n"
      "escapes = \"tab\\t quote\\\" \\u00E9\"\n",
      "x.toml");
  ASSERT_EQ(all.size(), 11u);
  EXPECT_EQ(all[0].values, Values{"TOML # not a comment"});
  EXPECT_EQ(all[0].table, "");
  EXPECT_EQ(all[1].values, Values{"C:\\Users\\nodejs"});
  EXPECT_EQ(all[2].key, "quoted key");
  EXPECT_EQ(all[2].table, "owner");
  EXPECT_EQ(all[2].values, Values{"true"});
  EXPECT_EQ(all[3].values, Values{"-0.01"});
  EXPECT_EQ(all[4].values, Values{"+99"});
  EXPECT_EQ(all[5].values, Values{"6.626e-34"});
  EXPECT_EQ(all[6].values, Values{"inf"});
  EXPECT_EQ(all[7].table, "roi.test");
  EXPECT_EQ(all[7].values, (Values{"1", "2", "3"}));
  EXPECT_TRUE(all[7].is_list);
  EXPECT_EQ(all[8].values, (Values{"a,b", "x=y", ""}));
  EXPECT_EQ(all[8].line, 14);
  EXPECT_EQ(all[9].values, Values{});
  EXPECT_EQ(all[10].values, Values{"tab\t quote\" \xc3\xa9"});
}

class BrokenToml : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(BrokenToml, IsRefusedWithTheLine) {
  const auto& [text, word] = GetParam();
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"x.toml", word},
                      [&, &text = text] { parse_toml(text, "x.toml"); }));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BrokenToml,
    ::testing::Values(std::pair{"a", "line 1"}, std::pair{"a = \n", "line 1"},
                      std::pair{"\na = \"open\n", "line 2"}, std::pair{"a = [1, 2", "line 1"},
                      std::pair{"a = [1 2]", "line 1"}, std::pair{"[t\na = 1", "line 1"},
                      std::pair{"[[t]]\n", "list of tables"}, std::pair{"a = {b = 1}", "line 1"},
                      std::pair{"a = word", "word"}, std::pair{"a = 1979-05-27T07:32:00Z", "line"},
                      std::pair{"a = \"\\q\"", "escape"}, std::pair{"a = \"\"\"x\"\"\"", "several"},
                      std::pair{"a = 1 b = 2", "line 1"}, std::pair{"a = 1\na = 2", "twice"},
                      std::pair{"= 1", "key"}, std::pair{"a = \"\\", "line 1"},
                      std::pair{"[", "line 1"}, std::pair{"a = [", "line 1"}));

RC_GTEST_PROP(TomlValues, AreReadBackAsTheyWere, (const Values& given, const std::string& key)) {
  Values values = given;
  for (auto& value : values) std::erase(value, '\0');
  std::string name = key;
  std::erase(name, '\0');
  const std::string text = "[t]\n" + toml_key(name) + " = " + to_toml(values) + "\n";
  const auto all = parse_toml(text, "x");
  RC_ASSERT(all.size() == 1u);
  RC_ASSERT(all[0].key == name);
  RC_ASSERT(all[0].values == values);
}

TEST(TomlValues, KeepNumbersPlainOnlyWhenTheyAreWrittenSo) {
  EXPECT_EQ(to_toml(std::string("0.5")), "0.5");
  EXPECT_EQ(to_toml(std::string("-24")), "-24");
  EXPECT_EQ(to_toml(std::string("true")), "true");
  EXPECT_EQ(to_toml(std::string("01")), "\"01\"");  // a participant's label
  EXPECT_EQ(to_toml(std::string(".5")), "\".5\"");
  EXPECT_EQ(to_toml(std::string("2,3")), "\"2,3\"");
  EXPECT_EQ(to_toml(std::string("")), "\"\"");
}

}  // namespace
}  // namespace sociometer::testing
