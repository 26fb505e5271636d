// Names from files reach messages: none may command a terminal.
#include "engine/core/printable.hpp"

#include <gtest/gtest.h>

namespace sociometer {
namespace {

struct Shown {
  std::string text, expected;
};

TEST(Printable, EscapesWhatATerminalWouldObeyAndNothingElse) {
  const Shown cases[] = {
      {"", ""},
      {"sub-01, 3 < 5 %n {} $(x) `y` \\", "sub-01, 3 < 5 %n {} $(x) `y` \\"},
      {"\xCE\xB2 \xE2\x82\xAC \xF0\x9F\x98\x80", "\xCE\xB2 \xE2\x82\xAC \xF0\x9F\x98\x80"},
      {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
      {"\x1b[2J", "\\x1b[2J"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x7f\x08", "\\x7f\\x08"},
      {"\xC2\x9B"
       "31m",
       "\\xc2\\x9b31m"},  // CSI as one character
      {"\xC2\xA0", "\xC2\xA0"},
      {"\x9b"
       "1m",
       "\\x9b1m"},  // not UTF-8
      {"caf\xE9", "caf\\xe9"},
      {"\xE2\x82", "\\xe2\\x82"},                    // cut
      {"\xC0\x9B", "\\xc0\\x9b"},                    // overlong
      {"\xE0\x80\x9B", "\\xe0\\x80\\x9b"},           // overlong
      {"\xED\xA0\x80", "\\xed\\xa0\\x80"},           // surrogate
      {"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond Unicode
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(printable(text), expected);
}

TEST(Printable, KeepsLineEndsOfTextsOfSeveralLines) {
  EXPECT_EQ(printable("a\nb\x1b\n", LineEnds::kept), "a\nb\\x1b\n");
}

TEST(Printable, NamesTheFirstControlCharacter) {
  EXPECT_EQ(control_character_in("caf\xE9 \xCE\xB2"), "");
  EXPECT_EQ(control_character_in("a\tb\n"), "\\t");
  EXPECT_EQ(control_character_in(std::string("a\0", 2)), "\\x00");
  EXPECT_EQ(control_character_in("\xC2\x85"), "\\xc2\\x85");
}

}  // namespace
}  // namespace sociometer
