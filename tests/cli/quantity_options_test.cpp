#include "cli/options/quantity_options.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace sociometer::cli {
namespace {

struct QuantityOptions : ::testing::Test {
  QuantityOptions() {
    command.add_option("--hrf", text);
    command.add_option("--hrf-grid", text);
    command.add_option("--reference", text);
    command.add_option("--memory", text);
  }
  std::string named(const std::string& message) { return with_options_named(message, command); }

  CLI::App command;
  std::string text;
};

TEST_F(QuantityOptions, StandBehindTheQuantity) {
  EXPECT_EQ(named("the memory limit of 1 MB is below 3 MB"),
            "the memory limit (--memory) of 1 MB is below 3 MB");
}

TEST_F(QuantityOptions, AreThoseThatTheCommandHas) {
  EXPECT_EQ(named("the repetition time is 0 s"), "the repetition time is 0 s");
}

TEST_F(QuantityOptions, AreNamedOnce) {
  EXPECT_EQ(named("the memory limit is too low; raise --memory"),
            "the memory limit is too low; raise --memory");
}

TEST_F(QuantityOptions, OfLongerWordsGoFirst) {
  EXPECT_EQ(named("the HRF grid is empty"), "the HRF grid (--hrf-grid) is empty");
  EXPECT_EQ(named("the HRF is no shape"), "the HRF (--hrf) is no shape");
  EXPECT_EQ(named("the HRF is not of the HRF grid"),
            "the HRF (--hrf) is not of the HRF grid (--hrf-grid)");
}

TEST_F(QuantityOptions, AreOfWholeWords) {
  EXPECT_EQ(named("the referenced file is empty"), "the referenced file is empty");
  EXPECT_EQ(named("column the_reference"), "column the_reference");
  EXPECT_EQ(named("see --hrf-grid; the HRF is no shape"),
            "see --hrf-grid; the HRF (--hrf) is no shape");
}

}  // namespace
}  // namespace sociometer::cli
