#include "cli/options/option_kinds.hpp"

#include <set>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "engine/glm/noise_strategy.hpp"

namespace sociometer::cli {
namespace {

TEST(OptionKinds, NoiseModelsAreThoseOfTheEngine) {
  CLI::App command;
  std::string text;
  const CLI::Option& option = *command.add_option("--noise-model", text);
  describe_options(command);
  const ValueKind kind = value_kind(option);
  std::set<NoiseModel::Kind> offered;
  for (const auto& name : kind.choices) {
    const NoiseModel model = parse_noise_model(name);
    EXPECT_EQ(to_string(model), name);
    offered.insert(model.kind);
  }
  for (const NoiseStrategy* strategy : noise_strategies())
    EXPECT_TRUE(offered.contains(strategy->kind())) << strategy->known_names();
}

}  // namespace
}  // namespace sociometer::cli
