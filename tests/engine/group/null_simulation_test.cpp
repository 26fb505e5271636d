// Family-wise error in null studies. SOCIOMETER_NULL_STUDIES of each scheme: few here, many in the
// executable of slow tests.
#include "tests/engine/group/null_simulation.hpp"

#include <gtest/gtest.h>

namespace sociometer::testing {
namespace {

class NullStudies : public ::testing::TestWithParam<size_t> {};

TEST_P(NullStudies, HaveTheFamilyWiseErrorOfTheirLevel) {
  expect_level(null_schemes().at(GetParam()), SOCIOMETER_NULL_STUDIES);
}

INSTANTIATE_TEST_SUITE_P(Schemes, NullStudies, ::testing::Range(size_t(0), null_schemes().size()));

}  // namespace
}  // namespace sociometer::testing
