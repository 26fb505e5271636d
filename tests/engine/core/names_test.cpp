#include "engine/core/names.hpp"

#include <gtest/gtest.h>

#include "engine/core/joined_words.hpp"

namespace sociometer {
namespace {

enum class Fruit { apple, wild_pear };
constexpr std::array<Name<Fruit>, 2> names_of(std::type_identity<Fruit>) {
  return {{{Fruit::apple, "apple"}, {Fruit::wild_pear, "wild-pear"}}};
}

TEST(Names, GoBothWays) {
  static_assert(Named<Fruit> && !Named<int>);
  EXPECT_EQ(name_of(Fruit::wild_pear), "wild-pear");
  EXPECT_EQ(value_of<Fruit>("apple", "fruit"), Fruit::apple);
}

TEST(Names, OfListsAndOfAllKeepTheirOrder) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(names_of_all(std::vector{Fruit::wild_pear, Fruit::apple}),
            (Words{"wild-pear", "apple"}));
  EXPECT_EQ(names_of_all(std::vector<Fruit>{}), Words{});
  EXPECT_EQ(all_names<Fruit>(), (Words{"apple", "wild-pear"}));
}

TEST(JoinedWords, EndWithAnd) {
  EXPECT_EQ(joined_with_and({}), "");
  EXPECT_EQ(joined_with_and({"a"}), "a");
  EXPECT_EQ(joined_with_and({"a", "b"}), "a and b");
  EXPECT_EQ(joined_with_and({"a", "b", "c"}), "a, b and c");
}

TEST(Names, AnotherWordIsRefusedWithThoseThatAreKnown) {
  try {
    value_of<Fruit>("pear", "fruit");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_STREQ(error.what(), "unknown fruit 'pear'; known: apple, wild-pear");
  }
  EXPECT_THROW(name_of(Fruit(7)), std::logic_error);
}

}  // namespace
}  // namespace sociometer
