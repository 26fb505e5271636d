#include "io/records/simulation_settings.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

std::string refusal(const std::string& text) {
  try {
    simulation_settings_from_json(Json::parse(text));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(SimulationSettingsJson, ReadsBackWhatItWrites) {
  SimulationSettings settings;
  settings.game.mean_rank = {2, 7}, settings.game.mean_spots = {5, 5};
  settings.game.pairs = OfferedPairs::same_visibility, settings.game.rank_hidden_set = false;
  settings.game.n_ranks = 9;
  settings.timing.between_rounds_s = {1, 1.5};
  settings.noise.ar_coefficient = 0.123456789012345;
  const Json json = to_json(settings);
  EXPECT_EQ(to_json(simulation_settings_from_json(json)), json);
  EXPECT_NE(json, to_json(SimulationSettings{}));
  EXPECT_EQ(json["game"]["pairs"], "same_visibility");
  EXPECT_EQ(json["timing"]["between_rounds_s"], Json::parse("[1.0, 1.5]"));
}

TEST(SimulationSettingsJson, KeepsDefaultsOfWhatIsNotMentioned) {
  const auto settings = simulation_settings_from_json(
      Json::parse(R"({"timing": {"tr_s": 1.5}, "learning": {"rank_mean": 4}})"));
  EXPECT_EQ(settings.timing.tr_s, 1.5);
  EXPECT_EQ(settings.timing.choice_s, TimingSettings{}.choice_s);
}

TEST(SimulationSettingsJson, RefusesByName) {
  const auto names = [](const std::string& text, const std::string& word) {
    const std::string message = refusal(text);
    return message.find(word) != std::string::npos
               ? ::testing::AssertionSuccess()
               : ::testing::AssertionFailure() << text << ": " << message;
  };
  EXPECT_TRUE(names(R"({"time": {}})", "'time'"));
  EXPECT_TRUE(names(R"({"timing": {"tr": 2}})", "'tr'"));
  EXPECT_TRUE(names(R"({"timing": {"tr": 2}})", "tr_s"));
  EXPECT_TRUE(names(R"({"timing": 2})", "an object"));
  EXPECT_TRUE(names(R"([])", "JSON object"));
  EXPECT_TRUE(names(R"({"timing": {"tr_s": "2"}})", "timing.tr_s"));
  EXPECT_TRUE(names(R"({"timing": {"tr_s": -2}})", "timing.tr_s"));
  EXPECT_TRUE(names(R"({"timing": {"between_rounds_s": [2]}})", "[shortest, longest]"));
  EXPECT_TRUE(names(R"({"game": {"n_ranks": 7.5}})", "whole number"));
  EXPECT_TRUE(names(R"({"game": {"rank_hidden_set": 1}})", "true or false"));
  EXPECT_TRUE(names(R"({"game": {"pairs": 1}})", "a text"));
  EXPECT_TRUE(names(R"({"game": {"pairs": "all"}})", "any, same_visibility"));
  EXPECT_TRUE(names(R"({"game": {"mean_rank": 3}})", "list of numbers"));
}

}  // namespace
}  // namespace sociometer
