#pragma once
#include <string>

#include <gtest/gtest.h>

namespace sociometer::testing {

/// Puts a simulated study with two runs of 30 rounds on the tiny grid into `folder`.
/// It is simulated once for each program and copied from then on: simulating takes longer than what
/// is tested of most studies.
::testing::AssertionResult simulated_study(const std::string& folder, int participants);

}  // namespace sociometer::testing
